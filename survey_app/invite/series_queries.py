"""Reading the campaigns that come again, and what they were made of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.organisation.sight import Sight, in_sight, is_in_sight

CAMPAIGNS_SHOWN = 100


def is_pattern(campaign_id: int) -> bool:
    """Whether a campaign is the pattern of a series: copies of it are sent, it is not."""
    uses = exists().where(CampaignSeries.pattern_id == campaign_id)
    return bool(db.session.scalar(select(uses)))


def series_by_id(series_id: int, within: Sight) -> CampaignSeries:
    """The series, if the audience of its pattern is in sight; raises NotFound."""
    series = db.session.get(CampaignSeries, series_id)
    if series is None or not in_sight(series.pattern.audience_unit_id, within):
        raise NotFound("There is no such series. Choose one from the list of series.")
    return series


def series_in(within: Sight) -> Sequence[CampaignSeries]:
    """The series whose pattern has an audience in sight, by name."""
    return db.session.scalars(
        select(CampaignSeries)
        .join(CampaignSeries.pattern)
        .where(is_in_sight(Campaign.audience_unit_id, within))
        .order_by(CampaignSeries.name)
        .options(joinedload(CampaignSeries.pattern).joinedload(Campaign.audience_unit))
    ).all()


def possible_patterns(within: Sight) -> Sequence[Campaign]:
    """The campaigns in sight that were not sent, so that copies of them can be, by name."""
    return db.session.scalars(
        select(Campaign)
        .where(
            Campaign.launched_at.is_(None),
            Campaign.series_id.is_(None),
            is_in_sight(Campaign.audience_unit_id, within),
        )
        .order_by(Campaign.name)
    ).all()


def campaigns_of(series: CampaignSeries, within: Sight) -> Sequence[Campaign]:
    """The campaigns that a series has sent and whose audience is in sight, newest first."""
    return db.session.scalars(
        select(Campaign)
        .where(Campaign.series_id == series.id, is_in_sight(Campaign.audience_unit_id, within))
        .order_by(Campaign.launched_at.desc(), Campaign.id.desc())
        .limit(CAMPAIGNS_SHOWN)
    ).all()
