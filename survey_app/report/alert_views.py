"""Pages of alerts: what was found, who has seen it, by which rules, and who gets mails."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.sight import require_company
from survey_app.organisation.queries import sees_company
from survey_app.report.alerts.acknowledging import acknowledge_alert
from survey_app.report.alerts.forms import (
    AcknowledgeForm,
    MailsForm,
    RuleForm,
    scope_labels,
    subject_choices,
)
from survey_app.report.alerts.kinds import EXPLAINED, KINDS
from survey_app.report.alerts.queries import (
    STATES,
    Wanted,
    alert_by_id,
    count_open,
    events_of,
    list_alerts,
    state_of,
    troubled_looks,
)
from survey_app.report.alerts.ruling import change_rule, read_rule, read_rules
from survey_app.report.alerts.subscribing import subscribe, subscription_of
from survey_app.report.queries import results_seen_by
from survey_app.report.views import bp
from survey_app.web import allow


@bp.context_processor
def _words() -> dict[str, Any]:
    """What the pages of alerts call things."""
    return {"alert_kinds": KINDS, "alert_states": STATES, "alert_rules_explained": EXPLAINED}


@bp.get("/alerts")
@allow("manager", "analyst", "representative")
def list_all_alerts() -> str:
    """The alerts in sight, the newest first, by kind, scope and state."""
    sight = results_seen_by(current_user)
    asked = request.args
    wanted = Wanted(
        asked.get("kind", ""),
        asked.get("scope", ""),
        asked.get("state", ""),
        asked.get("before", 0, type=int),
    )
    alerts, more = list_alerts(sight, wanted)
    return render_template(
        "report/alerts.html",
        alerts=[(alert, state_of(alert)) for alert in alerts],
        more=more,
        wanted=wanted,
        open_count=count_open(sight),
        sight=sight,
        may_rule=current_user.manages and sees_company(current_user),
        troubles=troubled_looks() if current_user.manages else [],
    )


@bp.route("/alerts/<int:alert_id>", methods=["GET", "POST"])
@allow("manager", "analyst", "representative")
def show_alert(alert_id: int) -> Any:
    """One alert with the path to its numbers; managers acknowledge it."""
    alert = alert_by_id(alert_id, results_seen_by(current_user))
    form = AcknowledgeForm() if current_user.manages else None
    problems: list[Problem] = []
    if form is not None and form.validate_on_submit():
        problems = acknowledge_alert(alert, form.note.data or "", utc_now())
        if not problems:
            flash("Acknowledged.")
            return redirect(url_for("report.show_alert", alert_id=alert.id))
    page = render_template(
        "report/alert.html",
        alert=alert,
        state=state_of(alert),
        events=events_of(alert),
        form=form,
        problems=problems,
    )
    return page, 422 if problems or (form is not None and form.errors) else 200


@bp.get("/alerts/rules")
@allow("manager")
def list_alert_rules() -> str:
    """By which rules alerts are raised."""
    require_company(current_user)
    return render_template("report/alert_rules.html", rules=read_rules())


@bp.route("/alerts/rules/<kind>", methods=["GET", "POST"])
@allow("manager")
def edit_alert_rule(kind: str) -> Any:
    """Switch a kind of alert on or off, set its limit, and say for what."""
    require_company(current_user)
    rule, scopes = read_rule(kind), results_seen_by(current_user).scopes
    form = RuleForm(rule, scopes, subject_choices(kind))
    problems: list[Problem] = []
    if form.validate_on_submit():
        problems = change_rule(form.rule(kind), scope_labels(scopes), utc_now())
        if not problems:
            flash("The rule holds from the next look on.")
            return redirect(url_for("report.list_alert_rules"))
    page = render_template("report/alert_rule.html", kind=kind, form=form, problems=problems)
    return page, 422 if problems or form.errors else 200


@bp.route("/alerts/mails", methods=["GET", "POST"])
@allow("manager", "analyst", "representative")
def edit_alert_mails() -> Any:
    """Which alerts the user gets by mail, and when."""
    scopes, zone = results_seen_by(current_user).scopes, current_app.config["SETTINGS"].zone
    form = MailsForm(subscription_of(current_user), scopes)
    problems: list[Problem] = []
    if form.validate_on_submit():
        problems = subscribe(current_user, form.wanted(), scope_labels(scopes), utc_now(), zone)
        if not problems:
            flash("Saved.")
            return redirect(url_for("report.list_all_alerts"))
    page = render_template("report/alert_mails.html", form=form, problems=problems)
    return page, 422 if problems or form.errors else 200
