"""Pausing a campaign and going on with it: by hand, or by itself where too many mails bounce."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import aliased

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.invite.contact_models import rules
from survey_app.invite.models import Campaign, OutboxMail

# Of fewer mails a share says little: one of ten is 10 %.
FEWEST_JUDGED = 20
# Reports on mails come within days.
STILL_WATCHED = timedelta(days=7)
BOUNCED = ("hard", "complaint")


def pause(campaign: Campaign, now: datetime) -> None:
    """Send no more mails until somebody goes on with it; those on their way arrive."""
    db.session.refresh(campaign, with_for_update=True)
    if campaign.paused_at is None:
        campaign.paused_at, campaign.pause_reason = now, ""
        record("campaign paused", campaign.name, now)


def go_on(campaign: Campaign, now: datetime) -> None:
    """Send the rest. What has bounced so far no longer counts for the rule that pauses."""
    db.session.refresh(campaign, with_for_update=True)
    if campaign.paused_at is not None:
        campaign.paused_at, campaign.pause_reason = None, ""
        campaign.bounces_since = now
        record("campaign goes on", campaign.name, now)


def pause_where_mails_bounce(now: datetime) -> None:
    """Pause each campaign that has mails to send and of whose mails too large a share bounced.

    Counted are the mails that were sent or refused since it last went on; hard bounces, refusals
    for good and complaints are the bounced ones.
    """
    limit = rules().bounce_limit
    other = aliased(OutboxMail)
    waiting = exists().where(other.campaign_id == Campaign.id, other.state == "queued")
    judged = db.session.execute(
        select(Campaign.id, Campaign.name, func.count(OutboxMail.id))
        .join(OutboxMail, OutboxMail.campaign_id == Campaign.id)
        .where(
            Campaign.launched_at.is_not(None),
            Campaign.paused_at.is_(None),
            waiting,
            OutboxMail.report.in_(BOUNCED),
            OutboxMail.reported_at > now - STILL_WATCHED,
            _counts_since(),
        )
        .group_by(Campaign.id, Campaign.name)
    ).all()
    for campaign_id, name, bounced in judged:
        # Among so many mails they are no more than the limit: the rest need not be counted.
        tried = _count_tried(campaign_id, most=int(bounced / limit * 100) + 1)
        if tried >= FEWEST_JUDGED and bounced / tried * 100 > limit:
            reason = (
                f"{bounced} of {tried} mails bounced or were refused, more than the limit of "
                f"{limit:g} %. Look at the addresses before you go on."
            )
            db.session.execute(
                update(Campaign)
                .where(Campaign.id == campaign_id, Campaign.paused_at.is_(None))
                .values(paused_at=now, pause_reason=reason)
            )
            record("campaign paused by bounces", name, now, bounced=bounced, tried=tried)


def _count_tried(campaign_id: int, most: int) -> int:
    """How many mails of a campaign count as tried, up to so many."""
    tried = (
        select(OutboxMail.id)
        .join(Campaign, Campaign.id == OutboxMail.campaign_id)
        .where(
            OutboxMail.campaign_id == campaign_id,
            (OutboxMail.state == "sent") | OutboxMail.report.in_(BOUNCED),
            _counts_since(),
        )
        .limit(most)
    )
    return db.session.scalar(select(func.count()).select_from(tried.subquery())) or 0


def _counts_since() -> ColumnElement[bool]:
    moment = func.coalesce(OutboxMail.sent_at, OutboxMail.reported_at)
    return Campaign.bounces_since.is_(None) | (moment > Campaign.bounces_since)
