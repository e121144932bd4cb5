"""Periods and wall-clock times in the organisation's time zone.

A period includes its start and excludes its end. A wall-clock time that does not exist, because
the clocks go forward, is the first moment after the gap; one that exists twice, because they go
back, is its first occurrence.
"""

from __future__ import annotations

from calendar import month_name, monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def month_of(moment: datetime, zone: ZoneInfo) -> str:
    """The month 'YYYY-MM' in which a moment falls, in the organisation's zone."""
    # Not strftime: it writes years before 1000 with fewer than four digits.
    return moment.astimezone(zone).date().isoformat()[:7]


def name_month(day: date) -> str:
    """The month of a day in words: 'July 2026'."""
    return f"{month_name[day.month]} {day.year}"


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The UTC moment at which a day begins in the organisation's zone."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def next_month(month: date) -> date:
    """The first day of the month after the one that `month` lies in."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_before(day: date, months: int) -> date:
    """The first of the month that lies so many months before the month of a day."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def month_bounds(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The UTC moments at which a month 'YYYY-MM' begins and ends in the organisation's zone."""
    first = date(int(month[:4]), int(month[5:7]), 1)
    return day_begins(first, zone), day_begins(next_month(first), zone)


def moment_on(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The UTC moment of a local day at which a clock on the wall shows the `minute` of the day.

    Minute 0 is midnight, 1440 the midnight at which the day ends.
    """
    return _first_moment(datetime.combine(day, time()) + timedelta(minutes=minute), zone)


def add_days(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The UTC moment with the same wall-clock time so many local days later (or earlier)."""
    if not days:
        # Of an hour that comes twice, a moment in the second one stays where it is.
        return moment.astimezone(UTC)
    local = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    return _first_moment(local + timedelta(days=days), zone)


def minute_of_day(moment: datetime, zone: ZoneInfo) -> int:
    """What a clock on the wall shows at a moment, as a minute of the day: 0 to 1439."""
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def next_daily(after: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """The first UTC moment later than `after` that is the `minute` of a day."""
    day = after.astimezone(zone).date()
    while (moment := moment_on(day, minute, zone)) <= after:
        day += timedelta(days=1)
    return moment


def next_monthly(after: datetime, day: int, minute: int, zone: ZoneInfo) -> datetime:
    """The first UTC moment later than `after` that is the `minute` of the `day` of a month.

    In a month that has no such day it is the month's last one.
    """
    month = after.astimezone(zone).date().replace(day=1)
    while True:
        last = monthrange(month.year, month.month)[1]
        moment = moment_on(month.replace(day=min(day, last)), minute, zone)
        if moment > after:
            return moment
        month = next_month(month)


def _first_moment(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment of a naive wall-clock time, by the rules at the top."""
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    # In a gap the two folds are read with the offsets after and before it, and so lie on both
    # sides of the moment at which the clocks are changed.
    before = local.replace(tzinfo=zone, fold=1, microsecond=0).astimezone(UTC)
    changed = moment.astimezone(zone).utcoffset()
    early, late = 0, int((moment - before).total_seconds())
    while late - early > 1:
        middle = (early + late) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == changed:
            late = middle
        else:
            early = middle
    return before + timedelta(seconds=late)
