"""Periods in the organisation's time zone: start included, end excluded."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def month_of(moment: datetime, zone: ZoneInfo) -> str:
    """The month 'YYYY-MM' in which a moment falls, in the organisation's zone."""
    # Not strftime: it writes years before 1000 with fewer than four digits.
    return moment.astimezone(zone).date().isoformat()[:7]


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
