"""Reading what is known of the facts; loads no engine."""

from __future__ import annotations

import hashlib

from sqlalchemy import exists, func, select

from survey_app.db import db
from survey_app.facts.models import FactMonth


def facts_hash() -> str:
    """SHA-256 over the kind, month and SHA-256 of every file of facts, in order."""
    lines = [
        f"{row.kind} {row.month} {row.sha256}\n" for row in db.session.scalars(select(FactMonth))
    ]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def has_facts() -> bool:
    """Whether there is any file of facts."""
    return bool(db.session.scalar(select(exists().where(FactMonth.row_count > 0))))


def months_with_facts() -> tuple[str, str] | None:
    """The first and the last month ('YYYY-MM') with facts of any kind; None without any."""
    first, last = db.session.execute(
        select(func.min(FactMonth.month), func.max(FactMonth.month)).where(FactMonth.row_count > 0)
    ).one()
    return None if first is None else (first, last)
