"""Pages for timing visits, defining their stages, and importing them."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_login import current_user

from survey_app.accounts.auditing import record
from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.domain.tables import read_moment
from survey_app.forms import FlaskForm
from survey_app.organisation.queries import (
    keys_to_representatives,
    unit_by_key,
)
from survey_app.organisation.sight import sight_of
from survey_app.visits.arranging import change_process, define_process, has_visits
from survey_app.visits.correcting import (
    VISIT_CHANGED,
    cells_of,
    correct_visit,
    history_of,
    state_mark,
)
from survey_app.visits.forms import (
    CorrectionForm,
    ImportForm,
    ProcessChangeForm,
    ProcessForm,
    StartForm,
    TapForm,
    correction_form,
    outcome_word,
    read_stages,
    write_stages,
)
from survey_app.visits.importing import import_visits
from survey_app.visits.models import Visit
from survey_app.visits.queries import (
    all_processes,
    process_by_key,
    recent_visits,
    running_visits,
    visit_for,
)
from survey_app.visits.timing import end_visit, reach_stage, stages_left, start_visit
from survey_app.visits.told_visits import OPTIONAL, REQUIRED
from survey_app.web import allow

bp = Blueprint("visits", __name__, url_prefix="/visits")
bp.add_app_template_filter(outcome_word, "outcome")


@bp.get("/")
@allow("manager", "representative")
def list_visits() -> str:
    """Running and recent visits."""
    return render_template(
        "visits/list.html",
        running=running_visits(current_user),
        recent=recent_visits(current_user),
        processes=all_processes(),
        now=utc_now(),
    )


@bp.route("/new", methods=["GET", "POST"])
@allow("manager", "representative")
def new_visit() -> Any:
    """Start a visit."""
    form = StartForm()
    if not form.validate_on_submit():
        return _start_page(form, [])
    tapped_at = _read_clock(form.device_started_at.data)
    if isinstance(tapped_at, Problem):
        return _start_page(form, [tapped_at])
    visit, problems = start_visit(
        process_by_key(form.kind.data),
        unit_by_key(form.unit.data),
        keys_to_representatives().get(form.representative.data),
        form.customer.data,
        form.public_id.data,
        tapped_at,
        utc_now(),
    )
    return redirect(_page_of(visit)) if visit else _start_page(form, problems)


@bp.get("/<uuid:public_id>")
@allow("manager", "representative")
def show_visit(public_id: UUID) -> Any:
    """The stopwatch of a running visit, or what became of it."""
    return _visit_page(visit_for(current_user, str(public_id)), [])


@bp.post("/<uuid:public_id>/stage")
@allow("manager", "representative")
def tap_stage(public_id: UUID) -> Any:
    """The visit has reached a stage."""
    visit = visit_for(current_user, str(public_id))
    form = TapForm()
    stage = next((one for one in visit.process.stages if one.key == form.stage.data), None)
    since = _read_clock(form.since.data or "")
    if not form.validate() or stage is None or isinstance(since, Problem):
        return _visit_page(visit, [_unreadable_tap()])
    event, problems = reach_stage(visit, stage, form.elapsed.data, utc_now(), since)
    return redirect(_page_of(visit)) if event else _refused_tap(visit, problems)


@bp.post("/<uuid:public_id>/end")
@allow("manager", "representative")
def tap_end(public_id: UUID) -> Any:
    """The visit has ended."""
    visit = visit_for(current_user, str(public_id))
    form = TapForm()
    since = _read_clock(form.since.data or "")
    if not form.validate() or isinstance(since, Problem):
        return _visit_page(visit, [_unreadable_tap()])
    ended, problems = end_visit(visit, form.outcome.data, form.elapsed.data, utc_now(), since)
    return redirect(_page_of(visit)) if ended else _refused_tap(visit, problems)


@bp.route("/<uuid:public_id>/correct", methods=["GET", "POST"])
@allow("manager")
def correct_page(public_id: UUID) -> Any:
    """Correct a visit, with the reason."""
    visit = visit_for(current_user, str(public_id))
    form = _correction_of(visit)
    if not form.validate_on_submit():
        return _correction_page(visit, form, [])
    correction, problems = correct_visit(
        visit,
        form.cells(),
        form.void.data,
        form.reason.data or "",
        form.based_on.data or "",
        _zone(),
        utc_now(),
        sight_of(current_user),
    )
    if correction is not None:
        flash("The visit was corrected.")
        return redirect(_page_of(visit))
    if VISIT_CHANGED in problems:
        form = _correction_of(visit, formdata=None, reason=form.reason.data)
    return _correction_page(visit, form, problems)


@bp.get("/processes")
@allow("manager")
def list_processes() -> str:
    """The processes and their stages."""
    return render_template("visits/processes.html", processes=all_processes())


@bp.route("/processes/new", methods=["GET", "POST"])
@allow("manager")
def new_process() -> Any:
    """Define a process."""
    form = ProcessForm()
    if not form.validate_on_submit():
        return _process_page("Define a process", form, [])
    stages = read_stages(form.stages.data)
    process, problems = define_process(form.key.data, form.name.data, stages)
    if process is None:
        return _process_page("Define a process", form, problems)
    record("process defined", process.key, utc_now(), stages=[key for key, _ in stages])
    flash(f"{process.name} was defined. Visits can be timed now.")
    return redirect(url_for("visits.list_processes"))


@bp.route("/processes/<key>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_process(key: str) -> Any:
    """Change a process: its sequence before the first visit, its names at any time."""
    process = process_by_key(key)
    form = ProcessChangeForm(name=process.name, stages=write_stages(process))
    title = f"Change {process.name}"
    if not form.validate_on_submit():
        return _process_page(title, form, [], frozen=has_visits(process))
    stages = read_stages(form.stages.data)
    changed, problems = change_process(process, form.name.data, stages)
    if changed is None:
        return _process_page(title, form, problems, frozen=has_visits(process))
    record("process changed", process.key, utc_now(), stages=[key for key, _ in stages])
    flash(f"{process.name} was changed.")
    return redirect(url_for("visits.list_processes"))


@bp.route("/import", methods=["GET", "POST"])
@allow("manager")
def import_page() -> Any:
    """Import visits that were timed elsewhere."""
    form = ImportForm()
    if not form.validate_on_submit():
        return _import_page(form, [])
    imported, problems = import_visits(
        process_by_key(form.kind.data),
        form.file.data.read(),
        form.file.data.filename,
        utc_now(),
        _zone(),
        form.mapping.mapping,
        sight_of(current_user),
    )
    if imported is None:
        return _import_page(form, problems)
    batch = imported.batch
    record("visits imported", batch.filename, utc_now(), batch=batch.id, rows=batch.row_count)
    flash(str(imported))
    return redirect(url_for("visits.list_visits"))


def _zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.config["SETTINGS"].zone
    return zone


def _correction_of(visit: Visit, **named: Any) -> CorrectionForm:
    cells = cells_of(visit, _zone())
    return correction_form(visit, cells, void=visit.void, based_on=state_mark(visit), **named)


def _correction_page(
    visit: Visit, form: CorrectionForm, problems: list[Problem]
) -> tuple[str, int]:
    page = render_template("visits/correct.html", visit=visit, form=form, problems=problems)
    return page, 422 if problems or form.errors else 200


def _page_of(visit: Visit) -> str:
    return url_for("visits.show_visit", public_id=visit.public_id)


def _read_clock(text: str) -> Any:
    if not text:
        return None
    return read_moment(text, "clock", _zone())


def _unreadable_tap() -> Problem:
    return Problem("", "form", "This tap could not be read. Reload the page and tap again.")


def _refused_tap(visit: Visit, problems: list[Problem]) -> Any:
    """Tell why; a visit that has ended is no trouble, only news."""
    if problems[0].code == "ended":
        flash(problems[0].message)
        return redirect(_page_of(visit))
    return _visit_page(visit, problems)


def _visit_page(visit: Visit, problems: list[Problem]) -> tuple[str, int]:
    page = render_template(
        "visits/visit.html",
        visit=visit,
        left=stages_left(visit),
        history=history_of(visit, _zone()),
        problems=problems,
        now=utc_now(),
    )
    return page, 422 if problems else 200


def _start_page(form: StartForm, problems: list[Problem]) -> tuple[str, int]:
    page = render_template("visits/start.html", form=form, problems=problems)
    return page, 422 if problems or form.errors else 200


def _process_page(
    title: str, form: FlaskForm, problems: list[Problem], frozen: bool = False
) -> tuple[str, int]:
    page = render_template(
        "visits/process.html", title=title, form=form, problems=problems, frozen=frozen
    )
    return page, 422 if problems or form.errors else 200


def _import_page(form: ImportForm, problems: list[Problem]) -> tuple[str, int]:
    page = render_template(
        "visits/import.html",
        form=form,
        problems=problems,
        processes=all_processes(),
        required=REQUIRED,
        optional=OPTIONAL,
    )
    return page, 422 if problems or form.errors else 200
