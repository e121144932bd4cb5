"""Reminders: once more to those who have not answered, so many local days after the last mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
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
    return sum(
        write_mails(campaign, number, due, now)
        for campaign in _reminding(now)
        for number, due in _due_reminders(campaign, now, zone)
        if _somebody(campaign, due)
    )


def is_reminder_due(now: datetime, zone: ZoneInfo) -> bool:
    """Whether `write_reminders` would write any; changes nothing."""
    return any(
        _somebody(campaign, due)
        for campaign in _reminding(now)
        for _number, due in _due_reminders(campaign, now, zone)
    )


def _reminding(now: datetime) -> Sequence[Campaign]:
    """The campaigns that remind people now."""
    campaigns = db.session.scalars(
        select(Campaign).where(
            Campaign.reminders > 0,
            Campaign.launched_at.is_not(None),
            Campaign.paused_at.is_(None),
            or_(Campaign.closes_at.is_(None), Campaign.closes_at > now),
        )
    ).all()
    return [one for one in campaigns if one.enough is None or count_answered(one) < one.enough]


def _somebody(campaign: Campaign, due: ColumnElement[bool]) -> bool:
    some = select(Invitation.id).where(Invitation.campaign_id == campaign.id, due).limit(1)
    return db.session.scalar(some) is not None


def _due_reminders(
    campaign: Campaign, now: datetime, zone: ZoneInfo
) -> Iterator[tuple[int, ColumnElement[bool]]]:
    """The number of each reminder, with the condition on invitations for it to be due."""
    # Who was sent their last mail by then has waited for so many days of the wall clock.
    sent_by = add_days(now, -campaign.reminder_days, zone)
    for number in range(1, campaign.reminders + 1):
        last, this = aliased(OutboxMail), aliased(OutboxMail)
        waited = select(last.invitation_id).where(
            last.campaign_id == campaign.id,
            last.number == number - 1,
            last.state == "sent",
            last.report.in_(("", "soft")),
            last.sent_at <= sent_by,
        )
        yield (
            number,
            and_(
                Invitation.id.in_(waited),
                ~Invitation.answered,
                Invitation.revoked_at.is_(None),
                Invitation.opted_out_at.is_(None),
                or_(Invitation.expires_at.is_(None), Invitation.expires_at > now),
                ~exists().where(this.invitation_id == Invitation.id, this.number == number),
                ~exists().where(
                    Contact.id == Invitation.contact_id, Contact.email == Suppression.email
                ),
                ~in_full_quota(campaign),
            ),
        )


def count_answered(campaign: Campaign) -> int:
    """How many have answered, also by open links."""
    answered = select(func.count(Invitation.id)).where(
        Invitation.campaign_id == campaign.id, Invitation.answered
    )
    return db.session.scalar(answered) or 0
