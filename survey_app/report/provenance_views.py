"""Pages that trace a number to its sources, and that compare two runs."""

from __future__ import annotations

import yaml
from flask import current_app, render_template, request
from flask_login import current_user

from survey_app.domain.problems import Conflict
from survey_app.goals.words import DIRECTIONS, STATISTICS
from survey_app.organisation.sight import sight_of
from survey_app.report.charting import KINDS
from survey_app.report.comparing import compare_runs
from survey_app.report.late_sources import find_late_sources
from survey_app.report.method_words import say_method
from survey_app.report.models import ScoreRun
from survey_app.report.provenance import kind_of, trace
from survey_app.report.queries import recent_runs, results_seen_by, run_by_public_id
from survey_app.report.views import bp
from survey_app.web import allow

SHOWN_AT_ONCE = 200


@bp.get("/runs/<public_id>/kpis/<kpi_id>")
@allow("manager", "analyst", "representative")
def show_provenance(public_id: str, kpi_id: str) -> str:
    """Where a KPI's number of one scope comes from."""
    run = _done(run_by_public_id(public_id))
    sight = results_seen_by(current_user)
    scope = sight.choose(request.args.get("scope", ""))
    zone = current_app.config["SETTINGS"].zone
    # Single answers and visits name people: they are the managers', as everywhere.
    kinds = ("ratings", "durations", "figures") if current_user.manages else ()
    if current_user.has_role("analyst"):
        kinds = ("figures",)
    traced = trace(run, kpi_id, scope, zone, sight_of(current_user), kinds)
    return render_template(
        "report/provenance.html",
        run=run,
        scope=scope,
        sight=sight,
        traced=traced,
        late=find_late_sources(run, zone, scope, [kind_of(traced.line.row)]),
        statistics=STATISTICS,
        chart_kinds=KINDS,
        interval_method=say_method(traced.line.row["ci_method"]),
        directions=DIRECTIONS,
        definition=yaml.safe_dump(dict(traced.definition), sort_keys=False, allow_unicode=True),
    )


@bp.get("/compare")
@allow("manager", "analyst")
def compare() -> str:
    """Two runs side by side: every number that differs, and why."""
    runs = [run for run, _email in recent_runs() if run.state == "done"]
    chosen = request.args.get("first", ""), request.args.get("second", "")
    comparison, shown = None, (None, None)
    if all(chosen):
        first, second = (_done(run_by_public_id(one)) for one in chosen)
        comparison = compare_runs(first, second, results_seen_by(current_user), SHOWN_AT_ONCE)
        shown = first, second
    return render_template(
        "report/compare.html",
        runs=runs,
        first=shown[0],
        second=shown[1],
        comparison=comparison,
    )


def _done(run: ScoreRun) -> ScoreRun:
    if run.state != "done":
        raise Conflict("This run is not done, so it has no numbers yet.")
    return run
