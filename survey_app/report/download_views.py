"""Downloads of a run: its scores in four forms, its goals, its definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Response, request, stream_with_context
from flask_login import current_user

from survey_app.domain.problems import Conflict
from survey_app.goals.sight import require_company
from survey_app.report.models import ScoreRun
from survey_app.report.queries import SeenResults, results_seen_by, run_by_public_id
from survey_app.report.score_files import (
    MEDIA_TYPES,
    name_file,
    require_done,
    stream_goals,
    stream_scores,
    tag_file,
)
from survey_app.report.views import bp
from survey_app.web import allow, kept_alive

# The browser asks each time whether its copy is still right; nobody between keeps one.
KEPT = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}

Stream = Callable[[ScoreRun, SeenResults], Iterable[bytes]]


@bp.get("/runs/<public_id>/scores.csv")
@allow("manager", "analyst", "representative")
def download_scores(public_id: str) -> Response:
    """The scored CSV of a run, as far as the user may see it."""
    return _send_scores(public_id, "csv")


@bp.get("/runs/<public_id>/scores.parquet")
@allow("manager", "analyst", "representative")
def download_parquet(public_id: str) -> Response:
    """The same rows as Parquet."""
    return _send_scores(public_id, "parquet")


@bp.get("/runs/<public_id>/scores.xlsx")
@allow("manager", "analyst", "representative")
def download_workbook(public_id: str) -> Response:
    """Scores, goals and definitions as a workbook."""
    return _send_scores(public_id, "xlsx")


@bp.get("/runs/<public_id>/scores.zip")
@allow("manager", "analyst", "representative")
def download_package(public_id: str) -> Response:
    """Scores, goals, definitions and targets as a package that describes itself."""
    return _send_scores(public_id, "zip")


@bp.get("/runs/<public_id>/goals.csv")
@allow("manager", "analyst", "representative")
def download_goals(public_id: str) -> Response:
    """The scores of a run's goals, as far as the user may see them."""

    def stream(run: ScoreRun, sight: SeenResults) -> Iterable[bytes]:
        return stream_goals(run, sight, bom=True)

    return _send(public_id, "goal_scores", "csv", stream)


@bp.get("/runs/<public_id>/scorebook.yaml")
@allow("manager", "analyst")
def download_scorebook(public_id: str) -> Response:
    """The definitions and targets that a run was made with."""
    require_company(current_user)
    run = run_by_public_id(public_id)
    if not run.scorebook:
        raise Conflict("This run has not begun, so its definitions are not pinned yet.")
    headers = _headers(name_file(run, "scorebook", "yaml"))
    return Response(run.scorebook, mimetype="application/yaml", headers=headers)


def _send_scores(public_id: str, format: str) -> Response:
    def stream(run: ScoreRun, sight: SeenResults) -> Iterable[bytes]:
        return stream_scores(run, sight, format, bom=True)

    return _send(public_id, "scores", format, stream)


def _send(public_id: str, what: str, ending: str, stream: Stream) -> Response:
    """Send a file while it is made; nothing is made for who has it, or asks for its head alone."""
    run = run_by_public_id(public_id)
    require_done(run)
    sight = results_seen_by(current_user)
    tag = tag_file(run, sight, f"{what}.{ending}")
    headers = {**KEPT, **_headers(name_file(run, what, ending))}
    if request.if_none_match.contains(tag):
        response = Response(status=304, headers=headers)
    else:
        # An empty iterator, unlike an empty body, says nothing of the length.
        is_head = request.method == "HEAD"
        body = iter(()) if is_head else stream_with_context(kept_alive(stream(run, sight)))
        response = Response(body, mimetype=MEDIA_TYPES[ending], headers=headers)
    response.set_etag(tag)
    return response


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
