"""Figures of a KPI's latest periods: values, intervals, control limits, signals and breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.marks import show_value
from survey_app.report.charts.figure import Column, Figure, axis_of, list_names
from survey_app.report.wording import round_alike, target_of, with_unit

SIGNALS = {
    "beyond_limits": "beyond the control limits",
    "run_of_8": "eighth or later in a row on one side of the centre",
}


def make_history(document: Mapping[str, Any], row: Mapping[str, Any]) -> Figure | None:
    """The periods of a `history` exhibit; `row` is the KPI's scored row of the run's own period.

    None where the exhibit is suppressed or has a value in no period.
    """
    periods = document.get("periods", [])
    if not any(one["value"] is not None for one in periods):
        return None
    limits = document["limits"]
    signals: dict[str, list[str]] = {}
    for one in document["signals"]:
        signals.setdefault(one["period"], []).append(SIGNALS[one["rule"]])
    ends = [one[name] for one in periods for name in ("value", "low", "high")]
    ends += [target_of(row), *(limits[end] for end in ("low", "high") if limits)]
    unit = row["unit"]
    axis = axis_of(unit, ends, row["kpi_name"])
    counts = [one["n"] for one in periods if one["value"] is not None]
    return Figure(
        "history",
        _find(document, row["kpi_name"], unit),
        _say_caption(document, row, counts, any(one["low"] is not None for one in periods)),
        f"Control chart of {len(periods)} periods: each value with its 95 % interval as an upright "
        "line, the centre as a thin line, the control limits dashed, signals as diamonds, "
        f"unfinished periods hollow. Axis: {axis.title}.",
        (
            Column("label", "Period", is_number=False),
            Column("low", "Low end", unit),
            Column("value", "Value", unit),
            Column("high", "High end", unit),
            Column("n", "n", "count"),
            Column("remark", "Remark", is_number=False),
        ),
        tuple(
            {name: one[name] for name in ("label", "low", "value", "high", "n")}
            | {"remark": "; ".join(_remarks(one, signals, document["breaks"]))}
            for one in periods
        ),
        {
            "axis": axis.title,
            "points": [
                {
                    "label": _short(one["label"]),
                    "value": axis.place(one["value"]),
                    "low": axis.place(one["low"]),
                    "high": axis.place(one["high"]),
                    "is_signal": one["label"] in signals,
                    "is_partial": one["is_partial"],
                    "series": one["series"],
                }
                for one in periods
            ],
            "breaks": [_short(one) for one in document["breaks"]],
            "limits": {end: axis.place(limits[end]) for end in ("low", "center", "high")}
            if limits
            else None,
            "target": axis.place(target_of(row)),
        },
    )


def _short(label: str) -> str:
    """A range of months by the month it ends with."""
    first, _, last = label.partition("..")
    return f"to {last}" if last else first


def _find(document: Mapping[str, Any], name: str, unit: str) -> str:
    limits = document["limits"]
    if not limits:
        return f"{name}: too few periods to tell a signal from chance"
    beyond = [one["period"] for one in document["signals"] if one["rule"] == "beyond_limits"]
    if beyond:
        verb = "lies" if len(beyond) == 1 else "lie"
        return f"{name}: {list_names(beyond)} {verb} beyond what chance explains"
    if document["signals"]:
        return f"{name} has moved: eight values or more in a row lie on one side of the centre"
    low, high = round_alike([limits["low"], limits["high"]], unit)
    return f"{name} varies as it does by itself, between {low} and {with_unit(high, unit)}"


def _say_caption(
    document: Mapping[str, Any],
    row: Mapping[str, Any],
    counts: Sequence[int],
    has_intervals: bool,
) -> str:
    n = f"n = {min(counts)} to {max(counts)}" if min(counts) < max(counts) else f"n = {counts[0]}"
    limits = document["limits"]
    told = (
        f"Limits: mean ± 2.66 mean moving ranges of {limits['n']} periods."
        if limits
        else document["limits_reason"]
    )
    slope = document["slope"]
    trend = ""
    if slope is not None:
        size = show_value(abs(slope), row["unit"])
        way = "up" if slope > 0 else "down"
        trend = f" Trend (Theil-Sen, at most 12 periods): {way} {size} a period."
        trend = trend if slope else " Trend (Theil-Sen, at most 12 periods): none."
    intervals = f"95 % intervals; {n}" if has_intervals else "counted in full, so no intervals"
    return f"{row['kpi_name']}, {row['scope_name']}; {intervals}. {told}{trend}"


def _remarks(
    period: Mapping[str, Any], signals: Mapping[str, list[str]], breaks: Sequence[str]
) -> list[str]:
    told = list(signals.get(period["label"], []))
    if period["label"] in breaks:
        told.append(f"series {period['series']} begins: no comparison with what is before")
    if period["is_partial"]:
        told.append("unfinished or incomplete")
    return told
