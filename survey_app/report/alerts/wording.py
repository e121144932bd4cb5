"""What an alert says: a title and a sentence, for pages, mails and machines alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from survey_app.marks import show_count, show_defined, show_value
from survey_app.report.alerts.kinds import CONTROL_LIMITS, RESPONSE_LOW, VERDICT_TURNED
from survey_app.report.alerts.late_figures import MONTHS_LOOKED_AT
from survey_app.report.change_words import PERIOD_NOUNS
from survey_app.report.goal_words import read_standing
from survey_app.report.wording import round_alike, say_reason, with_unit

MEETS = {"met": "meets its target", "not_met": "misses its target"}
MET_IT = {"met": "missed it", "not_met": "met it"}


def say_alert(
    kind: str,
    direction: str,
    subject: str,
    row: Mapping[str, Any],
    numbers: Mapping[str, Any],
    votes: str,
) -> tuple[str, str]:
    """Title and sentence of what was found in a scored row; `votes` as in `wording.say_reason`."""
    if kind == VERDICT_TURNED:
        return _say_turn(direction, subject, row, numbers, votes)
    if kind == CONTROL_LIMITS:
        return _say_signal(direction, subject, row, numbers)
    assert kind == RESPONSE_LOW
    return _say_response(subject, row, numbers)


def _say_turn(
    direction: str, subject: str, row: Mapping[str, Any], numbers: Mapping[str, Any], votes: str
) -> tuple[str, str]:
    title = (
        f"{subject} {MEETS[direction]} in {row['period_label']}; "
        f"in {numbers['before']} it {MET_IT[direction]}"
    )
    is_goal = "kpi_id" not in row
    parts = [read_standing(row, "").sentence if is_goal else say_reason(row, votes)]
    if numbers["periods_between"]:
        parts.append(f"Since {numbers['before']} nothing was certain.")
    was, now = numbers["target_before"], numbers["target"]
    if None not in (was, now) and was != now:
        unit = "" if is_goal else row["unit"]
        told = show_defined(was, unit), show_defined(now, unit)
        parts.append(f"The target was {told[0]} then and is {told[1]} now.")
    if not numbers["defined_alike"]:
        parts.append("It has been measured in another way since: its definition was changed.")
    return title, " ".join(parts)


def _say_signal(
    direction: str, subject: str, row: Mapping[str, Any], numbers: Mapping[str, Any]
) -> tuple[str, str]:
    unit, noun = row["unit"], PERIOD_NOUNS[row["period_type"]]
    value, center, low, high = (
        with_unit(text, unit)
        for text in round_alike(
            [numbers[name] for name in ("value", "center", "low", "high")], unit
        )
    )
    expected = (
        f"The {numbers['earlier']} {noun}s before it have a mean of {center} and lead to expect "
        f"{low} to {high}"
    )
    if not direction.startswith("run_"):
        title = f"{subject} lies {direction} its limits in {row['period_label']}"
        return title, f"The value is {value}. {expected}."
    side = direction.removeprefix("run_")
    title = (
        f"{subject} lies {side} its mean for the {_nth(numbers['row_length'])} {noun} in a row "
        f"in {row['period_label']}"
    )
    return title, (
        f"All values since {numbers['row_from']} lie {side} the mean, the latest is {value}. "
        f"{expected}."
    )


def _say_response(
    subject: str, row: Mapping[str, Any], numbers: Mapping[str, Any]
) -> tuple[str, str]:
    rate, high, limit = (
        show_value(numbers[name], "share") for name in ("response_rate", "high", "limit")
    )
    title = f"Few answers to {subject} in {row['period_label']}: {rate} of those invited"
    return title, (
        f"{show_count(numbers['answered'])} of {show_count(numbers['invited'])} invited have "
        f"answered. With chance allowed for that is {high} at most, under the limit of {limit}."
    )


def say_late(measure: str, label: str, ended: date, came: int) -> tuple[str, str]:
    """Title and sentence of a figure that has not come; `ended` is the day after the month."""
    return f"No figure of {measure} has come for {label}", (
        f"It came in {came} of the {MONTHS_LOOKED_AT} months before. {label} ended before {ended}."
    )


def _nth(number: int) -> str:
    words = {8: "eighth", 9: "ninth", 10: "tenth", 11: "eleventh", 12: "twelfth"}
    if number in words:
        return words[number]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0)
    return f"{number}{ending or 'th'}"
