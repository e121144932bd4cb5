"""What the sources of each month look like, told cheaply: a fingerprint changes when they do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from survey_app.db import db
from survey_app.figures.models import Figure, FigureBatch
from survey_app.organisation.calendars import month_bounds, month_of, next_month
from survey_app.respond.models import Response
from survey_app.visits.models import (
    OUTCOMES,
    Process,
    ProcessStage,
    StageEvent,
    Visit,
    VisitCorrection,
)

# Counted up whenever facts are made in another way, so that all months are then made anew.
RECIPE = 3


def present_fingerprints(
    zone: ZoneInfo, dimensions: Sequence[str] = ()
) -> dict[tuple[str, str], str]:
    """The fingerprint of every (kind, month 'YYYY-MM') that has sources, in order.

    `dimensions` are the attributes of respondents that stand beside their ratings.
    """
    return {
        (kind, month): _digest(kind, month, zone.key, seen)
        for kind, found in (
            ("ratings", ((month, (*seen, *dimensions)) for month, seen in _ratings(zone))),
            ("durations", _durations(zone)),
            ("figures", _figures()),
        )
        for month, seen in found
    }


def is_newest() -> ColumnElement[bool]:
    """Whether a response is the newest revision of itself; earlier ones count no longer."""
    later = aliased(Response)
    return ~(
        select(later.id)
        .where(
            later.source == Response.source,
            later.source_id == Response.source_id,
            later.revision > Response.revision,
        )
        .exists()
    )


def _ratings(zone: ZoneInfo) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for month, begins, ends in _months_between(Response.submitted_at, zone):
        seen = db.session.execute(
            select(
                func.count(),
                func.max(Response.id),
                func.sum(Response.id),
                func.sum(Response.revision),
                func.max(Response.stored_at),
            ).where(Response.submitted_at >= begins, Response.submitted_at < ends, is_newest())
        ).one()
        if seen[0]:
            yield month, tuple(seen)


def _durations(zone: ZoneInfo) -> Iterator[tuple[str, tuple[Any, ...]]]:
    stages = db.session.execute(
        select(Process.key, ProcessStage.key)
        .join(ProcessStage.process)
        .order_by(ProcessStage.process_id, ProcessStage.position)
    )
    sequence = "/".join(f"{process}.{stage}" for process, stage in stages)
    for month, begins, ends in _months_between(Visit.started_at, zone):
        within = (Visit.started_at >= begins, Visit.started_at < ends)
        visits = db.session.execute(
            select(
                func.count(),
                func.max(Visit.id),
                func.sum(Visit.id),
                func.max(Visit.updated_at),
                # A change may be stored with an earlier clock than another visit's: count them too.
                func.sum(Visit.batch_id),
                func.count(Visit.ended_at),
                func.count(Visit.observed_until),
                func.count(case((Visit.void, 1))),
                *(func.count(case((Visit.outcome == outcome, 1))) for outcome in OUTCOMES),
            ).where(*within)
        ).one()
        events = db.session.execute(
            select(func.count(), func.max(StageEvent.id), func.sum(StageEvent.id))
            .join(StageEvent.visit)
            .where(*within)
        ).one()
        corrections = db.session.scalar(
            select(func.count())
            .select_from(VisitCorrection)
            .join(VisitCorrection.visit)
            .where(*within)
        )
        if visits[0]:
            yield month, (sequence, *visits, *events, corrections)


def _figures() -> Iterator[tuple[str, tuple[Any, ...]]]:
    rows = db.session.execute(
        select(
            Figure.period_start,
            func.count(),
            func.max(Figure.id),
            func.sum(Figure.id),
            func.max(Figure.batch_id),
        )
        .join(Figure.batch)
        .where(FigureBatch.undone_at.is_(None))
        .group_by(Figure.period_start)
        .order_by(Figure.period_start)
    )
    for period_start, *seen in rows:
        yield period_start.isoformat()[:7], tuple(seen)


def _months_between(
    moment: InstrumentedAttribute[datetime], zone: ZoneInfo
) -> Iterator[tuple[str, datetime, datetime]]:
    """Each month from the first to the last such moment, with its bounds in UTC.

    One narrow query a month uses the index on the moment; grouping by a computed month could not.
    """
    first, last = db.session.execute(select(func.min(moment), func.max(moment))).one()
    if first is None:
        return
    day = date.fromisoformat(f"{month_of(first, zone)}-01")
    while (month := day.isoformat()[:7]) <= month_of(last, zone):
        yield month, *month_bounds(month, zone)
        day = next_month(day)


def _digest(*seen: object) -> str:
    return hashlib.sha256(repr((RECIPE, [str(one) for one in _flat(seen)])).encode()).hexdigest()


def _flat(seen: tuple[object, ...]) -> Iterator[object]:
    for one in seen:
        if isinstance(one, tuple):
            yield from _flat(one)
        else:
            yield one
