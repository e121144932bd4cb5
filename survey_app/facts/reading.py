"""The rows of facts of one month, streamed from the tables in batches of columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.domain.coding import code_ratings
from survey_app.domain.problems import SoundingsError
from survey_app.domain.questionnaire import Questionnaire
from survey_app.domain.series import FIRST
from survey_app.domain.wire import load_definition
from survey_app.facts.fingerprints import is_newest
from survey_app.figures.queries import current_figures
from survey_app.organisation.calendars import month_bounds, next_month
from survey_app.organisation.models import Representative, Unit
from survey_app.respond.models import Response
from survey_app.visits.models import Process, ProcessStage, StageEvent, Visit

Row: TypeAlias = tuple[Any, ...]
FETCHED_AT_ONCE = 2000
END = "end"


class DefinitionLoader:
    """Published definitions, each read and understood once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[Questionnaire, Mapping[str, int]]] = {}

    def load(self, key: str, number: int) -> tuple[Questionnaire, Mapping[str, int]]:
        """The questionnaire of a published version and the series of its items.

        Raises SoundingsError if it is damaged.
        """
        if (key, number) not in self._known:
            version = db.session.get_one(QuestionnaireVersion, (key, number))
            questionnaire, problems = load_definition(version.definition)
            if questionnaire is None:
                told = "; ".join(str(problem) for problem in problems)
                raise SoundingsError(f"Version {number} of {key} can no longer be read: {told}")
            self._known[key, number] = questionnaire, version.series
        return self._known[key, number]


def read_rows(
    kind: str,
    month: str,
    zone: ZoneInfo,
    definitions: DefinitionLoader,
    dimensions: Sequence[str] = (),
) -> Iterator[Row]:
    """The facts of one kind in one month ('YYYY-MM' in the zone), as tuples in column order.

    Ratings end with the respondent's attributes of these `dimensions`, '' where there is none.
    """
    if kind == "figures":
        first = date.fromisoformat(f"{month}-01")
        return current_figures(first, next_month(first))
    begins, ends = month_bounds(month, zone)
    if kind == "durations":
        return _read_durations(begins, ends)
    return _read_ratings(begins, ends, definitions, dimensions)


def _read_ratings(
    begins: datetime, ends: datetime, definitions: DefinitionLoader, dimensions: Sequence[str]
) -> Iterator[Row]:
    responses = db.session.execute(
        select(
            Response.source,
            Response.source_id,
            Response.questionnaire_key,
            Response.version_number,
            Response.customer,
            Unit.key,
            Representative.key,
            Response.submitted_at,
            Response.answers,
            Response.attributes,
        )
        .outerjoin(Unit, Unit.id == Response.unit_id)
        .outerjoin(Representative, Representative.id == Response.representative_id)
        .where(Response.submitted_at >= begins, Response.submitted_at < ends, is_newest())
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    for source, source_id, key, number, customer, unit, person, moment, answers, told in responses:
        questionnaire, series = definitions.load(key, number)
        sorted_by = [told.get(name, "") for name in dimensions]
        for rating in code_ratings(questionnaire, answers):
            yield (
                key,
                number,
                series.get(rating.question, FIRST),
                rating.question,
                f"{source}/{source_id}",
                customer,
                unit or "",
                person or "",
                moment,
                rating.value,
                rating.missing,
                rating.scale_low,
                rating.scale_high,
                *sorted_by,
            )


def _read_durations(begins: datetime, ends: datetime) -> Iterator[Row]:
    stages: dict[str, list[tuple[int, str]]] = {}
    for process, stage_id, stage in db.session.execute(
        select(Process.key, ProcessStage.id, ProcessStage.key)
        .join(ProcessStage.process)
        .order_by(ProcessStage.position)
    ):
        stages.setdefault(process, []).append((stage_id, stage))
    rows = db.session.execute(
        select(
            Visit.id,
            Visit.public_id,
            Process.key,
            Visit.customer,
            Unit.key,
            Representative.key,
            Visit.started_at,
            Visit.ended_at,
            Visit.outcome,
            Visit.observed_until,
            StageEvent.stage_id,
            StageEvent.at,
        )
        .join(Visit.process)
        .join(Visit.unit)
        .outerjoin(Visit.representative)
        .outerjoin(StageEvent, StageEvent.visit_id == Visit.id)
        .where(Visit.started_at >= begins, Visit.started_at < ends, Visit.void.is_(False))
        .order_by(Visit.id)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    for _visit_id, of_visit in groupby(rows, key=lambda row: row[0]):
        events = list(of_visit)
        _, visit, process, customer, unit, person, started, ended, outcome, until, *_ = events[0]
        for milestone, seconds, event in _milestones(
            stages.get(process, []),
            {stage_id: at for *_rest, stage_id, at in events if stage_id is not None},
            started,
            ended,
            outcome,
            until,
        ):
            yield process, milestone, visit, customer, unit, person or "", started, seconds, event


def _milestones(
    stages: Sequence[tuple[int, str]],
    reached: dict[int, datetime],
    started: datetime,
    ended: datetime | None,
    outcome: str | None,
    until: datetime | None,
) -> Iterable[tuple[str, float | None, str]]:
    """(milestone, seconds from the start, event) for each stage and for the end of one visit.

    A visit that ended before a stage was reached stands in its way for good: the stage's event is
    the visit's outcome. A visit completed without a stage left it out, so there it is `left`. An
    open visit is seen until its cut-off; one still running has no seconds, as they would depend on
    when the facts are made.
    """
    last_seen = ended or until
    seconds = None if last_seen is None else (last_seen - started).total_seconds()
    missed = "open" if outcome is None else "left" if outcome == "completed" else outcome
    for stage_id, stage in stages:
        if stage_id in reached:
            yield stage, (reached[stage_id] - started).total_seconds(), "reached"
        else:
            yield stage, seconds, missed
    yield END, seconds, "reached" if outcome == "completed" else missed
