"""Figures of what an overall answer goes with: importance beside performance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.report.charts.figure import Column, Figure, list_names

# A driver whose coefficient has a p below this goes with the outcome for certain enough to say so.
CERTAIN = 0.05


def make_drivers(document: Mapping[str, Any], scope_name: str, period: str) -> Figure | None:
    """The figure of a `drivers` exhibit; None where it has none to show."""
    if document["status"] != "shown":
        return None
    drivers = sorted(document["drivers"], key=lambda one: -one["importance"])
    left_out = document["left_out"]
    return Figure(
        "drivers",
        _find(drivers, document["outcome"]),
        f"Drivers of: {document['outcome']}, {scope_name}, the twelve months to the end of "
        f"{period}; n = {document['n']} complete responses of {document['n_rows']}. Together they "
        f"explain {100 * document['r2']:.0f} % of the differences between the answers; bars: 95 % "
        "intervals. What goes together need not be cause and effect."
        + (f" Left out, as too few answered: {list_names(left_out, 5)}." if left_out else ""),
        f"Two dot plots side by side of {len(drivers)} drivers, the most important first: at the "
        "left importance, the share of the outcome's differences that goes with it; at the right "
        "performance, the mean answer from 0 (worst) to 100 (best).",
        (
            Column("name", "Driver", is_number=False),
            Column("low", "Importance, low end", "share"),
            Column("importance", "Importance", "share"),
            Column("high", "Importance, high end", "share"),
            Column("performance_low", "Performance, low end"),
            Column("performance", "Performance"),
            Column("performance_high", "Performance, high end"),
            Column("p", "p"),
        ),
        tuple({name: value for name, value in one.items() if name != "kpi"} for one in drivers),
        {
            "marks": [
                {
                    "name": one["name"],
                    **{name: 100 * one[name] for name in ("importance", "low", "high")},
                    **{
                        name: one[name]
                        for name in ("performance", "performance_low", "performance_high")
                    },
                }
                for one in drivers
            ],
        },
    )


def _find(drivers: Sequence[Mapping[str, Any]], outcome: str) -> str:
    """The most important driver, and whether it does worse than all others for certain."""
    certain = [one for one in drivers if one["p"] is not None and one["p"] < CERTAIN]
    if not certain:
        return f"{outcome}: none of {len(drivers)} drivers goes with it for certain"
    first = certain[0]
    others = [one["performance_low"] for one in drivers if one is not first]
    if first["performance_high"] < min(others):
        return f"{outcome} goes most with '{first['name']}', which also does worst"
    return (
        f"{outcome} goes most with '{first['name']}', which is at {first['performance']:.0f} of 100"
    )
