"""Quotas: of people with some value of an attribute so many answers are wanted, and no more.

A quota is a document {"attribute", "value", "limit"}. Attribute 'unit' is the key of a unit and
means all units below it too, 'representative' is a key, 'language' the contact's language; any
other is an attribute of the contact as of sending. Who comes by an open link has the unit, the
representative and the attributes of the link, and no language: there is no contact.

The answers are counted when a page is asked for, so two people who send at the same moment may both
be the last one, and who had begun before a quota was full may finish: a limit may be passed by a
few, and nobody who has worked on answers is turned away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, false, func, or_, select

from survey_app.db import db
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation, OpenLink
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.queries import below

Quota: TypeAlias = dict[str, Any]


def full_quota(
    asked: type[Invitation] | type[OpenLink], number: int, quotas: Sequence[Quota]
) -> Quota | None:
    """The first of a campaign's quotas that is full and that its invitation with this number falls
    under, or whoever comes by its open link with this number."""
    for quota in quotas:
        campaign_id = db.session.scalar(
            select(asked.campaign_id).where(asked.id == number, _falls_under(quota, asked))
        )
        if campaign_id is not None and _count(campaign_id, quota) >= quota["limit"]:
            return quota
    return None


def quota_counts(campaign: Campaign) -> list[tuple[Quota, int]]:
    """Each quota of a campaign with the number of those under it who have answered."""
    return [(quota, _count(campaign.id, quota)) for quota in campaign.quotas]


def in_full_quota(campaign: Campaign) -> ColumnElement[bool]:
    """The condition on a campaign's invitations for falling under a quota that is full."""
    full = [quota for quota, count in quota_counts(campaign) if count >= quota["limit"]]
    return or_(false(), *map(_falls_under, full))


def _count(campaign_id: int, quota: Quota) -> int:
    counted = select(func.count(Invitation.id)).where(
        Invitation.campaign_id == campaign_id, Invitation.answered, _falls_under(quota)
    )
    return db.session.scalar(counted) or 0


def _falls_under(
    quota: Quota, asked: type[Invitation] | type[OpenLink] = Invitation
) -> ColumnElement[bool]:
    """The condition on invitations, or on open links, for having the value of a quota."""
    attribute, value = quota["attribute"], quota["value"]
    if attribute == "unit":
        unit = db.session.scalar(select(Unit.id).where(Unit.key == value))
        return false() if unit is None else asked.unit_id.in_(below([unit]))
    if attribute == "representative":
        of_key = select(Representative.id).where(Representative.key == value)
        return asked.representative_id.in_(of_key)
    if attribute == "language":
        if asked is OpenLink:
            return false()
        speaking = select(Contact.id).where(Contact.language == value)
        return Invitation.contact_id.in_(speaking)
    return asked.attributes[attribute].as_string() == value
