"""Pages on which periods are closed and reopened, and on which runs are put on a schedule."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask_login import current_user

from survey_app.db import db, utc_now
from survey_app.domain.problems import NotFound, Problem
from survey_app.goals.sight import require_company
from survey_app.marks import show_period
from survey_app.report.closing import close_period, reopen_period
from survey_app.report.forms import ClosingForm, ReopeningForm, ScheduleForm
from survey_app.report.late_sources import find_late_sources
from survey_app.report.models import RunSchedule
from survey_app.report.queries import closing_of, closings_of, run_by_public_id
from survey_app.report.scheduling import add_schedule, all_schedules, next_day, remove_schedule
from survey_app.report.views import bp
from survey_app.web import allow


@bp.route("/runs/<public_id>/close", methods=["GET", "POST"])
@allow("manager")
def close_run(public_id: str) -> Any:
    """Close the run's period with this run."""
    require_company(current_user)
    run = run_by_public_id(public_id)
    form = ClosingForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        closing, problems = close_period(run, form.note.data or "", utc_now(), _zone())
        if closing is not None:
            flash(f"{show_period(run.period_label)} is closed with this run.")
            return redirect(url_for("report.show_run", public_id=public_id))
    late = find_late_sources(run, _zone())
    page = render_template("report/close.html", run=run, form=form, problems=problems, late=late)
    return page, 422 if problems or form.errors else 200


@bp.route("/runs/<public_id>/reopen", methods=["GET", "POST"])
@allow("manager")
def reopen_run(public_id: str) -> Any:
    """Reopen the period that was closed with this run."""
    require_company(current_user)
    run = run_by_public_id(public_id)
    closing = closing_of(run)
    if closing is None or closing.run_id != run.id:
        raise NotFound("This period is not closed with this run. Look at the list of runs.")
    form = ReopeningForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        reopened, problems = reopen_period(closing, form.reason.data or "", utc_now())
        if reopened is not None:
            flash(f"{show_period(run.period_label)} is open again.")
            return redirect(url_for("report.show_run", public_id=public_id))
    page = render_template(
        "report/reopen.html",
        run=run,
        form=form,
        problems=problems,
        late=find_late_sources(run, _zone()),
        history=closings_of(run.period_label),
    )
    return page, 422 if problems or form.errors else 200


@bp.route("/schedules", methods=["GET", "POST"])
@allow("manager")
def list_schedules() -> Any:
    """Which periods are scored by themselves; add one."""
    require_company(current_user)
    form = ScheduleForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        added, problems = add_schedule(form.period_type.data, form.days_after.data, utc_now())
        if added is not None:
            flash(f"Every {added.period_type} is scored from now on.")
            return redirect(url_for("report.list_schedules"))
    now = utc_now()
    schedules = [(one, next_day(one, now, _zone())) for one in all_schedules()]
    page = render_template(
        "report/schedules.html", schedules=schedules, form=form, problems=problems
    )
    return page, 422 if problems or form.errors else 200


@bp.post("/schedules/<int:schedule_id>/remove")
@allow("manager")
def remove_one_schedule(schedule_id: int) -> Any:
    """Score no more by a schedule."""
    require_company(current_user)
    schedule = db.session.get(RunSchedule, schedule_id)
    if schedule is not None:
        remove_schedule(schedule, utc_now())
        flash(f"Every {schedule.period_type} is no longer scored by itself.")
    return redirect(url_for("report.list_schedules"))


def _zone() -> Any:
    return current_app.config["SETTINGS"].zone
