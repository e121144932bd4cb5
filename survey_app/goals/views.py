"""Pages on which goals, KPIs and targets are read and set."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from flask_wtf import FlaskForm

from analysis.definitions import Goal as WantedGoal
from survey_app.config import Settings
from survey_app.db import mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.defining import add_goal, change_goal, define_kpi, retire
from survey_app.goals.exchange import export_scorebook, import_scorebook
from survey_app.goals.forms import (
    DIRECTIONS,
    STATISTICS,
    GoalForm,
    KpiForm,
    ScorebookFileForm,
    TargetForm,
    TargetsFileForm,
)
from survey_app.goals.queries import (
    all_goals,
    goal_by_key,
    holding_targets,
    kpi_versions,
    present_kpis,
    scope_names,
    targets_of,
)
from survey_app.goals.sight import Scopes, may_read, require_company, scopes_in_sight
from survey_app.goals.sources import read_sources, troubles
from survey_app.goals.targeting import WantedTarget, import_targets, set_target
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
        "scope_names": scope_names(),
    }


@bp.get("/")
@allow("manager", "analyst")
def show_goals() -> str:
    """Every goal with its aim and vision, its KPIs and the targets that hold today."""
    kpis: dict[str, list[Any]] = {}
    present = present_kpis()
    for kpi in present:
        kpis.setdefault(kpi.goal_key, []).append(kpi)
    today = utc_now().astimezone(_zone()).date()
    return render_template(
        "goals/goals.html",
        goals=all_goals(),
        kpis=kpis,
        targets=holding_targets(today, _readable()),
        troubles=troubles(present),
        retired=present_kpis(retired=True),
    )


@bp.route("/new", methods=["GET", "POST"])
@allow("manager")
def new_goal() -> Any:
    """Add a goal."""
    require_company(current_user)
    form = GoalForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        goal, problems = add_goal(_wanted_goal(form, form.key.data), utc_now())
        if goal is not None:
            flash(f"{goal.name} was added.")
            return redirect(url_for("goals.show_goals"))
    return _form_page("What do you want to reach?", form, problems)


@bp.route("/<key>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_goal(key: str) -> Any:
    """Change a goal's words or weight."""
    require_company(current_user)
    goal = goal_by_key(key)
    form = GoalForm(obj=goal, seen=mark_of(goal))
    del form.key
    problems: list[Problem] = []
    if form.validate_on_submit():
        changed, problems = change_goal(goal, _wanted_goal(form, key), utc_now(), form.seen.data)
        form.seen.data = mark_of(goal)
        if changed is not None:
            flash(f"{changed.name} was saved.")
            return redirect(url_for("goals.show_goals"))
    return _form_page(f"Change {goal.name}", form, problems)


@bp.get("/kpis/<key>")
@allow("manager", "analyst")
def show_kpi(key: str) -> str:
    """A KPI: its definition, the targets that hold, and the history of both."""
    versions = kpi_versions(key)
    today = utc_now().astimezone(_zone()).date()
    readable = _readable()
    return render_template(
        "goals/kpi.html",
        kpi=versions[0],
        goal=goal_by_key(versions[0].goal_key),
        versions=versions,
        trouble=troubles(versions[:1]).get(key),
        holding=holding_targets(today, readable).get(key, []),
        history=targets_of(key, readable),
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


@bp.route("/kpis/<key>/target", methods=["GET", "POST"])
@allow("manager")
def new_target(key: str) -> Any:
    """Set a target of a KPI."""
    kpi = kpi_versions(key)[0]
    within = scopes_in_sight(current_user)
    this_month = utc_now().astimezone(_zone()).date().replace(day=1)
    form = TargetForm(within, data={"valid_from": this_month})
    problems: list[Problem] = []
    if form.validate_on_submit():
        target, problems = set_target(_wanted_target(form, key), utc_now(), _zone(), within)
        if target is not None:
            flash("The target was set.")
            return redirect(url_for("goals.show_kpi", key=key))
    unit = kpi.definition["unit"]
    hint = {"share": "as a share: 0.8 for 80 %", "seconds": "in seconds"}.get(unit, f"in {unit}")
    form.value.description = f"Written {hint}."
    return _form_page(f"Which target for {kpi.definition['name']}?", form, problems)


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


@bp.route("/targets/import", methods=["GET", "POST"])
@allow("manager")
def import_targets_file() -> Any:
    """Set the targets of a CSV file."""
    form = TargetsFileForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        targets, problems = import_targets(
            form.file.data.read(), utc_now(), _zone(), scopes_in_sight(current_user)
        )
        if not problems:
            flash(f"The file's targets hold now: {len(targets)}.")
            return redirect(url_for("goals.show_goals"))
    return _form_page("Import targets", form, problems)


@bp.route("/import", methods=["GET", "POST"])
@allow("manager")
def import_scorebook_file() -> Any:
    """Take over goals, KPIs and targets from a scorebook."""
    require_company(current_user)
    form = ScorebookFileForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        imported, problems = import_scorebook(form.file.data.read(), utc_now(), _zone())
        if imported is not None:
            flash(str(imported))
            return redirect(url_for("goals.show_goals"))
    return _form_page("Import a scorebook", form, problems)


@bp.get("/scorebook.yaml")
@allow("manager", "analyst")
def download_scorebook() -> Response:
    """All goals, KPIs and targets as a scorebook."""
    require_company(current_user)
    return Response(
        export_scorebook(_settings().time_zone),
        mimetype="application/yaml",
        headers={"Content-Disposition": 'attachment; filename="scorebook.yaml"'},
    )


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _zone() -> ZoneInfo:
    return _settings().zone


def _readable() -> Scopes:
    return may_read(scopes_in_sight(current_user))


def _wanted_goal(form: GoalForm, key: str) -> WantedGoal:
    return WantedGoal(
        id=key,
        name=form.name.data,
        aim=form.aim.data or "",
        vision=form.vision.data or "",
        weight=form.weight.data,
        least_coverage=form.least_coverage.data,
    )


def _wanted_target(form: TargetForm, key: str) -> WantedTarget:
    scope_type, _, scope_key = form.scope.data.partition(":")
    return WantedTarget(
        kpi_key=key,
        scope_type=scope_type,
        scope_key=scope_key,
        value=form.value.data,
        valid_from=form.valid_from.data,
        valid_to=form.valid_to.data,
        source=form.source.data,
        note=form.note.data or "",
    )


def _kpi_page(title: str, form: KpiForm) -> Any:
    problems: list[Problem] = []
    if form.validate_on_submit():
        kpi, problems = define_kpi(form.entry(), int(form.based_on.data), utc_now())
        if kpi is not None:
            flash(f"{kpi.definition['name']} is defined (version {kpi.version}).")
            return redirect(url_for("goals.show_kpi", key=kpi.key))
    page = render_template(
        "goals/kpi_form.html",
        title=title,
        form=form,
        problems=problems,
        offered=read_sources().offered(),
    )
    return page, 422 if problems or form.errors else 200


def _form_page(title: str, form: FlaskForm, problems: list[Problem]) -> tuple[str, int]:
    page = render_template("goals/form.html", title=title, form=form, problems=problems)
    return page, 422 if problems or form.errors else 200
