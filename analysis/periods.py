"""Periods of whole months: a month, a quarter, a year or a range of months.

A period includes its start and excludes its end. Its dates are days in the organisation's zone.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
YEAR = re.compile(r"\d{4}", re.ASCII)
# The end of a period must still be a date Python can hold.
YEARS = range(1, 9999)


class PeriodError(ValueError):
    """A period that cannot be read; the message is a sentence for people."""


class PeriodType(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"


class WindowType(StrEnum):
    """The stretch of months that a number is of: its period, or the twelve months up to its end."""

    PERIOD = "period"
    LONG = "trailing_12_months"


LONG_MONTHS = 12

# Months in one.
LENGTHS = {PeriodType.MONTH: 1, PeriodType.QUARTER: 3, PeriodType.YEAR: 12}


@dataclass(frozen=True)
class Period:
    """Whole months from ``start`` (included) to ``end`` (excluded)."""

    type: PeriodType
    label: str
    start: date
    end: date

    @classmethod
    def parse(cls, label: str) -> "Period":
        """Read ``2026-07``, ``2026-Q3``, ``2026`` or ``2015-01..2021-03`` (last month included).

        Raises PeriodError for anything else.
        """
        text = label.strip()
        if MONTH.fullmatch(text):
            start = _first_day(text)
            return cls(PeriodType.MONTH, text, start, _months_later(start, 1))
        if quarter := QUARTER.fullmatch(text):
            start = _day(int(quarter[1]), 3 * int(quarter[2]) - 2)
            return cls(PeriodType.QUARTER, text, start, _months_later(start, 3))
        if YEAR.fullmatch(text):
            start = _day(int(text), 1)
            return cls(PeriodType.YEAR, text, start, _months_later(start, 12))
        first, dots, last = text.partition("..")
        if dots and MONTH.fullmatch(first) and MONTH.fullmatch(last):
            return cls.covering(first, last)
        raise PeriodError(
            f"'{label}' is not a period. Write a month (2026-07), a quarter (2026-Q3), "
            "a year (2026) or a range of months (2015-01..2021-03)."
        )

    @classmethod
    def covering(cls, first_month: str, last_month: str) -> "Period":
        """The range from one month (``YYYY-MM``) to another, both included."""
        start, last = _first_day(first_month), _first_day(last_month)
        if last < start:
            raise PeriodError(
                f"The range {first_month}..{last_month} ends before it starts. Swap the two months."
            )
        return cls(PeriodType.RANGE, f"{first_month}..{last_month}", start, _months_later(last, 1))

    @classmethod
    def holding(cls, type_: PeriodType, day: date) -> "Period":
        """The month, quarter or year that the day lies in; a range has no such period."""
        length = LENGTHS[type_]
        return _of_length(type_, _day(day.year, (day.month - 1) // length * length + 1))

    def months(self) -> list[str]:
        """The period's months as ``YYYY-MM``, in order."""
        found, day = [], self.start
        while day < self.end:
            found.append(_label(day))
            day = _months_later(day, 1)
        return found

    def split(self, type_: PeriodType) -> list["Period"]:
        """The months, quarters or years that the period consists of, in order.

        Raises PeriodError where it begins or ends within one of them.
        """
        length = LENGTHS[type_]
        starts = [day for day in self.first_days() if (day.month - 1) % length == 0]
        parts = [_of_length(type_, day) for day in starts]
        if not parts or parts[0].start != self.start or parts[-1].end != self.end:
            raise PeriodError(f"{self.label} does not consist of whole {type_.value}s.")
        return parts

    def before(self, periods: int) -> "Period":
        """The period of the same length so many periods before; 0 gives this one.

        Raises PeriodError for one before the first year.

        Examples
        --------
        >>> Period.parse("2026-Q1").before(2).label
        '2025-Q3'
        >>> Period.parse("2026-02..2026-03").before(1).label
        '2025-12..2026-01'
        """
        length = len(self.months())
        start = _months_later(self.start, -length * periods)
        if self.type in LENGTHS:
            return _of_length(self.type, start)
        return Period.covering(_label(start), _label(_months_later(start, length - 1)))

    def first_days(self) -> list[date]:
        """The first day of each of the period's months, in order."""
        return [_first_day(month) for month in self.months()]

    def is_over(self, now: datetime, time_zone: str) -> bool:
        """Whether the period had ended at ``now`` (an aware time) in the time zone."""
        zone = ZoneInfo(time_zone)
        return now.astimezone(zone).date() >= self.end


def _of_length(type_: PeriodType, start: date) -> Period:
    label = {
        PeriodType.MONTH: _label(start),
        PeriodType.QUARTER: f"{start.year:04d}-Q{(start.month + 2) // 3}",
        PeriodType.YEAR: f"{start.year:04d}",
    }[type_]
    return Period(type_, label, start, _months_later(start, LENGTHS[type_]))


def _label(month: date) -> str:
    return f"{month.year:04d}-{month.month:02d}"


def _first_day(month: str) -> date:
    match = MONTH.fullmatch(month)
    if match is None:
        raise PeriodError(f"'{month}' is not a month. Write it as YYYY-MM, for example 2026-07.")
    return _day(int(match[1]), int(match[2]))


def _day(year: int, month: int) -> date:
    if year not in YEARS:
        raise PeriodError(f"The year {year:04d} is outside {YEARS.start} to {YEARS.stop - 1}.")
    return date(year, month, 1)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
