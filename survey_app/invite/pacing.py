"""Which campaigns may send mails at a moment, and how many: hours, days, pace, pauses.

It is looked at when mails are claimed, so a campaign that is under way can be paused, and its pace
changed. Hours and days are of the organisation's wall clock, also when that is put forward or back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select

from survey_app.db import db
from survey_app.invite.models import Campaign, OutboxMail

# An hour's pace is cut into pieces, so that it is no burst at its beginning.
PIECES = 10
HOUR = timedelta(hours=1)


def sending_campaigns(most: int, now: datetime, zone: ZoneInfo) -> Iterator[tuple[Campaign, int]]:
    """Campaigns with mails that are due and may leave, with how many of `most` each may send.

    The share is equal, so that a small campaign does not wait behind a large one; who has a pace is
    locked until the end of the transaction, so that two workers do not both use up the rest of it.
    """
    due = exists().where(
        OutboxMail.campaign_id == Campaign.id,
        OutboxMail.state == "queued",
        OutboxMail.not_before <= now,
    )
    waiting = db.session.scalars(
        select(Campaign)
        .where(Campaign.launched_at.is_not(None), Campaign.paused_at.is_(None), due)
        .order_by(Campaign.id)
        .execution_options(populate_existing=True)
    ).all()
    open_now = [one for one in waiting if is_sending_time(one, now, zone)]
    for number, campaign in enumerate(open_now):
        share = max(1, most // len(open_now) + (number < most % len(open_now)))
        if campaign.pace is not None:
            taken = db.session.scalar(
                select(Campaign.id)
                .where(Campaign.id == campaign.id)
                .with_for_update(skip_locked=True)
            )
            share = min(share, _left_of_pace(campaign, now)) if taken else 0
        if share > 0:
            yield campaign, share


def is_sending_time(campaign: Campaign, now: datetime, zone: ZoneInfo) -> bool:
    """Whether `now` is in the hours and on the days on which the campaign's mails leave."""
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    on_day = campaign.send_days[local.weekday()] == "1"
    return on_day and campaign.send_from <= minute < campaign.send_until


def _left_of_pace(campaign: Campaign, now: datetime) -> int:
    pace = campaign.pace or 0
    allowed = max(1, pace // PIECES)
    piece = HOUR * allowed / pace
    lately = db.session.scalar(
        select(func.count(OutboxMail.id)).where(
            OutboxMail.campaign_id == campaign.id,
            or_(OutboxMail.state == "sending", OutboxMail.sent_at > now - piece),
        )
    )
    return allowed - (lately or 0)
