"""Planning campaigns that come again: each month, or some days after a visit closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import record
from survey_app.db import db, mark_of
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem, quoted
from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.organisation.calendars import moment_on, next_daily, next_monthly

MONTHLY, AFTER_VISIT = "monthly", "after_visit"

# What comes behind it in the name of a campaign must fit, too: ", visits of September 2026".
LONGEST_SERIES_NAME = 90
MOST_DAYS = 90
MOST_OPEN_DAYS = 365


@dataclass(frozen=True)
class SeriesPlan:
    """What a series is to be; the fields are those of `CampaignSeries`.

    `at` is a minute of the day. `day` is for `kind` 'monthly', `process_key` and `days` are for
    'after_visit'.
    """

    name: str
    kind: str
    pattern: Campaign
    at: int
    open_days: int
    day: int = 1
    process_key: str = ""
    days: int = 1


def plan_series(
    plan: SeriesPlan, zone: ZoneInfo, now: datetime
) -> tuple[CampaignSeries | None, list[Problem]]:
    """Add a series; its first turn is the next one after `now`."""
    # A launch of the pattern at the same moment comes before or after this, never in between.
    db.session.refresh(plan.pattern, with_for_update=True)
    series = CampaignSeries(kind=plan.kind, created_at=now)
    if plan.kind == AFTER_VISIT:
        series.since = now
    stored, problems = _store(series, plan)
    if stored is not None:
        stored.next_at = next_turn(stored, now, zone)
        db.session.flush()
        record("series added", stored.name, now, pattern=plan.pattern.name)
    return stored, problems


def revise_series(
    series: CampaignSeries, plan: SeriesPlan, zone: ZoneInfo, now: datetime, seen: str | None = None
) -> tuple[CampaignSeries | None, list[Problem]]:
    """Change a series, all but its kind; `seen` is the `mark_of` what was opened.

    What was sent stays as it is. A turn that is due at `now` still comes.
    """
    db.session.refresh(plan.pattern, with_for_update=True)
    db.session.refresh(series, with_for_update=True)
    if seen not in (None, mark_of(series)):
        return None, [CHANGED_MEANWHILE]
    stored, problems = _store(series, plan)
    if stored is None:
        return None, problems
    if stored.next_at is not None and stored.next_at > now:
        stored.next_at = next_turn(stored, now, zone)
        db.session.flush()
    record("series changed", stored.name, now)
    return stored, []


def stop_series(series: CampaignSeries, now: datetime) -> tuple[CampaignSeries, list[Problem]]:
    """Send nothing more; a series that is stopped already stays as it is."""
    db.session.refresh(series, with_for_update=True)
    if series.stopped_at is None:
        series.stopped_at = now
        series.next_at = None
        db.session.flush()
        record("series stopped", series.name, now)
    return series, []


def resume_series(
    series: CampaignSeries, zone: ZoneInfo, now: datetime
) -> tuple[CampaignSeries, list[Problem]]:
    """Go on from `now`: turns that came meanwhile, and visits that closed, are left out."""
    db.session.refresh(series, with_for_update=True)
    if series.stopped_at is not None:
        series.stopped_at = None
        series.next_at = next_turn(series, now, zone)
        if series.kind == AFTER_VISIT:
            series.since = now
        db.session.flush()
        record("series resumed", series.name, now)
    return series, []


def next_turn(series: CampaignSeries, after: datetime, zone: ZoneInfo) -> datetime:
    """The first turn later than `after`: once a month, or once a day for visits of earlier days."""
    if series.kind == MONTHLY:
        return next_monthly(after, series.day, series.at, zone)
    return next_daily(after, series.at, zone)


def next_turns(series: CampaignSeries, zone: ZoneInfo, count: int = 3) -> list[datetime]:
    """The coming turns, the first of them `next_at`; none of a series that is stopped."""
    if series.next_at is None:
        return []
    turns = [series.next_at]
    while len(turns) < count:
        turns.append(next_turn(series, turns[-1], zone))
    return turns


def window_ends(turn: datetime, open_days: int, zone: ZoneInfo) -> datetime:
    """When links of a turn stop working: at the end of the local day so many days later."""
    day = turn.astimezone(zone).date() + timedelta(days=open_days)
    return moment_on(day, 24 * 60, zone)


def _store(series: CampaignSeries, plan: SeriesPlan) -> tuple[CampaignSeries | None, list[Problem]]:
    name = plan.name.strip()
    problems = _check_plan(name, plan)
    if problems:
        return None, problems
    try:
        with db.session.begin_nested():
            series.name = name
            series.pattern = plan.pattern
            series.at = plan.at
            series.open_days = plan.open_days
            series.day = plan.day
            series.process_key = plan.process_key
            series.days = plan.days
            db.session.add(series)
            db.session.flush()
    except IntegrityError:
        text = f"There is a series named {quoted(name)} already. Choose another name."
        return None, [Problem("name", "taken", text)]
    return series, []


def _check_plan(name: str, plan: SeriesPlan) -> list[Problem]:
    problems = []
    if not name:
        problems.append(Problem("name", "empty", "Give the series a name."))
    if len(name) > LONGEST_SERIES_NAME:
        text = f"The name has {len(name)} characters; shorten it to {LONGEST_SERIES_NAME}."
        problems.append(Problem("name", "too_long", text))
    if plan.pattern.launched_at is not None:
        text = (
            f"{quoted(plan.pattern.name)} was sent already, and a pattern is not sent itself. "
            "Choose a campaign that was not sent."
        )
        problems.append(Problem("pattern", "launched", text))
    numbers = [
        ("time of day", plan.at, 0, 24 * 60 - 1, "Choose a time from 00:00 to 23:59."),
        *_numbers_of(plan),
    ]
    problems += [
        Problem(place, "out_of_range", text)
        for place, number, least, most, text in numbers
        if not least <= number <= most
    ]
    if plan.kind == AFTER_VISIT:
        problems += _after_visit_problems(plan)
    return problems


def _numbers_of(plan: SeriesPlan) -> list[tuple[str, int, int, int, str]]:
    text = f"Links can stay open for 1 to {MOST_OPEN_DAYS} days. Choose a number between them."
    opened = ("days open", plan.open_days, 1, MOST_OPEN_DAYS, text)
    if plan.kind == MONTHLY:
        text = "Choose a day from 1 to 31; in shorter months 31 is the last day."
        return [("day of the month", plan.day, 1, 31, text), opened]
    text = f"Customers can be asked 1 to {MOST_DAYS} days later. Choose a number between them."
    return [("days after the visit", plan.days, 1, MOST_DAYS, text), opened]


def _after_visit_problems(plan: SeriesPlan) -> list[Problem]:
    problems = []
    if not plan.process_key:
        text = "Choose the kind of visit after which customers are asked."
        problems.append(Problem("kind of visit", "empty", text))
    if plan.pattern.sample_size is not None:
        text = (
            "The pattern draws a sample, and after a visit its customer is asked, not a sample. "
            "Empty the sample's size in the pattern, or choose another one."
        )
        problems.append(Problem("pattern", "sample", text))
    return problems
