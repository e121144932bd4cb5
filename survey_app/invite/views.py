"""Pages on which managers write campaigns, send them and watch the mails leave."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.config import Settings
from survey_app.db import mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.invite import queries
from survey_app.invite.audience import count_audience, show_some
from survey_app.invite.campaigning import add_campaign, revise_campaign
from survey_app.invite.composing import Letter, text_of
from survey_app.invite.forms import CampaignForm, campaign_data, last_day_of
from survey_app.invite.inviting import launch, resend_failed
from survey_app.invite.models import Campaign
from survey_app.invite.outbox import MAILS_A_PAGE, list_mails, read_mail
from survey_app.invite.sight import require_everything
from survey_app.invite.tokens import personal_link
from survey_app.organisation.sight import Sight, sight_of
from survey_app.web import allow

bp = Blueprint("invite", __name__, url_prefix="/invite")

# As long as a token, and none: a preview must not make a link that works.
SAMPLE_TOKEN = "made-when-mail-is-sent"


@bp.get("/")
@allow("manager")
def list_campaigns() -> str:
    """The campaigns in sight, newest first."""
    within = _within()
    campaigns = queries.campaigns_in(within)
    return render_template(
        "invite/campaigns.html",
        campaigns=campaigns,
        counts=queries.mail_counts([campaign.id for campaign in campaigns]),
        can_write=bool(queries.published_versions()),
        within=within,
    )


@bp.route("/campaigns/new", methods=["GET", "POST"])
@allow("manager")
def new_campaign() -> Any:
    """Write a campaign."""
    form = CampaignForm(_within())
    if not form.validate_on_submit():
        return _campaign_form(form, None, [])
    campaign, problems = add_campaign(form.plan(_settings().zone), utc_now())
    if campaign is None:
        return _campaign_form(form, None, problems)
    return _to_campaign(campaign)


@bp.route("/campaigns/<int:campaign_id>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_campaign(campaign_id: int) -> Any:
    """Change a campaign that was not sent yet."""
    campaign = queries.campaign_by_id(campaign_id, _within())
    form = CampaignForm(
        _within(), data=campaign_data(campaign, _settings().zone) | {"seen": mark_of(campaign)}
    )
    if not form.validate_on_submit():
        return _campaign_form(form, campaign, [])
    revised, problems = revise_campaign(
        campaign, form.plan(_settings().zone), utc_now(), form.seen.data
    )
    if revised is None:
        form.seen.data = mark_of(campaign)
        return _campaign_form(form, campaign, problems)
    return _to_campaign(campaign)


@bp.get("/campaigns/<int:campaign_id>")
@allow("manager")
def show_campaign(campaign_id: int) -> str:
    """Before sending the mail and its recipients, afterwards how far the mails are."""
    return _campaign_page(queries.campaign_by_id(campaign_id, _within()), [])


@bp.post("/campaigns/<int:campaign_id>/launch")
@allow("manager")
def launch_campaign(campaign_id: int) -> Any:
    """Send the invitations: the mail that the page showed, to as many as it said."""
    campaign = queries.campaign_by_id(campaign_id, _within())
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
    campaign = queries.campaign_by_id(campaign_id, _within())
    count = resend_failed(campaign, utc_now())
    flash(f"{count} failed mails wait to be sent again." if count else "No mail has failed.")
    return _to_campaign(campaign)


@bp.get("/outbox")
@allow("manager")
def list_outbox() -> str:
    """Mails that were kept here, because no mail server is configured."""
    require_everything(_within())
    page = max(request.args.get("page", 1, type=int), 1)
    mails, total = list_mails(_settings().outbox, page)
    return render_template(
        "invite/outbox.html",
        mails=mails,
        total=total,
        page=page,
        a_page=MAILS_A_PAGE,
        waiting=queries.count_waiting_mails(),
    )


@bp.get("/outbox/<key>")
@allow("manager")
def show_mail(key: str) -> str:
    """One mail of the outbox: its words, never its HTML."""
    require_everything(_within())
    return render_template("invite/mail.html", mail=read_mail(_settings().outbox, key))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _within() -> Sight:
    return sight_of(current_user)


def _to_campaign(campaign: Campaign) -> Any:
    return redirect(url_for("invite.show_campaign", campaign_id=campaign.id))


def _campaign_page(campaign: Campaign, problems: list[Problem]) -> str:
    shown = {
        "campaign": campaign,
        "problems": problems,
        "within": _within(),
        "questionnaire": queries.title_of(campaign),
        "last_day": last_day_of(campaign.closes_at, _settings().zone),
    }
    if campaign.launched_at is not None:
        return render_template(
            "invite/progress.html",
            **shown,
            counts=queries.mail_counts([campaign.id])[campaign.id],
            failed=queries.failed_mails(campaign),
            delays=queries.delays(campaign),
        )
    now = utc_now()
    some = show_some(campaign, now)
    contact = some[0] if some else None
    letter = Letter(
        to_name=contact.name if contact else "",
        to_address=contact.email if contact else "",
        subject=campaign.subject,
        message=campaign.message,
        link=personal_link(SAMPLE_TOKEN),
    )
    return render_template(
        "invite/preview.html",
        **shown,
        seen=mark_of(campaign),
        letter=letter,
        text=text_of(letter),
        recipients=count_audience(campaign, now).invited,
    )


def _campaign_form(form: FlaskForm, campaign: Campaign | None, problems: list[Problem]) -> Any:
    status = 422 if problems or form.errors else 200
    return render_template(
        "invite/campaign_form.html", form=form, campaign=campaign, problems=problems
    ), status
