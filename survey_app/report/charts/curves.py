"""Figures of how many visits have reached a milestone after how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_app.marks import show_duration, show_value
from survey_app.report.charts.figure import Column, Figure, axis_of
from survey_app.report.wording import WINDOWS, target_of

# The table holds so many steps of the curve at most; the drawing and the exhibit hold all.
TABLE_ROWS = 25


def make_curve(
    document: Mapping[str, Any], row: Mapping[str, Any], window: str, milestone: str
) -> Figure | None:
    """A window of a `curve` exhibit; `row` is the KPI's scored row of that window.

    None where the window is suppressed or without visits.
    """
    told = document["windows"][window]
    if not told.get("steps"):
        return None
    until = told["until"]
    axis = axis_of("seconds", [until], "time since the start")
    steps = [[0.0, 0.0, 0.0, 0.0], *told["steps"]]
    last = steps[-1]
    is_time = row["unit"] == "seconds"
    competing = told["called_back"] + told["left"]
    return Figure(
        "curve",
        _find(row, told, milestone),
        f"{row['kpi_name']}, {row['scope_name']}, {WINDOWS[window]} {row['period_label']}; "
        f"n = {told['n']} visits: {told['reached']} reached it, {told['called_back']} called back "
        f"before, {told['left']} left before, {told['open']} are still open. "
        + ("Cumulative incidence" if competing else "Kaplan-Meier")
        + " with pointwise 95 % limits.",
        f"Rising curve of the share of visits that have reached '{milestone}', by time since the "
        "start, with a band for its 95 % limits; below it how many visits are still waited for.",
        (
            Column("seconds", "Time since the start", "seconds"),
            Column("low", "Low end", "share"),
            Column("share", "Reached it", "share"),
            Column("high", "High end", "share"),
        ),
        tuple(
            dict(zip(("seconds", "share", "low", "high"), step, strict=True))
            for step in _some(steps)
        ),
        {
            "axis": axis.title,
            "y_axis": f"reached: {milestone} (%)",
            "until": axis.place(until),
            "steps": [
                {
                    "time": axis.place(time),
                    "share": 100 * share,
                    "low": None if low is None else 100 * low,
                    "high": None if high is None else 100 * high,
                }
                for time, share, low, high in [*steps, [until, *last[1:]]]
            ],
            "at_risk": [
                {"time": axis.place(one["seconds"]), "n": one["n"]} for one in told["at_risk"]
            ],
            "value": axis.place(row["value"]) if is_time else None,
            "level": _level(row),
            "target_time": axis.place(target_of(row)) if is_time else None,
        },
    )


def _level(row: Mapping[str, Any]) -> float | None:
    """The share at which the KPI reads the curve, in per cent, where it is one and known."""
    return 50.0 if row["statistic"] == "km_median" else None


def _some(steps: list[Any]) -> list[Any]:
    """Steps spread over the curve, its ends among them."""
    if len(steps) <= TABLE_ROWS:
        return steps
    places = [round(at * (len(steps) - 1) / (TABLE_ROWS - 1)) for at in range(TABLE_ROWS)]
    return [steps[place] for place in places]


def _find(row: Mapping[str, Any], told: Mapping[str, Any], milestone: str) -> str:
    if row["statistic"] == "km_median":
        if row["value"] is None:
            return f"{row['kpi_name']}: fewer than half of the visits have been seen to reach it"
        return f"Half of the visits have reached '{milestone}' after {show_duration(row['value'])}"
    if row["value"] is not None:
        return f"{row['kpi_name']}: {show_value(row['value'], row['unit'])}"
    return f"{told['reached']} of {told['n']} visits have reached '{milestone}'"
