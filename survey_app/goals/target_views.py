"""Pages on which targets are set: one by one, in a grid, from a file."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.forms import GridForm, TargetForm, TargetsFileForm
from survey_app.goals.gridding import Terms, lock_grid, pages_of, read_grid, save_grid
from survey_app.goals.models import KpiDefinition
from survey_app.goals.pages import form_page, present_settings, readable, today, zone
from survey_app.goals.queries import holding_targets, kpi_versions, measure_names
from survey_app.goals.sight import scopes_in_sight, units_in_sight
from survey_app.goals.target_files import export_targets, import_targets
from survey_app.goals.targeting import set_target
from survey_app.goals.views import bp
from survey_app.web import allow

VALUE_HINTS = {"share": "Like 80 % or 0.8.", "seconds": "Like 4 d or 2 h 30 min."}


@bp.route("/kpis/<key>/target", methods=["GET", "POST"])
@allow("manager")
def new_target(key: str) -> Any:
    """Set a target of a KPI."""
    kpi = kpi_versions(key)[0]
    within = scopes_in_sight(current_user)
    form = _target_form(kpi)
    problems: list[Problem] = []
    estimate = None
    if form.estimate.data:
        estimate = _estimate(kpi, form)
    elif form.validate_on_submit():
        target, problems = set_target(form.wanted(key), utc_now(), zone(), within)
        if target is not None:
            flash("The target was set.")
            return redirect(url_for("goals.show_kpi", key=key))
    title = f"Which target for {kpi.definition['name']}?"
    return form_page(title, form, problems, "goals/target_form.html", kpi=kpi, estimate=estimate)


@bp.route("/targets", methods=["GET", "POST"])
@allow("manager")
def show_grid() -> Any:
    """The targets of a unit and of all right in it, side by side, to be typed and set together."""
    within, day = scopes_in_sight(current_user), _first_day()
    units = units_in_sight(within)
    unit = request.values.get("unit") or (units[0][1].key if units else "")
    parts = pages_of(unit, within)
    part = min(request.values.get("part", 1, type=int), len(parts))
    form = GridForm(data={"valid_from": day, "source": "agreed"})
    if request.method == "POST":
        lock_grid()
    grid = read_grid(parts[part - 1], day, present_settings().time_zone)
    problems: list[Problem] = []
    if form.validate_on_submit():
        terms = Terms(day, form.valid_to.data, form.source.data, form.note.data or "")
        typed = {name: text for name, text in request.form.items() if name.startswith("t:")}
        count, problems = save_grid(grid, typed, terms, utc_now(), zone(), within)
        if not problems and not any(cell.problems for cell in grid.cells):
            flash(f"Set: {count} {'target' if count == 1 else 'targets'}.")
            return redirect(
                url_for("goals.show_grid", unit=unit, part=part, valid_from=day.isoformat())
            )
    page, _status = form_page(
        "Which targets hold?", form, problems, "goals/grid.html",
        grid=grid, units=units, unit=unit, part=part, parts=parts, day=day,
    )  # fmt: skip
    wrong = problems or form.errors or any(cell.problems for cell in grid.cells)
    return page, 422 if wrong else 200


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


@bp.get("/targets.csv")
@allow("manager", "analyst")
def download_targets() -> Response:
    """All targets that the user may read, as a file that can be imported."""
    return Response(
        export_targets(readable()),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="targets.csv"'},
    )


def _target_form(kpi: KpiDefinition) -> TargetForm:
    """The form; asked for a scope that has a target of its own, filled in with that one."""
    unit = kpi.definition["unit"]
    data = {"valid_from": today().replace(day=1), "scope": request.args.get("scope")}
    form = TargetForm(scopes_in_sight(current_user), unit, measure_names(), data=data)
    form.value.description = VALUE_HINTS.get(unit, f"In {unit}.")
    if request.method == "GET" and data["scope"]:
        for target in holding_targets(today(), readable()).get(kpi.key, []):
            if (target.scope_type, target.scope_key) == form.scope_chosen:
                form.show(target, unit)
    return form


def _estimate(kpi: KpiDefinition, form: TargetForm) -> Any:
    """What past months say about the elasticity; the analysis is loaded when somebody asks."""
    from survey_app.goals.estimating import estimate_from_months

    # Only whose targets somebody sets, and only what there is.
    chosen = (form.scope, form.index_measure)
    if not all(field.validate(form) for field in chosen) or not form.index_measure.data:
        return None
    this_month = today().replace(day=1)
    return estimate_from_months(kpi, form.scope_chosen, form.index_measure.data, this_month)


def _first_day() -> date:
    """The day from which the grid is asked for: the first of this month unless told otherwise."""
    try:
        return date.fromisoformat(request.values.get("valid_from", ""))
    except ValueError:
        return today().replace(day=1)
