"""Pages on which managers write campaigns, look at their mail, send them, and watch them go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.db import db, mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.invite import queries
from survey_app.invite.audience import count_audience, show_some
from survey_app.invite.campaigning import add_campaign, revise_campaign
from survey_app.invite.composing import text_of
from survey_app.invite.contact_models import rules
from survey_app.invite.forms import CampaignForm, campaign_data, last_day_of
from survey_app.invite.inviting import launch, resend_failed
from survey_app.invite.models import MODES, Campaign
from survey_app.invite.pages import settings, within
from survey_app.invite.pausing import go_on, pause
from survey_app.invite.previewing import hours_of, sample_letter, send_test
from survey_app.invite.progress import measure_progress, rates_by
from survey_app.invite.quotas import quota_counts
from survey_app.invite.series_queries import is_pattern
from survey_app.invite.views import bp
from survey_app.web import allow


@bp.get("/")
@allow("manager")
def list_campaigns() -> str:
    """The campaigns in sight, newest first."""
    seen = within()
    campaigns = queries.campaigns_in(seen)
    return render_template(
        "invite/campaigns.html",
        campaigns=campaigns,
        counts=queries.mail_counts([campaign.id for campaign in campaigns]),
        invited=queries.invited_counts([campaign.id for campaign in campaigns]),
        can_write=bool(queries.published_versions()),
        within=seen,
    )


@bp.route("/campaigns/new", methods=["GET", "POST"])
@allow("manager")
def new_campaign() -> Any:
    """Write a campaign."""
    form = CampaignForm(within(), settings().zone)
    if not form.validate_on_submit():
        return _campaign_form(form, None, [])
    plan, problems = form.plan(settings().zone)
    campaign = None
    if not problems:
        campaign, problems = add_campaign(plan, utc_now())
    if campaign is None:
        return _campaign_form(form, None, problems)
    return _to_campaign(campaign)


@bp.route("/campaigns/<int:campaign_id>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_campaign(campaign_id: int) -> Any:
    """Change a campaign that was not sent yet."""
    campaign = queries.campaign_by_id(campaign_id, within())
    zone = settings().zone
    data = campaign_data(campaign, zone) | {"seen": mark_of(campaign)}
    form = CampaignForm(within(), zone, data=data)
    if not form.validate_on_submit():
        return _campaign_form(form, campaign, [])
    plan, problems = form.plan(zone)
    revised = None
    if not problems:
        revised, problems = revise_campaign(campaign, plan, utc_now(), form.seen.data)
    if revised is None:
        form.seen.data = mark_of(campaign)
        return _campaign_form(form, campaign, problems)
    return _to_campaign(campaign)


@bp.get("/campaigns/<int:campaign_id>")
@allow("manager")
def show_campaign(campaign_id: int) -> str:
    """Before sending the mail and its recipients, afterwards how far the mails are."""
    return _campaign_page(queries.campaign_by_id(campaign_id, within()), [])


@bp.post("/campaigns/<int:campaign_id>/launch")
@allow("manager")
def launch_campaign(campaign_id: int) -> Any:
    """Send the invitations: the mail that the page showed, to as many as it said."""
    campaign = queries.campaign_by_id(campaign_id, within())
    expected = request.form.get("expected", -1, type=int)
    count, problems = launch(campaign, utc_now(), expected, request.form.get("seen"))
    if count is None and campaign.launched_at is None:
        return _campaign_page(campaign, problems), 422
    # The second of two clicks ends where the first one did.
    return _to_campaign(campaign)


@bp.post("/campaigns/<int:campaign_id>/resend")
@allow("manager")
def resend_mails(campaign_id: int) -> Any:
    """Try the failed mails again."""
    campaign = queries.campaign_by_id(campaign_id, within())
    count = resend_failed(campaign, utc_now())
    flash(f"{count} failed mails wait to be sent again." if count else "No mail has failed.")
    return _to_campaign(campaign)


@bp.post("/campaigns/<int:campaign_id>/pause")
@allow("manager")
def pause_campaign(campaign_id: int) -> Any:
    """Send no more mails for now."""
    campaign = queries.campaign_by_id(campaign_id, within())
    pause(campaign, utc_now())
    return _to_campaign(campaign)


@bp.post("/campaigns/<int:campaign_id>/go-on")
@allow("manager")
def go_on_with_campaign(campaign_id: int) -> Any:
    """Send the rest."""
    campaign = queries.campaign_by_id(campaign_id, within())
    go_on(campaign, utc_now())
    return _to_campaign(campaign)


@bp.post("/campaigns/<int:campaign_id>/test")
@allow("manager")
def send_test_mail(campaign_id: int) -> Any:
    """Send the mail to the signed-in user, with links that lead nowhere."""
    campaign = queries.campaign_by_id(campaign_id, within())
    now = utc_now()
    some = show_some(campaign, now, 1)
    letter = sample_letter(campaign, some[0] if some else None)
    address = current_user.email
    letter = replace(letter, to_address=address, subject=f"Test: {letter.subject}")
    # Nothing is locked while a mail server is asked.
    db.session.rollback()
    problems = send_test(letter, settings(), now)
    if problems:
        return _campaign_page(campaign, problems), 422
    flash(f"The test mail to {address} has left.")
    return _to_campaign(campaign)


def _to_campaign(campaign: Campaign) -> Any:
    return redirect(url_for("invite.show_campaign", campaign_id=campaign.id))


def _campaign_page(campaign: Campaign, problems: list[Problem]) -> str:
    now = utc_now()
    shown = {
        "campaign": campaign,
        "problems": problems,
        "within": within(),
        "now": now,
        "questionnaire": queries.title_of(campaign),
        "last_day": last_day_of(campaign.closes_at, settings().zone),
        "modes": MODES,
        "hours": hours_of(campaign, settings().zone),
    }
    return _progress_page(campaign, shown) if campaign.launched_at else _preview(campaign, shown)


def _progress_page(campaign: Campaign, shown: dict[str, Any]) -> str:
    attributes = ["", "unit", *sorted(queries.known_attributes())]
    by = request.args.get("by", "")
    by = by if by in attributes else ""
    return render_template(
        "invite/progress.html",
        **shown,
        counts=queries.mail_counts([campaign.id])[campaign.id],
        progress=measure_progress(campaign),
        attributes=attributes,
        by=by,
        rates=rates_by(campaign, by),
        quotas=quota_counts(campaign),
        failed=queries.failed_mails(campaign),
        delays=queries.delays(campaign),
    )


def _preview(campaign: Campaign, shown: dict[str, Any]) -> str:
    now = shown["now"]
    some = show_some(campaign, now)
    letter = sample_letter(campaign, some[0] if some else None)
    reminds = bool(campaign.reminders and (campaign.reminder_subject or campaign.reminder_message))
    reminder = sample_letter(campaign, some[0] if some else None, reminds=True) if reminds else None
    return render_template(
        "invite/preview.html",
        **shown,
        seen=mark_of(campaign),
        letter=letter,
        text=text_of(letter),
        reminder=reminder,
        reminder_text=text_of(reminder) if reminder else "",
        audience=count_audience(campaign, now),
        some=some,
        rules=rules(),
        is_pattern=is_pattern(campaign.id),
        quotas=campaign.quotas,
    )


def _campaign_form(form: FlaskForm, campaign: Campaign | None, problems: list[Problem]) -> Any:
    status = 422 if problems or form.errors else 200
    return render_template(
        "invite/campaign_form.html", form=form, campaign=campaign, problems=problems
    ), status
