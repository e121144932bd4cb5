"""Visits for machines: timed stage by stage, or imported; seen as on the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import current_app, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from survey_app.accounts.auditing import record
from survey_app.api.paging import Page, PageQuery, page_of, read_page
from survey_app.api.resources import Resources, accept, refuse
from survey_app.db import utc_now
from survey_app.domain.problems import Forbidden, Problem, quoted
from survey_app.organisation.calendars import month_bounds
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.sight import sight_of
from survey_app.visits.importing import Imported, import_visits
from survey_app.visits.models import Process, StageEvent, Visit
from survey_app.visits.queries import process_by_key, seen_by, units_and_people, visit_for
from survey_app.visits.schemas import (
    ImportedVisits,
    ProcessSchema,
    ReachedStage,
    VisitEnd,
    VisitQuery,
    VisitSchema,
    WantedVisit,
    WantedVisits,
)
from survey_app.visits.timing import end_visit, reach_stage, start_visit

resources = Resources("visits", "Timed visits, and the processes that they go through.")
READ, WRITE = "visits:read", "visits:write"


@resources.operation("GET", "/processes", READ, page_of(ProcessSchema), query=PageQuery)
def list_processes(query: dict[str, Any]) -> Page:
    """List processes with their stages."""
    return read_page(select(Process).options(selectinload(Process.stages)), Process.id, query)


@resources.operation("GET", "/visits", READ, page_of(VisitSchema), query=VisitQuery)
def list_visits(query: dict[str, Any]) -> Page:
    """List visits."""
    rows = (
        select(Visit)
        .where(seen_by(current_user))
        .options(
            joinedload(Visit.process),
            joinedload(Visit.unit),
            joinedload(Visit.representative),
            selectinload(Visit.events).joinedload(StageEvent.stage),
        )
    )
    if query["process"]:
        rows = rows.join(Process, Process.id == Visit.process_id)
        rows = rows.where(Process.key == query["process"])
    if query["month"]:
        begins, ends = month_bounds(query["month"], _zone())
        rows = rows.where(Visit.started_at >= begins, Visit.started_at < ends)
    if query["updated_since"]:
        rows = rows.where(Visit.updated_at >= query["updated_since"])
    return read_page(rows, Visit.id, query)


@resources.operation(
    "POST", "/visits", WRITE, VisitSchema, status=201, body=WantedVisit, refusals=[404]
)
def new_visit(body: dict[str, Any]) -> Any:
    """Start a visit."""
    unit, person = _read_who(body["unit"], body["representative"])
    visit = accept(
        start_visit(
            process_by_key(body["process"]),
            unit,
            person,
            body["customer"],
            str(body["id"] or uuid4()),
            body["started_at"],
            utc_now(),
        )
    )
    return visit, url_for("visits_api.show_visit", visit_id=visit.public_id)


@resources.operation("GET", "/visits/<uuid:visit_id>", READ, VisitSchema)
def show_visit(visit_id: UUID) -> Visit:
    """Read a visit."""
    return visit_for(current_user, str(visit_id))


@resources.operation(
    "POST", "/visits/<uuid:visit_id>/stages", WRITE, VisitSchema, body=ReachedStage
)
def tap_stage(body: dict[str, Any], visit_id: UUID) -> Visit:
    """Tell that a visit has reached its next stage; told twice, it has reached it once."""
    visit = visit_for(current_user, str(visit_id))
    stage = next((one for one in visit.process.stages if one.key == body["stage"]), None)
    if stage is None:
        message = f"{visit.process.name} has no stage {quoted(body['stage'])}. Correct the key."
        refuse([Problem("stage", "unknown", message)])
    assert stage is not None
    accept(reach_stage(visit, stage, body["elapsed"], utc_now()))
    return visit


@resources.operation("POST", "/visits/<uuid:visit_id>/end", WRITE, VisitSchema, body=VisitEnd)
def tap_end(body: dict[str, Any], visit_id: UUID) -> Visit:
    """Tell that a visit has ended."""
    visit = visit_for(current_user, str(visit_id))
    return accept(end_visit(visit, body["outcome"], body["elapsed"], utc_now()))


@resources.operation(
    "POST", "/visits/imports", WRITE, ImportedVisits, status=201, body=WantedVisits, refusals=[404]
)
def import_file(body: dict[str, Any]) -> Imported:
    """Import a CSV file of visits: all of its rows, or none."""
    if not current_user.manages:
        raise Forbidden("Files of visits are a manager's to import.")
    process = process_by_key(body["process"])
    data, name, now = body["csv"].encode(), body["filename"], utc_now()
    within = sight_of(current_user)
    done = accept(import_visits(process, data, name, now, _zone(), body["mapping"], within))
    record("visits imported", name, now, batch=done.batch.id, rows=done.batch.row_count)
    return done


def _read_who(unit_key: str, person_key: str | None) -> tuple[Unit, Representative | None]:
    """The unit and the representative, if the user may start visits for them."""
    units, people, anybody = units_and_people(current_user)
    unit = next((one for _depth, one in units if one.key == unit_key), None)
    person = next((one for one in people if one.key == person_key), None)
    problems = []
    if unit is None:
        message = f"You start no visits for a unit with the key {quoted(unit_key)}."
        problems.append(Problem("unit", "unknown", message))
    if person is None and (person_key is not None or not anybody):
        message = (
            f"You start no visits for a representative with the key {quoted(person_key or '')}."
        )
        problems.append(Problem("representative", "unknown", message))
    refuse(problems)
    assert unit is not None
    return unit, person


def _zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.config["SETTINGS"].zone
    return zone
