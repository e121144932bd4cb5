"""Goals, KPIs and targets for machines: KPIs in versions, targets only ever added."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, url_for
from flask_login import current_user
from sqlalchemy import select, tuple_

from survey_app.api.etags import check_match
from survey_app.api.paging import Page, PageQuery, page_of, read_page
from survey_app.api.resources import Resources, accept, refuse
from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.defining import define_kpi
from survey_app.goals.models import Goal, KpiDefinition, Target
from survey_app.goals.queries import goal_by_key, kpi_versions, present_kpis
from survey_app.goals.schemas import (
    GoalSchema,
    KpiQuery,
    KpiSchema,
    SetTargets,
    TargetQuery,
    TargetSchema,
    WantedKpi,
    WantedTargets,
)
from survey_app.goals.sight import may_read, require_company, scopes_in_sight
from survey_app.goals.targeting import set_targets
from survey_app.goals.wanted import WantedAdjustment, WantedTarget

resources = Resources("goals", "Goals, the KPIs that measure them, and targets.")
READ, WRITE = "goals:read", "goals:write"


@resources.operation("GET", "/goals", READ, page_of(GoalSchema), query=PageQuery)
def list_goals(query: dict[str, Any]) -> Page:
    """List goals."""
    return read_page(select(Goal), Goal.id, query)


@resources.operation("GET", "/goals/<key>", READ, GoalSchema)
def show_goal(key: str) -> Goal:
    """Read a goal."""
    return goal_by_key(key)


@resources.operation("GET", "/kpis", READ, page_of(KpiSchema), query=KpiQuery)
def list_kpis(query: dict[str, Any]) -> Page:
    """List KPIs, each in its present version."""
    present = [kpi.id for kpi in present_kpis(query["retired"])]
    rows = select(KpiDefinition).where(KpiDefinition.id.in_(present))
    return read_page(rows, KpiDefinition.id, query)


@resources.operation("POST", "/kpis", WRITE, KpiSchema, status=201, body=WantedKpi)
def new_kpi(body: dict[str, Any]) -> Any:
    """Define a KPI."""
    require_company(current_user)
    made = accept(define_kpi(body["definition"], 0, utc_now()))
    return made, url_for("goals_api.show_kpi", key=made.key)


@resources.operation("GET", "/kpis/<key>", READ, KpiSchema)
def show_kpi(key: str) -> KpiDefinition:
    """Read the present version of a KPI."""
    return kpi_versions(key)[0]


@resources.operation("PUT", "/kpis/<key>", WRITE, KpiSchema, body=WantedKpi, matched=True)
def change_kpi(body: dict[str, Any], key: str) -> KpiDefinition:
    """Make a new version of a KPI; what says the same as the present one changes nothing."""
    require_company(current_user)
    present = kpi_versions(key)[0]
    check_match(KpiSchema().dump(present))
    entry = body["definition"]
    if entry.get("id") != key:
        message = f"The definition must have the id {key}, as the address does."
        refuse([Problem("definition.id", "other_key", message)])
    return accept(define_kpi(entry, present.version, utc_now()))


@resources.operation("GET", "/kpis/<key>/versions", READ, page_of(KpiSchema), query=PageQuery)
def list_kpi_versions(query: dict[str, Any], key: str) -> Page:
    """List the versions of a KPI."""
    known = [version.id for version in kpi_versions(key)]
    rows = select(KpiDefinition).where(KpiDefinition.id.in_(known))
    return read_page(rows, KpiDefinition.id, query)


@resources.operation("GET", "/targets", READ, page_of(TargetSchema), query=TargetQuery)
def list_targets(query: dict[str, Any]) -> Page:
    """List all targets that were ever set, as far as they may be read."""
    rows = select(Target)
    readable = may_read(scopes_in_sight(current_user))
    if readable is not None:
        rows = rows.where(tuple_(Target.scope_type, Target.scope_key).in_(list(readable)))
    if query["kpi"]:
        rows = rows.where(Target.kpi_key == query["kpi"])
    return read_page(rows, Target.id, query)


@resources.operation("POST", "/targets", WRITE, SetTargets, status=201, body=WantedTargets)
def add_targets(body: dict[str, Any]) -> dict[str, Any]:
    """Set targets; one that holds already is answered as it is."""
    zone: ZoneInfo = current_app.config["SETTINGS"].zone
    targets, problems = set_targets(
        list(_wanted(body["targets"])), utc_now(), zone, scopes_in_sight(current_user)
    )
    refuse(problems)
    return {"targets": targets}


def _wanted(told: Iterable[dict[str, Any]]) -> Iterable[WantedTarget]:
    for number, target in enumerate(told):
        yield WantedTarget(
            kpi_key=target["kpi"],
            scope_type=target["scope_type"],
            scope_key=target["scope"],
            value=target["value"],
            valid_from=target["valid_from"],
            valid_to=target["valid_to"],
            source=target["source"],
            note=target["note"],
            adjustment=WantedAdjustment(**target["adjustment"]) if target["adjustment"] else None,
            place=f"targets.{number}",
        )
