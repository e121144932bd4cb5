"""Reading what is known of the facts; loads no engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import exists, func, select

from survey_app.db import db
from survey_app.facts.models import FactMonth


def facts_files() -> list[dict[str, Any]]:
    """Kind, month, SHA-256 and number of rows of every file of facts, in order."""
    found = db.session.scalars(select(FactMonth).order_by(FactMonth.kind, FactMonth.month))
    return [
        {"kind": one.kind, "month": one.month, "sha256": one.sha256, "rows": one.row_count}
        for one in found
    ]


def facts_hash(files: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the kind, month and SHA-256 of these files, in order."""
    lines = [f"{one['kind']} {one['month']} {one['sha256']}\n" for one in files]
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
