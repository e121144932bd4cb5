"""What a scored row says of its change and its trend, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_app.report.wording import show_difference

# A change whose p, adjusted for all KPIs and scopes of the run, is below this is told as certain.
LARGEST_P = 0.05
PERIOD_NOUNS = {"month": "month", "quarter": "quarter", "year": "year", "range": "period"}


def is_certain(row: Mapping[str, Any]) -> bool:
    """Whether the change against the period before is one, after looking at all of the run.

    A full count that changed has changed for certain: there is nothing to test.
    """
    if row["change_abs"] in (None, 0):
        return False
    p = row["change_p_adjusted"]
    if p is not None:
        return bool(p < LARGEST_P)
    return row["ci_method"] == "complete_count"


def is_better(row: Mapping[str, Any]) -> bool:
    """Whether the change goes to the good side."""
    return (row["change_abs"] > 0) == (row["direction"] == "higher_is_better")


def say_change(row: Mapping[str, Any]) -> str:
    """The change as a table's cell has it: 'better: +0.3', 'not certain: −0.1'; '' for none."""
    if row["change_abs"] is None:
        return ""
    size = show_difference(row["change_abs"], row["unit"], row["value"])
    if row["change_abs"] == 0:
        return "unchanged"
    if not is_certain(row):
        return f"not certain: {size}"
    return f"{'better' if is_better(row) else 'worse'}: {size}"


def show_change_interval(row: Mapping[str, Any]) -> str:
    """The interval of the change, as '−0.1 to +0.7'; '' where there is none."""
    low, high = row["change_ci_low"], row["change_ci_high"]
    if low is None or high is None:
        return ""
    first, last = (show_difference(end, row["unit"], row["value"]) for end in (low, high))
    return f"{first} to {last}"


def say_trend(row: Mapping[str, Any]) -> str:
    """The trend of the latest periods: 'rising by 0.02 a month'; '' where there is none."""
    slope = row["trend_slope"]
    if slope is None:
        return ""
    if slope == 0:
        return "level"
    size = show_difference(abs(slope), row["unit"], row["value"]).lstrip("+")
    noun = PERIOD_NOUNS[row["period_type"]]
    return f"{'rising' if slope > 0 else 'falling'} by {size} a {noun}"
