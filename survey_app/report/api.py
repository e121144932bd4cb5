"""Runs and scores for machines, as far as the token's user may see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, stream_with_context, url_for
from flask_login import current_user
from sqlalchemy import select

from survey_app.api.paging import Page, PageQuery, page_of, read_page
from survey_app.api.resources import Resources, accept
from survey_app.db import utc_now
from survey_app.domain.problems import Conflict, NotFound
from survey_app.goals.sight import require_company
from survey_app.report.closing import close_period, reopen_period
from survey_app.report.models import GoalRow, PeriodClosing, ScoreRow, ScoreRun
from survey_app.report.queries import closing_of, results_seen_by, run_by_public_id
from survey_app.report.schemas import (
    ClosingSchema,
    GoalRowPage,
    GoalRowQuery,
    RunSchema,
    ScorePage,
    ScoreQuery,
    WantedClosing,
    WantedReopening,
    WantedRun,
)
from survey_app.report.score_files import stream_scores
from survey_app.report.scoring import request_run
from survey_app.web import kept_alive

resources = Resources("scores", "Runs, and what they scored.")
READ, WRITE = "scores:read", "scores:write"


@resources.operation("GET", "/runs", READ, page_of(RunSchema), query=PageQuery)
def list_runs(query: dict[str, Any]) -> Page:
    """List runs, the newest first."""
    return read_page(select(ScoreRun), ScoreRun.id, query, newest_first=True)


@resources.operation("POST", "/runs", WRITE, RunSchema, status=201, body=WantedRun)
def new_run(body: dict[str, Any]) -> Any:
    """Ask for a period to be scored; the run's state tells how far it is."""
    made = accept(request_run(body["period"], utc_now()))
    return made, url_for("scores_api.show_run", run_id=made.public_id)


@resources.operation("GET", "/runs/<uuid:run_id>", READ, RunSchema)
def show_run(run_id: UUID) -> ScoreRun:
    """Read a run."""
    return run_by_public_id(str(run_id))


@resources.operation(
    "POST", "/runs/<uuid:run_id>/closing", WRITE, ClosingSchema, status=201, body=WantedClosing
)
def close(body: dict[str, Any], run_id: UUID) -> PeriodClosing:
    """Close the run's period with this run: its numbers are then the ones that count."""
    require_company(current_user)
    run = run_by_public_id(str(run_id))
    zone = current_app.config["SETTINGS"].zone
    return accept(close_period(run, body["note"], utc_now(), zone))


@resources.operation(
    "POST", "/runs/<uuid:run_id>/reopening", WRITE, ClosingSchema, body=WantedReopening
)
def reopen(body: dict[str, Any], run_id: UUID) -> PeriodClosing:
    """Reopen the period that was closed with this run; the reason stays on record."""
    require_company(current_user)
    closing = closing_of(run_by_public_id(str(run_id)))
    if closing is None or closing.run.public_id != str(run_id):
        raise NotFound("The period is not closed with this run.")
    return accept(reopen_period(closing, body["reason"], utc_now()))


@resources.operation(
    "GET",
    "/runs/<uuid:run_id>/scorebook",
    READ,
    {"type": "object"},
    media="application/yaml",
    refusals=[409],
)
def show_scorebook(run_id: UUID) -> Response:
    """Read the definitions and targets that a run was made with."""
    require_company(current_user)
    run = run_by_public_id(str(run_id))
    if not run.scorebook:
        raise Conflict("This run has not begun, so its definitions are not pinned yet.")
    return Response(run.scorebook, mimetype="application/yaml")


@resources.operation(
    "GET", "/runs/<uuid:run_id>/scores", READ, ScorePage, query=ScoreQuery, refusals=[409]
)
def list_scores(query: dict[str, Any], run_id: UUID) -> Page:
    """List what a run scored: one row for each KPI, scope and window, or for each value too."""
    run, sight = _finished(run_id), results_seen_by(current_user)
    rows = select(ScoreRow.document).where(
        ScoreRow.run_id == run.id, ScoreRow.dimension == query["dimension"], sight.condition()
    )
    if query["kpi"]:
        rows = rows.where(ScoreRow.kpi_id == query["kpi"])
    return read_page(_of_scope(rows, ScoreRow, query), ScoreRow.position, query)


@resources.operation(
    "GET",
    "/runs/<uuid:run_id>/scores.csv",
    READ,
    {"type": "string"},
    media="text/csv",
    refusals=[409],
)
def download_scores(run_id: UUID) -> Response:
    """Download what a run scored as CSV (UTF-8, without a byte order mark)."""
    pieces = stream_scores(_finished(run_id), results_seen_by(current_user), "csv")
    return Response(stream_with_context(kept_alive(pieces)), mimetype="text/csv")


@resources.operation(
    "GET", "/runs/<uuid:run_id>/goals", READ, GoalRowPage, query=GoalRowQuery, refusals=[409]
)
def list_goal_rows(query: dict[str, Any], run_id: UUID) -> Page:
    """List how goals stand in a run: one row for each goal, scope and window."""
    run, sight = _finished(run_id), results_seen_by(current_user)
    rows = select(GoalRow.document).where(GoalRow.run_id == run.id, sight.condition(GoalRow))
    if query["goal"]:
        rows = rows.where(GoalRow.goal_id == query["goal"])
    return read_page(_of_scope(rows, GoalRow, query), GoalRow.position, query)


def _finished(run_id: UUID) -> ScoreRun:
    run = run_by_public_id(str(run_id))
    if run.state != "done":
        raise Conflict("This run is not done, so it has no rows yet. Read its state first.")
    return run


def _of_scope(rows: Any, table: type[ScoreRow] | type[GoalRow], query: dict[str, Any]) -> Any:
    if query["scope_type"]:
        rows = rows.where(table.scope_type == query["scope_type"])
    return rows.where(table.scope_id == query["scope"]) if query["scope"] else rows
