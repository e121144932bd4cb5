"""Pages on which KPI sets are read, changed and taken away."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.db import mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.grouping import delete_set, store_set
from survey_app.goals.models import KpiSet
from survey_app.goals.pages import form_page
from survey_app.goals.queries import all_sets, goals_in_order, present_kpis, set_by_key
from survey_app.goals.set_forms import SetForm
from survey_app.goals.sight import require_company
from survey_app.goals.views import bp
from survey_app.web import allow

WEIGHT = "weight:"


@bp.get("/sets/")
@allow("manager", "analyst")
def show_sets() -> str:
    """Every KPI set: its role, its KPIs, whose it is."""
    require_company(current_user)
    kpis = {kpi.key: kpi for kpi in present_kpis()}
    inside = {key for one in all_sets() for key, _weight in one.kpis}
    return render_template(
        "goals/sets.html",
        sets=all_sets(),
        kpis=kpis,
        outside=[kpi for key, kpi in kpis.items() if key not in inside],
    )


@bp.route("/sets/new", methods=["GET", "POST"])
@allow("manager")
def new_set() -> Any:
    """Add a KPI set."""
    return _set_page("Which KPIs count for whom?", None)


@bp.route("/sets/<key>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_set(key: str) -> Any:
    """Change a KPI set."""
    present = set_by_key(key)
    return _set_page(f"Change {present.name}", present)


@bp.post("/sets/<key>/delete")
@allow("manager")
def remove_set(key: str) -> Any:
    """Take a KPI set away."""
    require_company(current_user)
    present = set_by_key(key)
    name = present.name
    delete_set(present, utc_now())
    flash(f"{name} was taken away. Runs made with it keep it.")
    return redirect(url_for("goals.show_sets"))


def _set_page(title: str, present: KpiSet | None) -> Any:
    require_company(current_user)
    kpis = present_kpis()
    form = SetForm(kpis, seen=mark_of(present)) if present else SetForm(kpis)
    if present:
        del form.key
        if request.method == "GET":
            form.show(present)
    problems: list[Problem] = []
    if form.validate_on_submit():
        typed = {
            name.removeprefix(WEIGHT): text
            for name, text in request.form.items()
            if name.startswith(WEIGHT)
        }
        key = present.key if present else form.key.data
        wanted, problems = form.wanted(key, typed, present)
        if not problems:
            stored, problems = store_set(wanted, present, utc_now(), form.seen.data or None)
            if stored is not None:
                flash(f"{stored.name} was saved.")
                return redirect(url_for("goals.show_sets"))
    goals = [
        (goal, [kpi for kpi in kpis if kpi.goal_key == goal.key]) for _, goal in goals_in_order()
    ]
    return form_page(title, form, problems, "goals/set_form.html", goals=goals, present=present)
