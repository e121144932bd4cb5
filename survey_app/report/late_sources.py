"""What came, or was changed, after a run had read its period: reported beside what is closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from survey_app.db import db
from survey_app.facts.models import KINDS
from survey_app.figures.models import Figure, FigureBatch
from survey_app.organisation.calendars import day_begins
from survey_app.report.models import ScoreRun
from survey_app.report.queries import Scope
from survey_app.report.sources import is_of_scope
from survey_app.respond.models import Response
from survey_app.visits.models import Visit

EVERYBODY = Scope("all", "", "")


@dataclass(frozen=True)
class LateSources:
    """How many rows of the record of a period are not in the run as they stand now."""

    responses: int
    visits: int
    figures: int

    def __bool__(self) -> bool:
        return bool(self.responses or self.visits or self.figures)

    def __str__(self) -> str:
        return self.say(1)

    def say(self, least: int) -> str:
        """In words; fewer responses or visits than `least` are not counted, as so few people."""
        parts = [
            f"some {noun}"
            if count < least and noun != "figures"
            else f"{count} {noun if count > 1 else noun.removesuffix('s')}"
            for count, noun in (
                (self.responses, "responses"),
                (self.visits, "visits"),
                (self.figures, "figures"),
            )
            if count
        ]
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def find_late_sources(
    run: ScoreRun, zone: ZoneInfo, scope: Scope = EVERYBODY, kinds: Collection[str] = KINDS
) -> LateSources:
    """What belongs to the run's period and was stored, changed or undone since the run read it.

    Of one scope, and of some kinds of facts, or of all.
    """
    read_at = run.started_at
    if read_at is None:
        return LateSources(0, 0, 0)
    begins, ends = day_begins(run.period_start, zone), day_begins(run.period_end, zone)
    return LateSources(
        _count_responses(begins, ends, read_at, scope) if "ratings" in kinds else 0,
        _count_visits(begins, ends, read_at, scope) if "durations" in kinds else 0,
        _count_figures(run, read_at, scope) if "figures" in kinds else 0,
    )


def _count_responses(begins: datetime, ends: datetime, read_at: datetime, scope: Scope) -> int:
    # Revisions of one response are one response.
    late = (
        select(Response.source, Response.source_id)
        .where(
            Response.submitted_at >= begins,
            Response.submitted_at < ends,
            Response.stored_at >= read_at,
            is_of_scope(Response, scope),
        )
        .distinct()
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(late)) or 0


def _count_visits(begins: datetime, ends: datetime, read_at: datetime, scope: Scope) -> int:
    return (
        db.session.scalar(
            select(func.count(Visit.id)).where(
                Visit.started_at >= begins,
                Visit.started_at < ends,
                Visit.updated_at >= read_at,
                is_of_scope(Visit, scope),
            )
        )
        or 0
    )


def _count_figures(run: ScoreRun, read_at: datetime, scope: Scope) -> int:
    return (
        db.session.scalar(
            select(func.count(Figure.id))
            .join(Figure.batch)
            .where(
                Figure.period_start >= run.period_start,
                Figure.period_start < run.period_end,
                or_(FigureBatch.imported_at >= read_at, FigureBatch.undone_at >= read_at),
                is_of_scope(Figure, scope),
            )
        )
        or 0
    )
