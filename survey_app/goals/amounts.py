"""Amounts as people write them, in a KPI's unit: 80 %, 2 h 30 min, 12 000; and written back."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from survey_app.domain.cells import read_number
from survey_app.domain.problems import Problem, quoted

PERCENT_UNITS = ("%", "per cent", "percent")
SECONDS_IN = {
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("min", "minute", "minutes"), 60),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
}
PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.ASCII)
# A space between groups of three digits, as pages write large numbers.
GROUPED = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|$))")


def read_amount(text: str, unit: str, place: str) -> float | Problem:
    """The number that somebody wrote for a value in the unit.

    Shares may be written as per cent, seconds with days, hours and minutes; thousands may stand
    apart. Any unit takes a plain number.
    """
    written = GROUPED.sub("", text.strip().replace("\u2212", "-"))
    if unit == "seconds" and (seconds := _read_time(written)) is not None:
        return seconds
    if written.endswith("%"):
        return _read_percent(written, unit, place)
    number = read_number(written, place)
    if isinstance(number, Problem) and unit == "seconds" and number.code == "not_a_number":
        message = f"{quoted(text)} is not a time. Write it like 2 h 30 min, or in seconds."
        return Problem(place, "not_a_time", message)
    if not isinstance(number, Problem) and unit == "share" and abs(number) > 1:
        message = (
            f"{quoted(written)} is more than the whole. Write {quoted(f'{written} %')}, or "
            f"{quoted(f'{100 * number:g} %')} if you mean so many times the whole."
        )
        return Problem(place, "beyond_a_share", message)
    return number


def write_amount(value: float | None, unit: str) -> str:
    """The value as `read_amount` reads it back, to the last digit; '' for None."""
    if value is None:
        return ""
    if unit == "share":
        return f"{_plain(Decimal(repr(value)) * 100)} %"
    if unit == "seconds" and value > 0 and value.is_integer():
        return _write_time(int(value))
    return _plain(Decimal(repr(value)))


def _read_percent(written: str, unit: str, place: str) -> float | Problem:
    if unit != "share" and unit not in PERCENT_UNITS:
        message = f"The unit is {quoted(unit)}, so {quoted(written)} is no value of it."
        return Problem(place, "other_unit", f"{message} Write a plain number.")
    number = read_number(written[:-1].strip(), place)
    if isinstance(number, Problem) or unit != "share":
        return number
    try:
        return float(Decimal(written[:-1].strip()) / 100)
    except InvalidOperation:
        return number / 100


def _read_time(written: str) -> float | None:
    """Seconds, or None if it is not written with units of time."""
    at, total = 0, Decimal(0)
    text = written.lower()
    while piece := PIECE.match(text, at):
        size = SECONDS_IN.get(piece[2])
        if size is None:
            return None
        total += Decimal(piece[1]) * size
        at = piece.end()
    return float(total) if text and at == len(text) else None


def _write_time(seconds: int) -> str:
    pieces = []
    for name in ("d", "h", "min", "s"):
        count, seconds = divmod(seconds, SECONDS_IN[name])
        if count:
            pieces.append(f"{count} {name}")
    return " ".join(pieces)


def _plain(number: Decimal) -> str:
    """Digits without an exponent and without zeros at the end."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
