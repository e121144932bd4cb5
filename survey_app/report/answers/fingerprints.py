"""What the responses of a version look like, told cheaply. Rows of answers are only ever added."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from survey_app.db import db
from survey_app.organisation.calendars import month_bounds, month_of, next_month
from survey_app.report.answers.copies import as_json
from survey_app.respond.models import Response

# Counted up whenever copies are made in another way, so that all are then made anew.
RECIPE = 1


def take_glance(key: str, number: int, zone: ZoneInfo) -> str:
    """A hash of all responses of a version that costs milliseconds.

    It reads an index and one row. The count and the sum of ids tell of rows that were stored late;
    the moment of the last row tells a restored database from the one that was copied.
    """
    count, total, last = db.session.execute(
        select(func.count(), func.sum(Response.id), func.max(Response.id)).where(
            Response.questionnaire_key == key, Response.version_number == number
        )
    ).one()
    stored_at = db.session.scalar(select(Response.stored_at).where(Response.id == last))
    return _digest(RECIPE, zone.key, count, total and int(total), last, stored_at)


@dataclass(frozen=True)
class Sources:
    """What the responses of one version in one month look like; `revised` if any was changed."""

    fingerprint: str
    revised: bool


def present_months(zone: ZoneInfo) -> Iterator[tuple[str, dict[tuple[str, int], Sources]]]:
    """Each month 'YYYY-MM' with responses: its sources by (questionnaire key, version)."""
    first, last = db.session.execute(
        select(func.min(Response.submitted_at), func.max(Response.submitted_at))
    ).one()
    if first is None:
        return
    day = date.fromisoformat(f"{month_of(first, zone)}-01")
    while (month := day.isoformat()[:7]) <= month_of(last, zone):
        begins, ends = month_bounds(month, zone)
        rows = db.session.execute(
            select(
                Response.questionnaire_key,
                Response.version_number,
                func.count(),
                func.sum(Response.id),
                func.max(Response.id),
                func.max(Response.stored_at),
                func.max(Response.revision),
            )
            .where(Response.submitted_at >= begins, Response.submitted_at < ends)
            .group_by(Response.questionnaire_key, Response.version_number)
        )
        found = {
            (key, number): Sources(
                _digest(RECIPE, zone.key, month, count, int(total), last_id, stored_at),
                revision > 1,
            )
            for key, number, count, total, last_id, stored_at, revision in rows
        }
        if found:
            yield month, found
        day = next_month(day)


def _digest(*seen: int | str | datetime | None) -> str:
    told = [one.isoformat() if isinstance(one, datetime) else one for one in seen]
    return hashlib.sha256(as_json(told).encode()).hexdigest()
