"""The rows of the record behind a scored number: answers, visits or figures, as they stand now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select, true

from survey_app.db import db
from survey_app.facts.fingerprints import is_newest
from survey_app.figures.models import Figure, FigureBatch, Measure
from survey_app.figures.queries import current_ids
from survey_app.organisation.calendars import day_begins
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.queries import below, representative_by_key, root_unit, unit_by_key
from survey_app.organisation.sight import Sight, is_in_sight
from survey_app.report.queries import Scope
from survey_app.respond.models import Response
from survey_app.visits.models import OUTCOMES, Process, Visit

MOST_ROWS = 200
WITHHELD = "(withheld)"


@dataclass(frozen=True)
class SourceRows:
    """The newest rows behind a number, at most MOST_ROWS of `total`.

    `visits` has the public id of each row's visit, where the rows are visits.
    """

    noun: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    visits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reader:
    """Who reads source rows: within which units, and whose names they are not told.

    `withheld` are the scopes (type, key) whose own number is withheld: naming them here would tell
    of so few people.
    """

    within: Sight
    withheld: frozenset[tuple[str, str]]

    def names(self, unit: Unit | None, person: Representative | None) -> tuple[str, str]:
        """The unit and the representative of a row, as the reader may be told."""
        scopes = {
            ("unit", unit.key if unit else ""),
            ("representative", person.key if person else ""),
        }
        if scopes & self.withheld:
            return WITHHELD, WITHHELD
        return unit.name if unit else "–", person.name if person else "–"


def read_source_rows(
    source: dict[str, Any], scope: Scope, start: date, end: date, zone: ZoneInfo, of: Reader
) -> SourceRows:
    """The rows that a KPI's source (as a scorebook has it) asks for, of a scope, in a window."""
    reader: Callable[..., SourceRows]
    if "questionnaire" in source:
        reader = _read_answers
    elif "process" in source:
        reader = _read_visits
    else:
        reader = _read_figures
    return reader(source, scope, start, end, zone, of)


def is_of_scope(table: Any, scope: Scope) -> ColumnElement[bool]:
    """The condition that a row belongs to a scope, as facts are counted."""
    if scope.type == "representative":
        condition: ColumnElement[bool] = (
            table.representative_id == representative_by_key(scope.id).id
        )
        return condition
    if scope.type == "unit":
        unit = unit_by_key(scope.id)
        company = root_unit()
        # What names no unit is the company's all the same.
        if company is not None and unit.id != company.id:
            condition = table.unit_id.in_(below([unit.id]))
            return condition
    return true()


def _read_answers(
    source: dict[str, Any], scope: Scope, start: date, end: date, zone: ZoneInfo, of: Reader
) -> SourceRows:
    asked = [source["question"], *filter(None, [source.get("expected")])]
    conditions = [
        Response.questionnaire_key == source["questionnaire"],
        Response.submitted_at >= day_begins(start, zone),
        Response.submitted_at < day_begins(end, zone),
        is_newest(),
        is_of_scope(Response, scope),
        is_in_sight(Response.unit_id, of.within),
    ]
    if source.get("versions"):
        conditions.append(Response.version_number.in_(source["versions"]))
    found = db.session.execute(
        select(
            Response.submitted_at,
            Response.version_number,
            Unit,
            Representative,
            Response.source,
            Response.answers,
        )
        .outerjoin(Unit, Unit.id == Response.unit_id)
        .outerjoin(Representative, Representative.id == Response.representative_id)
        .where(*conditions)
        .order_by(Response.submitted_at.desc(), Response.id.desc())
        .limit(MOST_ROWS)
    ).all()
    rows = tuple(
        (
            moment,
            version,
            *of.names(unit, person),
            origin,
            *(_written(answers.get(one)) for one in asked),
        )
        for moment, version, unit, person, origin, answers in found
    )
    return SourceRows(
        "responses",
        ("Answered", "Version", "Unit", "Representative", "From", *asked),
        rows,
        _count(select(func.count(Response.id)).where(*conditions)),
    )


def _written(answer: dict[str, Any] | None) -> str:
    """A value, or its missing code in words; '–' where the version does not ask it."""
    if answer is None:
        return "–"
    return str(answer["value"]) if "value" in answer else answer["missing"].replace("_", " ")


def _read_visits(
    source: dict[str, Any], scope: Scope, start: date, end: date, zone: ZoneInfo, of: Reader
) -> SourceRows:
    conditions = [
        Process.key == source["process"],
        Visit.started_at >= day_begins(start, zone),
        Visit.started_at < day_begins(end, zone),
        Visit.void.is_(False),
        is_of_scope(Visit, scope),
        is_in_sight(Visit.unit_id, of.within),
    ]
    found = db.session.execute(
        select(Visit, Unit, Representative)
        .join(Visit.process)
        .join(Unit, Unit.id == Visit.unit_id)
        .outerjoin(Representative, Representative.id == Visit.representative_id)
        .where(*conditions)
        .order_by(Visit.started_at.desc(), Visit.id.desc())
        .limit(MOST_ROWS)
    ).all()
    rows = tuple(
        (
            visit.started_at,
            *of.names(unit, person),
            _milestone(visit, source["milestone"]),
            OUTCOMES.get(visit.outcome or "", "still open"),
            visit.ended_at,
        )
        for visit, unit, person in found
    )
    return SourceRows(
        "visits",
        ("Started", "Unit", "Representative", "Reached", "Outcome", "Ended"),
        rows,
        _count(select(func.count(Visit.id)).join(Visit.process).where(*conditions)),
        # The page of a visit names who made it.
        tuple(
            "" if WITHHELD in of.names(unit, person) else visit.public_id
            for visit, unit, person in found
        ),
    )


def _milestone(visit: Visit, milestone: str) -> datetime | None:
    if milestone == "end":
        return visit.ended_at if visit.outcome == "completed" else None
    return next((event.at for event in visit.events if event.stage.key == milestone), None)


def _read_figures(
    source: dict[str, Any], scope: Scope, start: date, end: date, _zone: ZoneInfo, of: Reader
) -> SourceRows:
    measures = [source[part] for part in ("measure", "numerator", "denominator") if part in source]
    conditions = [
        Measure.key.in_(measures),
        Figure.id.in_(current_ids(start, end)),
        is_of_scope(Figure, scope),
        is_in_sight(Figure.unit_id, of.within),
    ]

    def joined(query: Select[Any]) -> Select[Any]:
        return query.join(Figure.measure).join(Figure.batch).where(*conditions)

    found = db.session.execute(
        joined(
            select(
                Figure.period_start,
                Measure.name,
                Unit.name,
                Representative.name,
                Figure.value,
                FigureBatch.filename,
                Figure.row_number,
            )
            .select_from(Figure)
            .join(Unit, Unit.id == Figure.unit_id)
            .outerjoin(Representative, Representative.id == Figure.representative_id)
        )
        .order_by(Figure.period_start.desc(), Measure.key, Figure.id)
        .limit(MOST_ROWS)
    ).all()
    rows = tuple((month.isoformat()[:7], *rest) for month, *rest in found)
    return SourceRows(
        "figures",
        ("Month", "Measure", "Unit", "Representative", "Value", "File", "Row"),
        rows,
        _count(joined(select(func.count(Figure.id)).select_from(Figure))),
    )


def _count(query: Select[Any]) -> int:
    return int(db.session.scalar(query) or 0)
