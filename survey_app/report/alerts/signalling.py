"""Values outside of what the earlier periods lead to expect. Loads numpy; only jobs import it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from analysis.control import beyond_limits, runs_on_one_side, xmr_chart
from survey_app.report.alerts.kinds import CONTROL_LIMITS, DIRECTIONS
from survey_app.report.alerts.points import NOTHING, Judgement, Series

# Of values that vary by chance alone, one in 53 lies outside limits from 12 earlier ones and one in
# 32 outside those from 8; with 24 it is one in 112, and one in 370 where limits are known for sure.
LEAST_EARLIER = 12


def judge_values(many: Sequence[Series]) -> list[Judgement]:
    """Whether the newest value of each series lies outside the XmR limits of the values before it.

    Limits and mean are those of at least LEAST_EARLIER earlier values of the same series: from the
    last change of the definition, or break of the question, on. 'run_above' and 'run_below': the
    newest is at least the eighth value in a row on that side of the mean. All series have the same
    number of periods.
    """
    if not many:
        return []
    values = np.array([_comparable_values(series) for series in many])
    earlier = values[:, :-1]
    known = (~np.isnan(earlier)).sum(axis=1)
    # Series without limits are left out below; a mean of nothing is theirs alone.
    earlier = np.where((known < LEAST_EARLIER)[:, None], np.nan, earlier)
    chart = xmr_chart(earlier)
    limits = chart.values
    outside = beyond_limits(values, limits)[:, -1]
    in_row = runs_on_one_side(values, limits.center)[:, -1]
    judged = []
    for at, series in enumerate(many):
        newest, low = float(values[at, -1]), float(limits.low[at])
        if math.isnan(newest) or math.isnan(low):
            judged.append(NOTHING)
            continue
        center = float(limits.center[at])
        numbers: dict[str, Any] = {
            "value": newest,
            "center": center,
            "low": low,
            "high": float(limits.high[at]),
            "moving_range": float(chart.ranges.center[at]),
            "earlier": int(known[at]),
        }
        side = "above" if newest > center else "below"
        found: dict[str, dict[str, Any]] = {}
        if outside[at]:
            found[side] = numbers
        if in_row[at]:
            length = _length_of_row(values[at], center)
            first = series[-length]
            assert first is not None
            found[f"run_{side}"] = numbers | {"row_length": length, "row_from": first.label}
        judged.append(Judgement(found, frozenset(DIRECTIONS[CONTROL_LIMITS]) - found.keys()))
    return judged


def _comparable_values(series: Series) -> list[float]:
    """The values that compare with the newest one; NaN for the others and where there is none."""
    first = _first_comparable(series)
    return [
        math.nan if at < first or one is None or one.value is None else one.value
        for at, one in enumerate(series)
    ]


def _first_comparable(series: Series) -> int:
    """Where the stretch begins whose values compare with the newest one."""
    newest = series[-1]
    first = len(series) - 1
    while first > 0 and newest is not None:
        later, before = series[first], series[first - 1]
        if later is not None and later.breaks:
            break
        if before is not None and before.defined != newest.defined:
            break
        first -= 1
    return first


def _length_of_row(values: Iterable[float], center: float) -> int:
    """How many values up to the newest lie on its side of the centre without a gap."""
    length = 0
    backwards = list(values)[::-1]
    above = backwards[0] > center
    for value in backwards:
        if math.isnan(value) or value == center or (value > center) != above:
            break
        length += 1
    return length
