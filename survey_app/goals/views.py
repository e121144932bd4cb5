"""Pages on which goals are read and set, and the scorebook comes in and goes out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.db import mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.arranging import (
    add_goal,
    change_goal,
    move_goal,
    remove_goal,
    restore_goal,
)
from survey_app.goals.exchange import export_scorebook, import_scorebook
from survey_app.goals.forms import GoalForm, RulesForm, ScorebookFileForm
from survey_app.goals.pages import form_page, present_settings, readable, today, zone
from survey_app.goals.queries import (
    all_goals,
    all_sets,
    goal_by_key,
    goals_in_order,
    holding_targets,
    measure_names,
    minimum_n,
    present_kpis,
    scope_names,
)
from survey_app.goals.ruling import set_minimum_n
from survey_app.goals.sight import require_company, scopes_in_sight
from survey_app.goals.sources import troubles
from survey_app.goals.words import (
    AGGREGATIONS,
    DIRECTIONS,
    ELASTICITY_SOURCES,
    HORIZONS,
    INTERVALS,
    STATISTICS,
)
from survey_app.web import allow

bp = Blueprint("goals", __name__, url_prefix="/goals")


@bp.context_processor
def _words() -> dict[str, Any]:
    """What all pages of this room say and offer; the views refuse what is not for the user."""
    if not current_user.is_authenticated:
        return {}
    manages = current_user.manages
    seen = scopes_in_sight(current_user)
    return {
        "may_define": manages and seen is None,
        "may_set": manages and (seen is None or bool(seen)),
        "may_download": seen is None,
        "statistics": STATISTICS,
        "directions": DIRECTIONS,
        "horizons": HORIZONS,
        "aggregations": AGGREGATIONS,
        "intervals": INTERVALS,
        "elasticity_sources": ELASTICITY_SOURCES,
        "measures": measure_names(),
        "scope_names": scope_names(),
    }


@bp.get("/")
@allow("manager", "analyst")
def show_goals() -> str:
    """The tree of goals with aim and vision, their KPIs and the targets that hold today."""
    kpis: dict[str, list[Any]] = {}
    present = present_kpis()
    for kpi in present:
        kpis.setdefault(kpi.goal_key, []).append(kpi)
    return render_template(
        "goals/goals.html",
        goals=goals_in_order(),
        kpis=kpis,
        targets=holding_targets(today(), readable()),
        troubles=troubles(present),
        retired=present_kpis(retired=True),
        retired_goals=all_goals(retired=True),
        sets=all_sets(),
        minimum_n=minimum_n(),
    )


@bp.route("/new", methods=["GET", "POST"])
@allow("manager")
def new_goal() -> Any:
    """Add a goal."""
    require_company(current_user)
    form = GoalForm()
    if request.method == "GET":
        form.parent_key.data = request.args.get("parent", "")
    problems: list[Problem] = []
    if form.validate_on_submit():
        goal, problems = add_goal(form.wanted(form.key.data), utc_now())
        if goal is not None:
            flash(f"{goal.name} was added.")
            return redirect(url_for("goals.show_goals"))
    return form_page("What do you want to reach?", form, problems, "goals/goal_form.html")


@bp.route("/<key>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_goal(key: str) -> Any:
    """Change a goal's words, weight or place."""
    require_company(current_user)
    goal = goal_by_key(key)
    form = GoalForm(key, obj=goal, seen=mark_of(goal))
    del form.key
    problems: list[Problem] = []
    if form.validate_on_submit():
        changed, problems = change_goal(goal, form.wanted(key), utc_now(), form.seen.data)
        form.seen.data = mark_of(goal)
        if changed is not None:
            flash(f"{changed.name} was saved.")
            return redirect(url_for("goals.show_goals"))
    return form_page(f"Change {goal.name}", form, problems, "goals/goal_form.html", goal=goal)


@bp.post("/<key>/move")
@allow("manager")
def move(key: str) -> Any:
    """Put a goal before or after the one beside it."""
    require_company(current_user)
    move_goal(goal_by_key(key), request.form.get("direction") == "up", utc_now())
    return redirect(url_for("goals.show_goals", _anchor=f"goal-{key}"))


@bp.post("/<key>/remove")
@allow("manager")
def remove(key: str) -> Any:
    """Delete a goal, or retire it where it was ever measured."""
    require_company(current_user)
    goal = goal_by_key(key)
    name = goal.name
    is_gone, problems = remove_goal(goal, utc_now())
    if problems:
        form = GoalForm(key, obj=goal, seen=mark_of(goal))
        del form.key
        return form_page(f"Change {name}", form, problems, "goals/goal_form.html", goal=goal)
    flash(f"{name} was deleted." if is_gone else f"{name} is retired: runs leave it out.")
    return redirect(url_for("goals.show_goals"))


@bp.post("/<key>/restore")
@allow("manager")
def restore(key: str) -> Any:
    """Take up a retired goal again."""
    require_company(current_user)
    goal = goal_by_key(key)
    restore_goal(goal, utc_now())
    flash(f"{goal.name} is taken up again.")
    return redirect(url_for("goals.show_goals"))


@bp.route("/rules", methods=["GET", "POST"])
@allow("manager")
def edit_rules() -> Any:
    """Set how many people a number must rest on to be told."""
    require_company(current_user)
    form = RulesForm(data={"minimum_n": minimum_n(), "seen": str(minimum_n())})
    problems: list[Problem] = []
    if form.validate_on_submit():
        seen = int(form.seen.data) if form.seen.data.isdecimal() else None
        problems = set_minimum_n(form.minimum_n.data, utc_now(), seen)
        form.seen.data = str(minimum_n())
        if not problems:
            flash(f"Runs from now on withhold what rests on fewer than {minimum_n()} people.")
            return redirect(url_for("goals.show_goals"))
    return form_page("What is too few people to tell?", form, problems)


@bp.route("/import", methods=["GET", "POST"])
@allow("manager")
def import_scorebook_file() -> Any:
    """Take over goals, KPIs, sets and targets from a scorebook."""
    require_company(current_user)
    form = ScorebookFileForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        imported, problems = import_scorebook(form.file.data.read(), utc_now(), zone())
        if imported is not None:
            flash(str(imported))
            return redirect(url_for("goals.show_goals"))
    return form_page("Import a scorebook", form, problems)


@bp.get("/scorebook.yaml")
@allow("manager", "analyst")
def download_scorebook() -> Response:
    """All goals, KPIs, sets and targets as a scorebook."""
    require_company(current_user)
    return Response(
        export_scorebook(present_settings().time_zone),
        mimetype="application/yaml",
        headers={"Content-Disposition": 'attachment; filename="scorebook.yaml"'},
    )
