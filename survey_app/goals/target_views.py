"""Pages on which targets are set."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.forms import TargetForm, TargetsFileForm
from survey_app.goals.pages import form_page, today, zone
from survey_app.goals.queries import kpi_versions, measure_names
from survey_app.goals.sight import scopes_in_sight
from survey_app.goals.target_files import import_targets
from survey_app.goals.targeting import set_target
from survey_app.goals.views import bp
from survey_app.web import allow


@bp.route("/kpis/<key>/target", methods=["GET", "POST"])
@allow("manager")
def new_target(key: str) -> Any:
    """Set a target of a KPI."""
    kpi = kpi_versions(key)[0]
    unit = kpi.definition["unit"]
    within = scopes_in_sight(current_user)
    form = TargetForm(within, unit, measure_names(), data={"valid_from": today().replace(day=1)})
    problems: list[Problem] = []
    if form.validate_on_submit():
        target, problems = set_target(form.wanted(key), utc_now(), zone(), within)
        if target is not None:
            flash("The target was set.")
            return redirect(url_for("goals.show_kpi", key=key))
    hints = {"share": "Like 80 % or 0.8.", "seconds": "Like 4 d or 2 h 30 min."}
    form.value.description = hints.get(unit, f"In {unit}.")
    return form_page(f"Which target for {kpi.definition['name']}?", form, problems)


@bp.route("/targets/import", methods=["GET", "POST"])
@allow("manager")
def import_targets_file() -> Any:
    """Set the targets of a CSV file."""
    form = TargetsFileForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        targets, problems = import_targets(
            form.file.data.read(), utc_now(), zone(), scopes_in_sight(current_user)
        )
        if not problems:
            flash(f"The file's targets hold now: {len(targets)}.")
            return redirect(url_for("goals.show_goals"))
    return form_page("Import targets", form, problems)
