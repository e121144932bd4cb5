"""Pages on which KPIs are read, defined and retired."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.defining import define_kpi, retire
from survey_app.goals.kpi_forms import KpiForm
from survey_app.goals.pages import form_page, readable, today
from survey_app.goals.queries import goal_by_key, holding_targets, kpi_versions, targets_of
from survey_app.goals.sight import require_company
from survey_app.goals.sources import read_sources, troubles
from survey_app.goals.views import bp
from survey_app.web import allow


@bp.get("/kpis/<key>")
@allow("manager", "analyst")
def show_kpi(key: str) -> str:
    """A KPI: its definition, the targets that hold, and the history of both."""
    versions = kpi_versions(key)
    seen = readable()
    return render_template(
        "goals/kpi.html",
        kpi=versions[0],
        goal=goal_by_key(versions[0].goal_key),
        versions=versions,
        trouble=troubles(versions[:1]).get(key),
        holding=holding_targets(today(), seen).get(key, []),
        history=targets_of(key, seen),
    )


@bp.route("/kpis/new", methods=["GET", "POST"])
@allow("manager")
def new_kpi() -> Any:
    """Define a KPI."""
    require_company(current_user)
    form = KpiForm()
    if request.method == "GET":
        form.goal.data = request.args.get("goal")
    return _kpi_page("How is the goal measured?", form)


@bp.route("/kpis/<key>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_kpi(key: str) -> Any:
    """Make a new version of a KPI."""
    require_company(current_user)
    present = kpi_versions(key)[0]
    form = KpiForm()
    if request.method == "GET":
        form.show(present)
    form.id.data = key
    return _kpi_page(f"Change {present.definition['name']}", form)


@bp.post("/kpis/<key>/retire")
@allow("manager")
def retire_kpi(key: str) -> Any:
    """Score a KPI no more; its versions and past scores stay."""
    require_company(current_user)
    kpi = retire(kpi_versions(key)[0], utc_now())
    if kpi.retired:
        flash(f"{kpi.definition['name']} is retired: runs from now on leave it out.")
    else:
        flash("Somebody else has changed the KPI just now, so it is not retired. Look at it again.")
    return redirect(url_for("goals.show_kpi", key=key))


def _kpi_page(title: str, form: KpiForm) -> Any:
    problems: list[Problem] = []
    if form.validate_on_submit():
        kpi, problems = define_kpi(form.entry(), int(form.based_on.data), utc_now())
        if kpi is not None:
            flash(f"{kpi.definition['name']} is defined (version {kpi.version}).")
            return redirect(url_for("goals.show_kpi", key=kpi.key))
    offered = read_sources().offered()
    return form_page(title, form, problems, "goals/kpi_form.html", offered=offered)
