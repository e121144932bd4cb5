"""Pages of scorecards, runs and downloads."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import NotFound
from survey_app.facts.queries import months_with_facts
from survey_app.organisation.queries import sees_company
from survey_app.report.alerts.queries import count_open
from survey_app.report.breakdowns import dimensions_of
from survey_app.report.cards import make_scorecard
from survey_app.report.forms import PeriodForm
from survey_app.report.late_sources import find_late_sources
from survey_app.report.queries import (
    closed_run_ids,
    closing_of,
    closings_of,
    count_rows,
    goals_of_scope,
    is_defined,
    newest_runs,
    recent_runs,
    results_seen_by,
    rows_of_scope,
    run_by_public_id,
    run_to_begin_with,
)
from survey_app.report.run_card import card_of
from survey_app.report.scoring import request_run
from survey_app.web import allow

bp = Blueprint("report", __name__, url_prefix="/report")


@bp.context_processor
def _rights() -> dict[str, bool]:
    """What the pages may offer to this user; the views themselves refuse the rest."""
    if not current_user.is_authenticated:
        return {}
    manages = current_user.manages
    reads = manages or current_user.has_role("analyst")
    # The book has everybody's targets.
    whole = sees_company(current_user)
    return {
        "may_score": manages,
        "may_close": manages and whole,
        "may_read_book": reads and whole,
        "may_compare": reads,
    }


@bp.get("/")
@allow("manager", "analyst", "representative")
def show_overview() -> str:
    """The scorecard of one scope in one run; without a choice the last period that is over."""
    runs = newest_runs()
    sight = results_seen_by(current_user)
    if not runs or not sight.scopes:
        return render_template("report/nothing.html", runs=runs, sight=sight, defined=is_defined())
    chosen = request.args.get("run", "")
    run = run_by_public_id(chosen) if chosen else run_to_begin_with(runs, utc_now().date())
    if run.state != "done":
        raise NotFound("This run has no scorecard. Look at the run itself.")
    scope = sight.choose(request.args.get("scope", ""))
    return render_template(
        "report/overview.html",
        run=run,
        runs=runs if run in runs else [run, *runs],
        scope=scope,
        sight=sight,
        closing=closing_of(run),
        dimensions=dimensions_of(run.id),
        open_alerts=count_open(sight),
        card=make_scorecard(card_of(run), rows_of_scope(run, scope), goals_of_scope(run, scope)),
    )


@bp.get("/runs")
@allow("manager", "analyst", "representative")
def list_runs() -> str:
    """All runs, the latest first."""
    return render_template(
        "report/runs.html", runs=recent_runs(), closed=closed_run_ids(), defined=is_defined()
    )


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
    zone = current_app.config["SETTINGS"].zone
    return render_template(
        "report/run.html",
        run=run,
        counts=count_rows(run),
        closing=closing_of(run),
        closings=closings_of(run.period_label),
        late=find_late_sources(run, zone),
        is_over=utc_now().astimezone(zone).date() >= run.period_end,
    )
