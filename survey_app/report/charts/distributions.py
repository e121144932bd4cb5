"""Figures of how answers are distributed over a scale, with what was not answered beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.marks import show_defined, show_value
from survey_app.report.charts.figure import Column, Figure
from survey_app.report.wording import WINDOWS

MISSING_WORDS = {
    "skipped": "skipped",
    "not_shown": "not shown",
    "not_applicable": "not applicable",
    "dont_know": "don't know",
    "refused": "refused",
}


def make_distribution(
    document: Mapping[str, Any], row: Mapping[str, Any], window: str
) -> Figure | None:
    """A window of an `answers` exhibit; `row` is the KPI's scored row of that window.

    None where the window is suppressed or nobody was shown the question.
    """
    told = document["windows"][window]
    if not told.get("n") and not told.get("missing"):
        return None
    n = told["n"]
    groups = _group_names(document["groups"])
    values = [
        {
            "answer": _name(one),
            "group": _group_of(one, groups),
            "count": one["count"],
            "share": one["count"] / n if n else None,
        }
        for one in told["values"]
    ]
    missing = [
        {"answer": MISSING_WORDS[code], "group": "no value", "count": count, "share": None}
        for code, count in told["missing"].items()
    ]
    return Figure(
        "distribution",
        _find(row, values, groups, n),
        _say_caption(document, told, row, window),
        f"Bars of how many answered each value, and {len(missing)} kinds of no value beside them; "
        "the number stands on each bar.",
        (
            Column("answer", "Answer", is_number=False),
            Column("group", "Counts as", is_number=False),
            Column("count", "Answers", "count"),
            Column("share", "Share of the answers with a value", "share"),
        ),
        tuple(values + missing),
        {
            "axis": _axis(told),
            "groups": [name for name, _low, _high in groups] + (["no value"] if missing else []),
            "bars": [
                {"answer": one["answer"], "group": one["group"], "count": one["count"]}
                | {"label": _label(one)}
                for one in values + missing
            ],
            "gap_after": len(values),
        },
    )


def _label(bar: Mapping[str, Any]) -> str:
    if bar["share"] is None:
        return str(bar["count"])
    return f"{bar['count']}\n{100 * bar['share']:.0f} %" if bar["count"] else "0"


def _axis(told: Mapping[str, Any]) -> str:
    low, high = told["scale"] or (0, 0)
    return f"answer, scale {show_defined(low)} to {show_defined(high)}"


def _name(value: Mapping[str, Any]) -> str:
    low, high = (f"{value[end]:g}".replace("-", "\u2212") for end in ("low", "high"))
    return low if low == high else f"{low} to {high}"


def _group_names(groups: Sequence[Mapping[str, Any]]) -> list[tuple[str, float, float]]:
    """What answers count as, in words, and the ends of each group."""
    found = []
    for one in groups:
        low = -math.inf if one["low"] is None else one["low"]
        high = math.inf if one["high"] is None else one["high"]
        name = {
            "other": f"below {high:g}",
            "top_box": f"{low:g} or more",
            "detractors": f"detractors (to {high:g})",
            "promoters": f"promoters (from {low:g})",
        }.get(one["name"], one["name"])
        found.append((name, low, high))
    return found


def _group_of(value: Mapping[str, Any], groups: Sequence[tuple[str, float, float]]) -> str:
    return next(name for name, low, high in groups if low <= value["low"] < high)


def _find(
    row: Mapping[str, Any],
    values: list[dict[str, Any]],
    groups: Sequence[tuple[str, float, float]],
    n: int,
) -> str:
    name = row["kpi_name"]
    if not n:
        return f"{name}: nobody has answered with a value"
    of_group = {
        group: sum(one["count"] for one in values if one["group"] == group)
        for group, _low, _high in groups
    }
    if len(groups) == 1:
        often = max(values, key=lambda one: one["count"])
        mean = show_value(row["value"]) if row["value"] is not None else "–"
        return f"{name}: the mean is {mean}, the most frequent answer {often['answer']}"
    shares = [
        f"{100 * of_group[group] / n:.0f} % {group}"
        for group, _low, _high in reversed(groups)
        if group != "neither"
    ]
    if len(groups) == 2:
        return f"{name}: {shares[0].replace(' % ', f' % of {n} answers are ')}"
    return f"{name}: {', '.join(shares)}"


def _say_caption(
    document: Mapping[str, Any], told: Mapping[str, Any], row: Mapping[str, Any], window: str
) -> str:
    parts = [
        f"{row['kpi_name']}, {row['scope_name']}, {WINDOWS[window]} {row['period_label']}; "
        f"n = {told['n']} answers with a value."
    ]
    if document["unit_of_analysis"] == "customer":
        parts.append(f"Every answer is drawn; the KPI counts each of {row['n']} customers once.")
    if document["is_weighted"]:
        parts.append("Answers are drawn unweighted; the KPI weighs them.")
    if told["other_series"]:
        parts.append(
            f"{told['other_series']} answers from before the question changed are left out."
        )
    versions = ", ".join(str(one) for one in told["versions"])
    noun = "Version" if len(told["versions"]) == 1 else "Versions"
    if versions:
        parts.append(f"{noun} {versions} of the questionnaire.")
    return " ".join(parts)
