"""Reading what charts are made of: exhibits and rows of a run, never more than the user may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from survey_app.db import db
from survey_app.report.models import Exhibit, ScoreRow, ScoreRun
from survey_app.report.queries import Scope, SeenResults
from survey_app.visits.models import Process, ProcessStage


def find_exhibit(run: ScoreRun, kind: str, kpi_id: str, scope: Scope) -> dict[str, Any] | None:
    """One document, or None; whether the scope may be seen is the caller's business."""
    return db.session.scalar(
        select(Exhibit.document).where(
            Exhibit.run_id == run.id,
            Exhibit.kind == kind,
            Exhibit.kpi_id == kpi_id,
            Exhibit.scope_type == scope.type,
            Exhibit.scope_id == scope.id,
        )
    )


def kpis_exhibited(run: ScoreRun, kind: str, scope: Scope | None = None) -> set[str]:
    """The ids of the KPIs that have exhibits of a kind, anywhere or of one scope."""
    wanted = select(Exhibit.kpi_id).where(Exhibit.run_id == run.id, Exhibit.kind == kind)
    if scope is not None:
        wanted = wanted.where(Exhibit.scope_type == scope.type, Exhibit.scope_id == scope.id)
    return set(db.session.scalars(wanted.distinct()))


def names_of_kpis(run: ScoreRun) -> dict[str, str]:
    """The names of a run's KPIs by id, in the run's order."""
    first = (
        select(func.min(ScoreRow.position))
        .where(ScoreRow.run_id == run.id)
        .group_by(ScoreRow.kpi_id)
    )
    documents = db.session.scalars(
        select(ScoreRow.document)
        .where(ScoreRow.run_id == run.id, ScoreRow.position.in_(first))
        .order_by(ScoreRow.position)
    )
    return {one["kpi_id"]: one["kpi_name"] for one in documents}


def windows_of(run: ScoreRun) -> list[str]:
    """The windows that a run has rows of, the period itself first."""
    found = set(
        db.session.scalars(select(ScoreRow.window).where(ScoreRow.run_id == run.id).distinct())
    )
    return sorted(found, key=lambda window: window != "period")


def row_of(run: ScoreRun, kpi_id: str, scope: Scope, window: str) -> dict[str, Any] | None:
    """The scored row of one cell, or None."""
    return db.session.scalar(
        select(ScoreRow.document).where(
            ScoreRow.run_id == run.id,
            ScoreRow.kpi_id == kpi_id,
            ScoreRow.scope_type == scope.type,
            ScoreRow.scope_id == scope.id,
            ScoreRow.window == window,
            ScoreRow.dimension == "",
        )
    )


def rows_of_kpi(
    run: ScoreRun, kpi_id: str, window: str, sight: SeenResults
) -> list[dict[str, Any]]:
    """A KPI's rows of all scopes that can be chosen, in the order in which they are offered."""
    rows = db.session.scalars(
        select(ScoreRow.document).where(
            ScoreRow.run_id == run.id,
            ScoreRow.kpi_id == kpi_id,
            ScoreRow.window == window,
            ScoreRow.dimension == "",
            sight.condition(),
        )
    )
    order = {(scope.type, scope.id): at for at, scope in enumerate(sight.scopes)}
    seen = [row for row in rows if (row["scope_type"], row["scope_id"]) in order]
    return sorted(seen, key=lambda row: order[row["scope_type"], row["scope_id"]])


def rows_of_window(run: ScoreRun, scope: Scope, window: str) -> list[dict[str, Any]]:
    """The rows of one scope in one window, in the run's order."""
    return list(
        db.session.scalars(
            select(ScoreRow.document)
            .where(
                ScoreRow.run_id == run.id,
                ScoreRow.scope_type == scope.type,
                ScoreRow.scope_id == scope.id,
                ScoreRow.window == window,
                ScoreRow.dimension == "",
            )
            .order_by(ScoreRow.position)
        )
    )


def name_of_milestone(process_key: str, milestone: str) -> str:
    """What people call a milestone of a process; its key where it is not there any more."""
    if milestone == "end":
        return "the end"
    name = db.session.scalar(
        select(ProcessStage.name)
        .join(Process, Process.id == ProcessStage.process_id)
        .where(Process.key == process_key, ProcessStage.key == milestone)
    )
    return name or milestone
