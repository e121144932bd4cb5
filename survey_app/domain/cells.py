"""Read one cell of an import: each reader returns the value, or the `Problem` that prevents it.

All readers take the text of the cell and its place ("row 7, column started"), and refuse an
empty cell; whether a cell may be empty is the importer's to decide before reading it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from survey_app.domain.problems import Problem, did_you_mean, quoted

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+", re.ASCII)
FIRST_YEAR = 1900
Day = TypeVar("Day", date, datetime)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)
# Sums and squares of such numbers are far from infinity, and whole ones are exact.
LARGEST_NUMBER = 1e15


def read_number(cell: str, place: str) -> float | Problem:
    """Read a finite number with a decimal point; '1e3' is read, '1,5', 'NaN' and 'inf' are not."""
    if problem := _refuse_empty(cell, place, "a number, like 12.5"):
        return problem
    if COMMA_NUMBER.fullmatch(cell):
        return Problem.told(
            place,
            "decimal_comma",
            "{given} has a comma. Write it with a decimal point, {pointed}, and without thousands "
            "separators.",
            given=quoted(cell),
            pointed=quoted(cell.replace(",", ".")),
        )
    if not NUMBER.fullmatch(cell):
        return Problem.told(
            place,
            "not_a_number",
            "{given} is not a number. Write digits and at most one decimal point, without a unit "
            "or thousands separators, like 1234.5.",
            given=quoted(cell),
        )
    number = float(cell)
    if not abs(number) <= LARGEST_NUMBER:
        return Problem.told(
            place,
            "too_large",
            "{given} is too large: at most 1e15. Check the number, or its unit.",
            given=quoted(cell),
        )
    return number + 0.0  # "-0" becomes 0


def read_whole(cell: str, place: str) -> int | Problem:
    """Read a whole number; '3.0' is 3 (spreadsheets write it so), '3.5' is refused."""
    number = read_number(cell, place)
    if isinstance(number, Problem):
        return number
    if not number.is_integer():
        return Problem.told(
            place,
            "not_whole",
            "{given} is not a whole number. Leave out the decimals.",
            given=quoted(cell),
        )
    return int(number)


def read_date(cell: str, place: str) -> date | Problem:
    """Read a day written year-month-day."""
    if problem := _refuse_empty(cell, place, "a date, like 2026-07-31"):
        return problem
    if not DATE.fullmatch(cell):
        return Problem.told(
            place,
            "not_a_date",
            "{given} is not a date in the form year-month-day. Write it like 2026-07-31.",
            given=quoted(cell),
        )
    try:
        return _not_ancient(cell, place, date.fromisoformat(cell))
    except ValueError:
        return Problem.told(
            place,
            "no_such_date",
            "There is no day {given} in the calendar. Correct it.",
            given=quoted(cell),
        )


def read_month(cell: str, place: str) -> date | Problem:
    """Read a month written 'YYYY-MM' as the first of that month."""
    if problem := _refuse_empty(cell, place, "a month, like 2026-07"):
        return problem
    if not MONTH.fullmatch(cell):
        return Problem(
            place,
            "not_a_month",
            f"{quoted(cell)} is not a month in the form year-month. Write it like 2026-07.",
        )
    try:
        return _not_ancient(cell, place, date.fromisoformat(f"{cell}-01"))
    except ValueError:
        return Problem(
            place, "no_such_month", f"There is no month {quoted(cell)} in the calendar. Correct it."
        )


def read_moment(cell: str, place: str, zone: ZoneInfo) -> datetime | Problem:
    """Read an ISO 8601 moment as an aware datetime in UTC.

    With 'Z' or an offset it is that very moment; without one it is local time in `zone`. A local
    time that the clocks skip in spring is refused; of one that they pass twice in autumn the
    first is taken.
    """
    if problem := _refuse_empty(cell, place, "a date and time, like 2026-07-31 14:05:00"):
        return problem
    match = MOMENT.fullmatch(cell)
    if match is None:
        return Problem(
            place,
            "not_a_moment",
            f"{quoted(cell)} is not a date and time. Write it like 2026-07-31 14:05:00, or with "
            "its offset like 2026-07-31T14:05:00+02:00.",
        )
    day, time, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{offset or ''}")
        known = _not_ancient(cell, place, moment)
        return known if isinstance(known, Problem) else _in_utc(cell, place, moment, zone)
    except (ValueError, OverflowError):
        return Problem(
            place,
            "no_such_moment",
            f"{quoted(cell)} does not exist in the calendar or on the clock. Correct it.",
        )


def read_word(cell: str, place: str, known: Sequence[str]) -> str | Problem:
    """Read one word of a closed list, spelled exactly as in `known`."""
    if cell in known:
        return cell
    shown = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    if problem := _refuse_empty(cell, place, f"one of {shown}"):
        return problem
    return Problem(
        place,
        "unknown_word",
        f"{quoted(cell)} is not known here.{did_you_mean(cell, known)} Use one of: {shown}.",
    )


def _in_utc(cell: str, place: str, moment: datetime, zone: ZoneInfo) -> datetime | Problem:
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    in_utc = moment.replace(tzinfo=zone).astimezone(UTC)
    # Only a time the clocks skip does not come back as itself.
    if in_utc.astimezone(zone).replace(tzinfo=None) != moment:
        return Problem(
            place,
            "skipped_by_clocks",
            f"{quoted(cell)} never was on the clock in {zone.key}: the clocks were put forward. "
            "Correct the time, or write its offset, like +02:00.",
        )
    return in_utc


def _not_ancient(cell: str, place: str, day: Day) -> Day | Problem:
    """The day, unless its year was mistyped: 0202 for 2020 would lie before all calendars."""
    if day.year >= FIRST_YEAR:
        return day
    return Problem.told(
        place,
        "too_early",
        "{given} lies before {year}. Check the year.",
        given=quoted(cell),
        year=FIRST_YEAR,
    )


def _refuse_empty(cell: str, place: str, wanted: str) -> Problem | None:
    if cell.strip():
        return None
    return Problem(place, "empty", f"The cell is empty. Fill in {wanted}.")
