"""The page that shows a KPI of a run by the values of a dimension."""

from __future__ import annotations

from flask import render_template, request
from flask_login import current_user

from survey_app.domain.problems import NotFound
from survey_app.report.breakdowns import (
    breakdowns_of,
    choose_breakdown,
    scopes_broken_down,
    tables_of,
)
from survey_app.report.queries import SeenResults, results_seen_by, run_by_public_id
from survey_app.report.views import bp
from survey_app.web import allow


@bp.get("/runs/<public_id>/dimensions")
@allow("manager", "analyst", "representative")
def show_dimensions(public_id: str) -> str:
    """One KPI in one scope by one dimension: `?scope=unit:leasing&kpi=welcome&dimension=region`."""
    run = run_by_public_id(public_id)
    if run.state != "done":
        raise NotFound("This run has no results. Look at the run itself.")
    sight = results_seen_by(current_user)
    sight = SeenResults(sight.everything, tuple(scopes_broken_down(sight)))
    offered = breakdowns_of(run, sight)
    if not offered:
        return render_template("report/no_dimensions.html", run=run)
    asked = request.args
    chosen = choose_breakdown(offered, asked.get("kpi", ""), asked.get("dimension", ""))
    scope = sight.choose(asked.get("scope", ""))
    tables = tables_of(run, scope, chosen)
    told = {"run": run, "sight": sight, "offered": offered, "chosen": chosen, "scope": scope}
    return render_template("report/dimensions.html", tables=tables, **told)
