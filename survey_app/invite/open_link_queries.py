"""Reading open links, with what came through them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.invite.models import Campaign, Invitation, OpenLink
from survey_app.invite.queries import campaign_by_id
from survey_app.organisation.sight import Sight, in_sight, is_in_sight


@dataclass(frozen=True)
class CountedLink:
    """An open link, and how many people have begun and sent their answers through it."""

    link: OpenLink
    begun: int
    answered: int


def links_of(campaign: Campaign, within: Sight) -> list[CountedLink]:
    """The campaign's links whose unit is in sight, those that work first, newest first."""
    begun = select(func.count(Invitation.id)).where(Invitation.open_link_id == OpenLink.id)
    answered = begun.where(Invitation.answered)
    rows = db.session.execute(
        select(OpenLink, begun.scalar_subquery(), answered.scalar_subquery())
        .where(OpenLink.campaign_id == campaign.id, is_in_sight(OpenLink.unit_id, within))
        .order_by(OpenLink.revoked_at.is_not(None), OpenLink.id.desc())
        .options(joinedload(OpenLink.unit), joinedload(OpenLink.representative))
    ).tuples()
    return [CountedLink(*row) for row in rows]


def link_by_id(link_id: int, within: Sight) -> OpenLink:
    """The link, if it and its campaign are in sight; raises NotFound."""
    link = db.session.get(OpenLink, link_id)
    if link is None or not in_sight(link.unit_id, within):
        raise NotFound("There is no such open link. Choose one from the campaign's list.")
    campaign_by_id(link.campaign_id, within)
    return link
