"""The page that sets units, or representatives, side by side."""

from __future__ import annotations

from flask import render_template, request
from flask_login import current_user

from analysis.periods import WindowType
from survey_app.db import utc_now
from survey_app.domain.problems import NotFound
from survey_app.report.matrix import make_matrix, scopes_within
from survey_app.report.queries import (
    newest_runs,
    results_seen_by,
    run_by_public_id,
    run_to_begin_with,
)
from survey_app.report.views import bp
from survey_app.report.wording import WINDOWS
from survey_app.web import allow


@bp.get("/side-by-side")
@allow("manager", "analyst")
def show_side_by_side() -> str:
    """Every KPI by unit, or by the representatives of a unit."""
    runs = newest_runs()
    sight = results_seen_by(current_user)
    chosen = request.args.get("run", "")
    if not runs and not chosen:
        return render_template("report/side_by_side.html", runs=runs, matrix=None, sight=sight)
    run = run_by_public_id(chosen) if chosen else run_to_begin_with(runs, utc_now().date())
    if run.state != "done":
        raise NotFound("This run has no scorecard. Look at the run itself.")
    people = request.args.get("who", "") == "people"
    unit_key = request.args.get("unit", "")
    if unit_key:
        sight.choose(f"unit:{unit_key}")
    window = request.args.get("window", "")
    window = window if window in WINDOWS else WindowType.PERIOD.value
    return render_template(
        "report/side_by_side.html",
        run=run,
        runs=runs if run in runs else [run, *runs],
        sight=sight,
        people=people,
        unit_key=unit_key,
        window=window,
        windows=WINDOWS,
        matrix=make_matrix(run, scopes_within(sight, unit_key, people), window),
    )
