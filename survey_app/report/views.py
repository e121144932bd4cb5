"""Pages of scorecards, runs and downloads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_login import current_user

from analysis.export import csv_lines
from survey_app.db import utc_now
from survey_app.domain.problems import Conflict, NotFound
from survey_app.facts.queries import months_with_facts
from survey_app.goals.sight import require_company
from survey_app.organisation.queries import sees_company
from survey_app.report.breakdowns import dimensions_of
from survey_app.report.cards import make_scorecard
from survey_app.report.forms import PeriodForm
from survey_app.report.queries import (
    count_rows,
    is_defined,
    newest_runs,
    recent_runs,
    results_seen_by,
    rows_of_scope,
    run_by_public_id,
    stream_rows,
)
from survey_app.report.scoring import request_run
from survey_app.web import allow

bp = Blueprint("report", __name__, url_prefix="/report")

CHUNK = 64 * 1024


@bp.context_processor
def _rights() -> dict[str, bool]:
    """What the pages may offer to this user; the views themselves refuse the rest."""
    if not current_user.is_authenticated:
        return {}
    manages = current_user.manages
    reads = manages or current_user.has_role("analyst")
    # The book has everybody's targets.
    return {"may_score": manages, "may_read_book": reads and sees_company(current_user)}


@bp.get("/")
@allow("manager", "analyst", "representative")
def show_overview() -> str:
    """The scorecard of one scope in one run; without a choice the newest run."""
    runs = newest_runs()
    sight = results_seen_by(current_user)
    if not runs or not sight.scopes:
        return render_template("report/nothing.html", runs=runs, sight=sight, defined=is_defined())
    chosen = request.args.get("run", "")
    run = run_by_public_id(chosen) if chosen else runs[0]
    if run.state != "done":
        raise NotFound("This run has no scorecard. Look at the run itself.")
    scope = sight.choose(request.args.get("scope", ""))
    return render_template(
        "report/overview.html",
        run=run,
        runs=runs if run in runs else [run, *runs],
        scope=scope,
        sight=sight,
        card=make_scorecard(run.card, rows_of_scope(run, scope)),
    )


@bp.get("/runs")
@allow("manager", "analyst", "representative")
def list_runs() -> str:
    """All runs, the latest first."""
    return render_template("report/runs.html", runs=recent_runs(), defined=is_defined())


@bp.route("/runs/new", methods=["GET", "POST"])
@allow("manager")
def new_run() -> Any:
    """Ask for a period to be scored."""
    form = PeriodForm()
    now = utc_now()
    if request.method == "GET":
        form.suggest(now.astimezone(current_app.config["SETTINGS"].zone).date())
    problems = []
    if form.validate_on_submit():
        run, problems = request_run(form.label(), now, form.public_id.data)
        if run is not None:
            return redirect(url_for("report.show_run", public_id=run.public_id))
    page = render_template(
        "report/new_run.html", form=form, problems=problems, months=months_with_facts()
    )
    return page, 422 if problems or form.errors else 200


@bp.get("/runs/<public_id>")
@allow("manager", "analyst", "representative")
def show_run(public_id: str) -> str:
    """How far a run is, and when it is done what it was made from."""
    run = run_by_public_id(public_id)
    return render_template("report/run.html", run=run, counts=count_rows(run))


@bp.get("/runs/<public_id>/scores.csv")
@allow("manager", "analyst", "representative")
def download_scores(public_id: str) -> Response:
    """The scored CSV of a run, as far as the user may see it."""
    run = run_by_public_id(public_id)
    if run.state != "done":
        raise Conflict("This run is not done, so there is nothing to download yet.")
    rows = stream_rows(run.id, results_seen_by(current_user))
    lines = csv_lines(rows, bom=True, dimensions=dimensions_of(run.id))
    name = f"scores_{run.period_label}_{run.public_id[:8]}.csv"
    return Response(
        stream_with_context(_in_chunks(lines)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.get("/runs/<public_id>/scorebook.yaml")
@allow("manager", "analyst")
def download_scorebook(public_id: str) -> Response:
    """The definitions and targets that a run was made with."""
    require_company(current_user)
    run = run_by_public_id(public_id)
    if not run.scorebook:
        raise Conflict("This run has not begun, so its definitions are not pinned yet.")
    name = f"scorebook_{run.period_label}_{run.public_id[:8]}.yaml"
    return Response(
        run.scorebook,
        mimetype="application/yaml",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _in_chunks(lines: Iterator[str]) -> Iterator[bytes]:
    """The lines in pieces worth sending."""
    waiting, size = [], 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()
