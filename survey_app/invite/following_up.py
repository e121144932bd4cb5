"""Asking contacts one by one, after something that concerned them: in one campaign a month."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.invite.audience import in_audience, may_be_asked
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, CampaignSeries, Invitation, OutboxMail
from survey_app.invite.sending_series import copy_pattern, free_name
from survey_app.organisation.calendars import moment_on, name_month, next_month


@dataclass(frozen=True)
class Occasion:
    """Why a contact is asked: where and by whom they were served, and what is kept of it.

    Mail leaves from `begins` on; the link works until `expires_at`.
    """

    unit_id: int | None
    representative_id: int | None
    attributes: dict[str, str]
    begins: datetime
    expires_at: datetime


def campaign_of_month(series: CampaignSeries, day: date, zone: ZoneInfo, now: datetime) -> Campaign:
    """The campaign of a series for the visits of the month of a day; made, as sent, if need be.

    It closes when no visit of the month can be asked about any more.
    """
    name = f"{series.name}, visits of {name_month(day)}"
    # The number behind a name that somebody else has: see `free_name`.
    campaign = db.session.scalar(
        select(Campaign)
        .where(Campaign.series_id == series.id, Campaign.name.startswith(name, autoescape=True))
        .order_by(Campaign.id)
        .limit(1)
    )
    if campaign is not None:
        return campaign
    last = next_month(day) - timedelta(days=1) + timedelta(days=series.days + series.open_days)
    campaign = copy_pattern(
        series,
        free_name(name),
        now,
        launched_at=now,
        closes_at=moment_on(last, 24 * 60, zone),
        sample_size=None,
    )
    record("campaign sent", campaign.name, now, invitations=0)
    return campaign


def who_may_be_asked(
    campaign: Campaign, contact_ids: Collection[int], now: datetime
) -> dict[int, Contact]:
    """Of these contacts those, by id, whom the campaign may ask now and has not asked yet.

    They have the values that the campaign's audience asks for, wherever they belong to.
    """
    asked = exists().where(
        Invitation.campaign_id == campaign.id, Invitation.contact_id == Contact.id
    )
    found = db.session.scalars(
        select(Contact).where(
            Contact.id.in_(list(contact_ids)),
            in_audience(_Anywhere(campaign.audience_filter)),
            may_be_asked(now),
            ~asked,
        )
    )
    return {contact.id: contact for contact in found}


def invite_one(campaign: Campaign, contact: Contact, occasion: Occasion) -> Invitation:
    """Write the invitation of one contact, who may be asked, and its mail.

    The database refuses a second one in the same campaign.
    """
    invitation = Invitation(
        campaign_id=campaign.id,
        contact_id=contact.id,
        questionnaire_key=campaign.questionnaire_key,
        version_number=campaign.version_number,
        unit_id=occasion.unit_id,
        representative_id=occasion.representative_id,
        attributes=contact.attributes | occasion.attributes,
        created_at=occasion.begins,
        expires_at=occasion.expires_at,
    )
    db.session.add(invitation)
    db.session.flush()
    db.session.add(
        OutboxMail(
            invitation_id=invitation.id,
            campaign_id=campaign.id,
            number=0,
            not_before=occasion.begins,
        )
    )
    db.session.flush()
    return invitation


@dataclass(frozen=True)
class _Anywhere:
    """An audience of all units, narrowed by values alone."""

    audience_filter: dict[str, list[str]] = field(default_factory=dict)
    audience_unit_id: int | None = None
    sample_size: int | None = None
