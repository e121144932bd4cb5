"""Launching a campaign: invitations and their mails in one transaction, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from survey_app.accounts.auditing import record
from survey_app.db import db, mark_of
from survey_app.domain.problems import Problem
from survey_app.invite.audience import count_audience, draw_sample, in_audience, may_be_asked
from survey_app.invite.contact_models import AskingRules, Contact
from survey_app.invite.jobs import send_mails
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.invite.queueing import write_invitations, write_mails
from survey_app.invite.series_queries import is_pattern
from survey_app.jobs import enqueue

# Databases limit the number of parameters in one statement.
CHUNK = 5_000
MOST_WORKERS = 8
MAILS_A_WORKER = 1_000


def launch(
    campaign: Campaign, now: datetime, expected: int | None = None, seen: str | None = None
) -> tuple[int | None, list[Problem]]:
    """Invite the campaign's audience; gives the number of invitations.

    `expected` is the number that was shown to the person who decided, `seen` the `mark_of` the
    campaign that was shown; if audience, mail or questionnaire have changed since, nothing is sent.
    A second launch, also one at the same moment, sends nothing.
    """
    # The lock lets nobody else launch or change the campaign until this is committed.
    db.session.refresh(campaign, with_for_update=True)
    # Of two campaigns launched at once the second sees whom the first has asked.
    db.session.get_one(AskingRules, 1, with_for_update=True, populate_existing=True)
    recipients = count_audience(campaign, now).invited
    problems = _obstacles(campaign, recipients, now, expected)
    if not problems and seen not in (None, mark_of(campaign)):
        text = (
            "Somebody has changed the campaign since you looked at it. Below is what would be sent "
            "now; look at it, then send."
        )
        problems = [Problem("campaign", "changed_meanwhile", text)]
    if problems:
        return None, problems
    campaign.launched_at = now
    invited = _write_invitations(campaign, now)
    record("campaign sent", campaign.name, now, invitations=invited)
    # One worker does one job at a time; others on other machines take the rest.
    for _ in range(min(MOST_WORKERS, 1 + invited // MAILS_A_WORKER)):
        enqueue(send_mails)
    return invited, []


def resend_failed(campaign: Campaign, now: datetime) -> int:
    """Queue the failed mails of a campaign again; gives their number."""
    queued: int = db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.state == "failed", OutboxMail.campaign_id == campaign.id)
        .values(
            state="queued",
            attempts=0,
            not_before=now,
            claimed_at=None,
            error="",
            report="",
            reported_at=None,
        )
    ).rowcount
    if queued:
        record("failed mails queued again", campaign.name, now, mails=queued)
        enqueue(send_mails)
    return queued


def _obstacles(
    campaign: Campaign, recipients: int, now: datetime, expected: int | None
) -> list[Problem]:
    if campaign.launched_at is not None:
        text = "This campaign was sent already. Everybody gets one mail only."
        return [Problem("campaign", "launched", text)]
    if is_pattern(campaign.id):
        text = "This campaign is the pattern of a series, which sends copies of it by itself."
        return [Problem("campaign", "pattern", text)]
    if campaign.closes_at is not None and campaign.closes_at <= now:
        text = "The last day for answers is over. Change it before you send the campaign."
        return [Problem("campaign", "closed", text)]
    if not recipients:
        text = "The audience has no contacts who may be invited. Import contacts first."
        return [Problem("campaign", "no_recipients", text)]
    if expected is not None and expected != recipients:
        text = (
            f"The audience has changed: there are {recipients} recipients now, not {expected}. "
            "Look at the number and send again."
        )
        return [Problem("campaign", "audience_changed", text)]
    return []


def _write_invitations(campaign: Campaign, now: datetime) -> int:
    """All invitations and their mails, copied inside the database; gives their number."""
    begins = max(now, campaign.opens_at or now)
    # Counted as they are written: a contact may have come or gone since the page was shown.
    if campaign.sample_size is None:
        invited = write_invitations(campaign, in_audience(campaign) & may_be_asked(now), begins)
    else:
        drawn = draw_sample(campaign, campaign.sample_seed, now)
        invited = sum(
            write_invitations(campaign, Contact.id.in_(drawn[start : start + CHUNK]), begins)
            for start in range(0, len(drawn), CHUNK)
        )
    write_mails(campaign, 0, Invitation.contact_id.is_not(None), begins)
    return invited
