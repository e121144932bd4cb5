"""Values outside of what the earlier periods lead to expect. Loads numpy; only jobs import it."""

from __future__ import annotations

import math
from typing import Any

from analysis.control import beyond_limits, runs_on_one_side, xmr_chart
from survey_app.report.alerts.kinds import CONTROL_LIMITS, DIRECTIONS
from survey_app.report.alerts.points import NOTHING, Judgement, Series

# Of values that vary by chance alone, one in 53 lies outside limits from 12 earlier ones and one in
# 32 outside those from 8; with 24 it is one in 112, and one in 370 where limits are known for sure.
LEAST_EARLIER = 12


def judge_value(series: Series) -> Judgement:
    """Whether the newest value lies outside the XmR limits of the values before it.

    Limits and mean are those of at least LEAST_EARLIER earlier values of the same series: from the
    last change of the definition, or break of the question, on. 'run_above' and 'run_below': the
    newest is at least the eighth value in a row on that side of the mean.
    """
    comparable = _since_break(series)
    values = [math.nan if one is None or one.value is None else one.value for one in comparable]
    known = sum(not math.isnan(value) for value in values[:-1])
    if not values or math.isnan(values[-1]) or known < LEAST_EARLIER:
        return NOTHING
    chart = xmr_chart(values[:-1])
    limits, newest = chart.values, values[-1]
    center, low, high = float(limits.center), float(limits.low), float(limits.high)
    if math.isnan(low):
        return NOTHING
    numbers: dict[str, Any] = {
        "value": newest,
        "center": center,
        "low": low,
        "high": high,
        "moving_range": float(chart.ranges.center),
        "earlier": known,
    }
    side = "above" if newest > center else "below"
    found: dict[str, dict[str, Any]] = {}
    if beyond_limits([newest], limits)[0]:
        found[side] = numbers
    if runs_on_one_side(values, limits.center)[-1]:
        length = _length_of_row(values, center)
        first = comparable[-length]
        assert first is not None
        found[f"run_{side}"] = numbers | {"row_length": length, "row_from": first.label}
    return Judgement(found, frozenset(DIRECTIONS[CONTROL_LIMITS]) - found.keys())


def _since_break(series: Series) -> Series:
    """The end of the series whose values compare with the newest one."""
    newest = series[-1]
    if newest is None:
        return ()
    first = len(series) - 1
    while first > 0:
        later, before = series[first], series[first - 1]
        if later is not None and later.breaks:
            break
        if before is not None and before.defined != newest.defined:
            break
        first -= 1
    return series[first:]


def _length_of_row(values: list[float], center: float) -> int:
    """How many values up to the newest lie on its side of the centre without a gap."""
    length = 0
    above = values[-1] > center
    for value in reversed(values):
        if math.isnan(value) or value == center or (value > center) != above:
            break
        length += 1
    return length
