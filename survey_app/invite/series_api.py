"""Campaigns that come again for machines, within the sight of the token's user."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from sqlalchemy import select

from survey_app.api.paging import Page, PageQuery, page_of, read_page
from survey_app.invite.api import resources
from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.invite.repeating import MONTHLY
from survey_app.invite.series_queries import series_by_id
from survey_app.invite.series_schemas import SeriesSchema
from survey_app.organisation.sight import is_in_sight, sight_of


@resources.operation("GET", "/series", "campaigns:read", page_of(SeriesSchema), query=PageQuery)
def list_series(query: dict[str, Any]) -> Page:
    """List the campaigns that come again."""
    rows = (
        select(CampaignSeries)
        .join(CampaignSeries.pattern)
        .where(is_in_sight(Campaign.audience_unit_id, sight_of(current_user)))
    )
    page = read_page(rows, CampaignSeries.id, query)
    return Page([_told(series) for series in page.items], page.next)


@resources.operation("GET", "/series/<int:series_id>", "campaigns:read", SeriesSchema)
def show_series(series_id: int) -> dict[str, Any]:
    """Read a campaign that comes again."""
    return _told(series_by_id(series_id, sight_of(current_user)))


def _told(series: CampaignSeries) -> dict[str, Any]:
    monthly = series.kind == MONTHLY
    return {
        "id": series.id,
        "name": series.name,
        "kind": series.kind,
        "pattern": series.pattern_id,
        "at": f"{series.at // 60:02}:{series.at % 60:02}",
        "open_days": series.open_days,
        "day": series.day if monthly else None,
        "process": None if monthly else series.process_key,
        "days": None if monthly else series.days,
        "next_at": series.next_at,
        "stopped_at": series.stopped_at,
        "created_at": series.created_at,
    }
