"""Sending the turns of a series: a copy of its pattern, once for each.

The copy, its launch and the next turn are one transaction under the lock of the series: whenever a
worker dies, the turn has come whole or is still due.
"""

from __future__ import annotations

import secrets
from copy import deepcopy
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import inspect, select

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.invite.inviting import launch
from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.invite.repeating import next_turn, window_ends
from survey_app.organisation.calendars import name_month

# What each campaign has for itself; everything else is the pattern's.
OWN = frozenset(
    {
        *("id", "name", "created_at", "opens_at", "closes_at", "launched_at", "sample_seed"),
        *("paused_at", "pause_reason", "bounces_since", "series_id"),
    }
)


def due_series(kind: str, now: datetime) -> list[int]:
    """Ids of the series of a kind that have a turn to come, the longest due first."""
    return list(
        db.session.scalars(
            select(CampaignSeries.id)
            .where(CampaignSeries.next_at <= now, CampaignSeries.kind == kind)
            .order_by(CampaignSeries.next_at, CampaignSeries.id)
        )
    )


def take_series(series_id: int, now: datetime) -> CampaignSeries | None:
    """The series under a lock, if it is still due; None if not, or if somebody else is at it."""
    return db.session.scalar(
        select(CampaignSeries)
        .where(CampaignSeries.id == series_id, CampaignSeries.next_at <= now)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def send_turn(series: CampaignSeries, zone: ZoneInfo, now: datetime) -> Campaign | None:
    """Send the latest turn of a monthly series that is due, and move on; None if nothing was sent.

    Earlier turns, missed while no worker ran, are left out, and so is the latest once its links
    would not work any more. That, and a turn with nobody to ask, is noted in the audit trail.
    """
    due = series.next_at
    assert due is not None, f"The series {series.id} is not due."
    missed = []
    while (later := next_turn(series, due, zone)) <= now:
        missed.append(due)
        due = later
    sent = None
    if window_ends(due, series.open_days, zone) <= now:
        missed.append(due)
    else:
        sent, problems = _send_copy(series, due, zone, now)
        if problems:
            told = [problem.message for problem in problems]
            record("series not sent", series.name, now, due=due.isoformat(), reasons=told)
    if missed:
        moments = [moment.isoformat() for moment in missed]
        record("series missed turns", series.name, now, due=moments)
    series.next_at = next_turn(series, now, zone)
    db.session.flush()
    return sent


def copy_pattern(series: CampaignSeries, name: str, now: datetime, **own: Any) -> Campaign:
    """A campaign like the pattern of a series, with a name and what else is its `own`; stored."""
    pattern = series.pattern
    columns = {
        column.key: deepcopy(getattr(pattern, column.key))
        for column in inspect(Campaign).column_attrs
        if column.key not in OWN
    }
    made = columns | {
        "name": name,
        "created_at": now,
        "sample_seed": secrets.token_hex(8),
        "series_id": series.id,
        **own,
    }
    campaign = Campaign(**made)
    db.session.add(campaign)
    db.session.flush()
    return campaign


def free_name(*wanted: str) -> str:
    """The first of the names that no campaign has; if all are taken, the last with a number."""
    taken = set(db.session.scalars(select(Campaign.name).where(Campaign.name.in_(wanted))))
    for name in wanted:
        if name not in taken:
            return name
    number = 2
    while db.session.scalar(select(Campaign.id).where(Campaign.name == f"{wanted[-1]} ({number})")):
        number += 1
    return f"{wanted[-1]} ({number})"


def _send_copy(
    series: CampaignSeries, due: datetime, zone: ZoneInfo, now: datetime
) -> tuple[Campaign | None, list[Problem]]:
    day: date = due.astimezone(zone).date()
    name = free_name(
        f"{series.name}, {name_month(day)}", f"{series.name}, {day.day} {name_month(day)}"
    )
    with db.session.begin_nested() as unless_refused:
        campaign = copy_pattern(
            series,
            name,
            now,
            opens_at=due,
            closes_at=window_ends(due, series.open_days, zone),
        )
        invited, problems = launch(campaign, now)
        if invited is None:
            # No campaign is left behind that somebody might send later.
            unless_refused.rollback()
            return None, problems
    return campaign, []
