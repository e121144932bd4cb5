"""The executive report as a page and as a PDF, notes on it, and who gets it by mail."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.domain.problems import NotFound, Problem
from survey_app.report.executive import jobs as _jobs  # noqa: F401 (registers its job)
from survey_app.report.executive.annotating import note_by_id, withdraw_note, write_note
from survey_app.report.executive.forms import NoteForm, SubscriptionForm
from survey_app.report.executive.models import ReportSubscription
from survey_app.report.executive.reading import notes_on, read_report, subjects_of
from survey_app.report.executive.subscribing import (
    OCCASIONS,
    PERIOD_TYPES,
    last_delivery,
    subscribe,
    subscriptions_seen_by,
    unsubscribe,
)
from survey_app.report.models import ScoreRun
from survey_app.report.queries import Scope, SeenResults, results_seen_by, run_by_public_id
from survey_app.report.views import bp
from survey_app.web import allow


@bp.get("/runs/<public_id>/executive")
@allow("manager", "analyst", "representative")
def show_report(public_id: str) -> str:
    """The report of a scope in a run."""
    run, sight, scope = _chosen(public_id)
    manages = current_user.manages
    return render_template(
        "report/executive.html",
        run=run,
        sight=sight,
        scope=scope,
        report=read_report(run, scope, _settings()),
        withdrawn=notes_on(run, scope, withdrawn=True) if manages else [],
        own_notes={
            note.id
            for note in notes_on(run, scope)
            if note.author_id == current_user.id or current_user.has_role("admin")
        },
        may_write=manages,
    )


@bp.get("/runs/<public_id>/executive.pdf")
@allow("manager", "analyst", "representative")
def download_report(public_id: str) -> Response:
    """The same as a PDF file."""
    from survey_app.report.executive.pdf import file_name, write_pdf

    run, _sight, scope = _chosen(public_id)
    report = read_report(run, scope, _settings())
    return Response(
        write_pdf(report),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{file_name(report)}"'},
    )


@bp.route("/runs/<public_id>/executive/note", methods=["GET", "POST"])
@allow("manager")
def new_note(public_id: str) -> Any:
    """Write a note on the report of a scope."""
    run, _sight, scope = _chosen(public_id)
    report = read_report(run, scope, _settings())
    form = NoteForm()
    subjects = form.offer(*subjects_of(run, scope))
    problems: list[Problem] = []
    if form.validate_on_submit():
        note, problems = write_note(
            run,
            scope,
            form.about.data,
            form.text.data,
            current_user,
            utc_now(),
            form.public_id.data,
            subjects,
        )
        if note is not None:
            flash("The note is in the report.")
            return redirect(_address(run, scope))
    page = render_template(
        "report/executive_note.html",
        report=report,
        run=run,
        scope=scope,
        form=form,
        problems=problems,
    )
    return page, 422 if problems or form.errors else 200


@bp.post("/notes/<int:note_id>/withdraw")
@allow("manager")
def withdraw_one_note(note_id: int) -> Any:
    """Take a note out of its report."""
    note = note_by_id(note_id)
    sight = results_seen_by(current_user)
    scope = sight.choose(f"{note.scope_type}:{note.scope_id}" if note.scope_id else note.scope_type)
    withdraw_note(note, current_user, utc_now())
    flash("The note is withdrawn. It stays on record below the report.")
    return redirect(_address(note.run, scope))


@bp.route("/subscriptions", methods=["GET", "POST"])
@allow("manager", "analyst", "representative")
def list_subscriptions() -> Any:
    """Which reports come by mail, and to whom; subscribe to one."""
    sight = results_seen_by(current_user)
    form = SubscriptionForm(scope=request.args.get("scope", ""))
    form.offer(sight.scopes)
    problems: list[Problem] = []
    if form.validate_on_submit():
        scope = sight.choose(form.scope.data)
        email, now = form.email.data or "", utc_now()
        added, problems = subscribe(
            current_user, email, scope, form.occasion.data, form.period_type.data, now
        )
        if added is not None:
            flash(f"The report of {scope.name} is sent to {added.user.email} from now on.")
            return redirect(url_for("report.list_subscriptions"))
    page = render_template(
        "report/subscriptions.html",
        form=form,
        problems=problems,
        sight=sight,
        names={(one.type, one.id): one.name for one in sight.scopes},
        occasions=OCCASIONS,
        period_types=PERIOD_TYPES,
        subscriptions=[(one, last_delivery(one)) for one in subscriptions_seen_by(current_user)],
    )
    return page, 422 if problems or form.errors else 200


@bp.post("/subscriptions/<int:subscription_id>/remove")
@allow("manager", "analyst", "representative")
def remove_subscription(subscription_id: int) -> Any:
    """Send a report no more."""
    subscription = db.session.get(ReportSubscription, subscription_id)
    if subscription is not None:
        unsubscribe(subscription, current_user, utc_now())
        flash(f"The report is no longer sent to {subscription.user.email}.")
    return redirect(url_for("report.list_subscriptions"))


def _chosen(public_id: str) -> tuple[ScoreRun, SeenResults, Scope]:
    """The run and the scope that are asked for, as far as the user may see them."""
    sight = results_seen_by(current_user)
    if not sight.scopes:
        raise NotFound("You see no results yet. Ask an administrator for sight of a unit.")
    return run_by_public_id(public_id), sight, sight.choose(request.args.get("scope", ""))


def _address(run: ScoreRun, scope: Scope) -> str:
    return url_for("report.show_report", public_id=run.public_id, scope=scope.label)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
