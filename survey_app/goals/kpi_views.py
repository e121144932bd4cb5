"""Pages on which KPIs are read, defined and retired."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.comparing import Difference, compare_definitions
from survey_app.goals.defining import definition_of, read_entry, retire, store_kpi
from survey_app.goals.entries import write_text
from survey_app.goals.kpi_forms import KpiForm
from survey_app.goals.kpi_text_forms import KpiTextForm
from survey_app.goals.models import KpiDefinition
from survey_app.goals.pages import form_page, readable, today
from survey_app.goals.queries import (
    all_goals,
    all_sets,
    goal_by_key,
    holding_targets,
    kpi_versions,
    targets_of,
)
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
        in_sets=[one for one in all_sets() if key in dict(one.kpis)],
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
    return _kpi_page(f"Change {present.definition['name']}", form, present)


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


@bp.get("/kpis/<key>/kpi.yaml")
@allow("manager", "analyst")
def download_kpi(key: str) -> Response:
    """A KPI as YAML, in its present version."""
    return Response(
        write_text(kpi_versions(key)[0]),
        mimetype="application/yaml",
        headers={"Content-Disposition": f'attachment; filename="{key}.yaml"'},
    )


@bp.route("/kpis/<key>/yaml", methods=["GET", "POST"])
@allow("manager")
def edit_kpi_text(key: str) -> Any:
    """Change a KPI as YAML, and see what would change."""
    require_company(current_user)
    present = kpi_versions(key)[0]
    form = KpiTextForm(data={"text": write_text(present), "based_on": str(present.version)})
    problems: list[Problem] = []
    differences = None
    if form.validate_on_submit():
        kpi, problems = form.read(key)
        if kpi is not None and form.compare.data:
            differences = _differences(present, {"goal": kpi.goal, **definition_of(kpi)})
        elif kpi is not None:
            stored, problems = store_kpi(kpi, int(form.based_on.data), utc_now())
            if stored is not None:
                return _saved(stored)
    title = f"{present.definition['name']} as YAML"
    return form_page(
        title, form, problems, "goals/kpi_text.html", kpi=present, differences=differences
    )


@bp.get("/kpis/<key>/versions")
@allow("manager", "analyst")
def compare_versions(key: str) -> str:
    """What two versions of a KPI say differently."""
    versions = kpi_versions(key)
    numbered = {version.version: version for version in versions}
    new = numbered.get(request.args.get("new", 0, type=int), versions[0])
    before = versions[min(versions.index(new) + 1, len(versions) - 1)]
    old = numbered.get(request.args.get("old", 0, type=int), before)
    return render_template(
        "goals/versions.html",
        kpi=versions[0],
        versions=versions,
        old=old,
        new=new,
        differences=_differences(old, _said(new)),
    )


def _kpi_page(title: str, form: KpiForm, present: KpiDefinition | None = None) -> Any:
    problems: list[Problem] = []
    differences = None
    if form.validate_on_submit():
        kpi, problems = read_entry(form.entry())
        if kpi is not None and form.compare.data and present is not None:
            differences = _differences(present, {"goal": kpi.goal, **definition_of(kpi)})
        elif kpi is not None:
            stored, problems = store_kpi(kpi, int(form.based_on.data), utc_now())
            if stored is not None:
                return _saved(stored)
    return form_page(
        title, form, problems, "goals/kpi_form.html",
        offered=read_sources().offered(), differences=differences, present=present,
    )  # fmt: skip


def _saved(kpi: KpiDefinition) -> Any:
    flash(f"{kpi.definition['name']} is defined (version {kpi.version}).")
    return redirect(url_for("goals.show_kpi", key=kpi.key))


def _said(kpi: KpiDefinition) -> dict[str, Any]:
    """All that a version says."""
    return {"goal": kpi.goal_key, "retired": kpi.retired, **kpi.definition}


def _differences(kpi: KpiDefinition, after: dict[str, Any]) -> list[Difference]:
    names = {goal.key: goal.name for goal in (*all_goals(), *all_goals(retired=True))}
    return compare_definitions(_said(kpi), after, names)
