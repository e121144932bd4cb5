"""Campaigns that come again, for tests; all inside an app context."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.invite.repeating import AFTER_VISIT, MONTHLY, SeriesPlan, plan_series
from tests.factories.campaigns import NOW, make_campaign

ZURICH = ZoneInfo("Europe/Zurich")


def monthly(pattern: Campaign, **fields: Any) -> SeriesPlan:
    """A plan for the first of each month at nine, open for 14 days."""
    planned = {"name": "Pulse", "kind": MONTHLY, "at": 9 * 60, "open_days": 14, **fields}
    return SeriesPlan(pattern=pattern, **planned)


def after_visit(pattern: Campaign, **fields: Any) -> SeriesPlan:
    """A plan for the day after a visit at nine, open for 14 days."""
    fields = {"kind": AFTER_VISIT, "process_key": "sales_visit", "name": "Thanks", **fields}
    return monthly(pattern, **fields)


def make_series(
    plan: SeriesPlan | None = None, now: datetime = NOW, zone: ZoneInfo = ZURICH
) -> CampaignSeries:
    """A series; unless told, a monthly one whose pattern is for all contacts."""
    series, problems = plan_series(plan or monthly(make_campaign(name="Pattern")), zone, now)
    assert series is not None, problems
    return series
