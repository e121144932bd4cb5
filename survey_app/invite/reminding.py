"""Reminders: once more to those who have not answered, so many local days after the last mail."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from survey_app.db import db
from survey_app.invite.contact_models import Contact, Suppression
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.invite.queueing import write_mails
from survey_app.invite.quotas import in_full_quota
from survey_app.organisation.calendars import add_days


def write_reminders(now: datetime, zone: ZoneInfo) -> int:
    """Queue the reminders that are due; gives how many.

    Nobody is reminded who has answered, opted out or whose mail came back, and nobody once the
    campaign has ended, is paused, has enough answers, or the quota that the person counts for is
    full. Each reminder is written once, by the database's own key.
    """
    campaigns = db.session.scalars(
        select(Campaign).where(
            Campaign.reminders > 0,
            Campaign.launched_at.is_not(None),
            Campaign.paused_at.is_(None),
            or_(Campaign.closes_at.is_(None), Campaign.closes_at > now),
        )
    ).all()
    return sum(_remind(campaign, now, zone) for campaign in campaigns)


def _remind(campaign: Campaign, now: datetime, zone: ZoneInfo) -> int:
    if campaign.enough is not None and count_answered(campaign) >= campaign.enough:
        return 0
    # Who was sent their last mail by then has waited for so many days of the wall clock.
    sent_by = add_days(now, -campaign.reminder_days, zone)
    written = 0
    for number in range(1, campaign.reminders + 1):
        last, this = aliased(OutboxMail), aliased(OutboxMail)
        due = and_(
            ~Invitation.answered,
            Invitation.revoked_at.is_(None),
            Invitation.opted_out_at.is_(None),
            exists().where(
                last.invitation_id == Invitation.id,
                last.number == number - 1,
                last.state == "sent",
                last.report.in_(("", "soft")),
                last.sent_at <= sent_by,
            ),
            ~exists().where(this.invitation_id == Invitation.id, this.number == number),
            ~exists().where(
                Contact.id == Invitation.contact_id, Contact.email == Suppression.email
            ),
            ~in_full_quota(campaign),
        )
        # Most minutes there is nothing to do: then nothing is written, and no lock is taken.
        some = select(Invitation.id).where(Invitation.campaign_id == campaign.id, due).limit(1)
        if db.session.scalar(some) is not None:
            written += write_mails(campaign, number, due, now)
    return written


def count_answered(campaign: Campaign) -> int:
    """How many have answered, also by open links."""
    answered = select(func.count(Invitation.id)).where(
        Invitation.campaign_id == campaign.id, Invitation.answered
    )
    return db.session.scalar(answered) or 0
