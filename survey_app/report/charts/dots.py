"""Figures of intervals with their values and targets: a row each, on one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.report.charts.figure import Column, Figure, axis_of, list_names
from survey_app.report.wording import COUNTED, VERDICTS, WINDOWS, say_verdicts, target_of

# What the target scores by rules other than goalposts.
TARGET_SCORES = {"red_target": 200 / 3}
KEY = "Bar: interval; mark on it: value; upright line: target."
VERDICT_WORDS = {word: word.replace("_", " ") for word in VERDICTS}


def make_score_dots(
    rows: Sequence[Mapping[str, Any]],
    kpis: Mapping[str, Mapping[str, Any]],
    period: str,
    window: str,
) -> Figure | None:
    """The scores of one scope's KPIs from 0 (worst) to 100 (best); None where nothing is scored.

    `kpis` are those of the run's card, with the values that score 0 and 100.
    """
    known = [row for row in rows if row["score"] is not None or row["score_low"] is not None]
    if not known:
        return None
    missing = len(rows) - len(known)
    return Figure(
        "dots",
        say_verdicts(row["verdict"] for row in rows),
        f"Score of each KPI, {known[0]['scope_name']}, {WINDOWS[window]} {period}; 95 % "
        f"intervals; {_say_n(known)}."
        f" {KEY}" + (f" Not drawn, as there is no score: {missing}." if missing else ""),
        _describe("KPIs", len(known), "score", "0 (worst) to 100 (best)"),
        (
            Column("name", "KPI", is_number=False),
            Column("verdict", "Verdict", is_number=False),
            Column("score_low", "Score, low end"),
            Column("score", "Score"),
            Column("score_high", "Score, high end"),
            Column("n", "n", "count"),
        ),
        tuple(
            {"name": row["kpi_name"], "verdict": VERDICT_WORDS[row["verdict"]]}
            | {name: row[name] for name in ("score_low", "score", "score_high", "n")}
            for row in known
        ),
        {
            "axis": "score, 0 (worst) to 100 (best)",
            "domain": [0, 100],
            "marks": [
                {
                    "name": row["kpi_name"],
                    "verdict": row["verdict"],
                    "low": row["score_low"],
                    "high": row["score_high"],
                    "point": row["score"],
                    "target": _target_score(row, kpis[row["kpi_id"]]),
                }
                for row in known
            ],
        },
    )


def make_scope_dots(rows: Sequence[Mapping[str, Any]], period: str, window: str) -> Figure | None:
    """One KPI of several scopes, in its own unit, in the order of the rows; None without values."""
    known = [row for row in rows if row["value"] is not None or row["ci_low"] is not None]
    if not known:
        return None
    first = known[0]
    ends = [row[name] for row in known for name in ("value", "ci_low", "ci_high")]
    ends += [target_of(row) for row in known]
    axis = axis_of(first["unit"], ends, first["kpi_name"])
    missing = len(rows) - len(known)
    return Figure(
        "dots",
        _find(known, first["kpi_name"]),
        f"{first['kpi_name']}, {WINDOWS[window]} {period}; 95 % intervals; {_say_n(known)}."
        f" {KEY}" + (f" Not drawn, as there is no value: {missing}." if missing else ""),
        _describe("scopes", len(known), first["kpi_name"], axis.title),
        (
            Column("name", "For whom", is_number=False),
            Column("verdict", "Verdict", is_number=False),
            Column("ci_low", "Low end", first["unit"]),
            Column("value", "Value", first["unit"]),
            Column("ci_high", "High end", first["unit"]),
            Column("target", "Target", first["unit"]),
            Column("n", "n", "count"),
        ),
        tuple(
            {"name": row["scope_name"], "verdict": VERDICT_WORDS[row["verdict"]]}
            | {name: row[name] for name in ("ci_low", "value", "ci_high", "n")}
            | {"target": target_of(row)}
            for row in known
        ),
        {
            "axis": axis.title,
            "domain": None,
            "marks": [
                {
                    "name": row["scope_name"],
                    "verdict": row["verdict"],
                    "low": axis.place(row["ci_low"]),
                    "high": axis.place(row["ci_high"]),
                    "point": axis.place(row["value"]),
                    "target": axis.place(target_of(row)),
                }
                for row in known
            ],
        },
    )


def _find(rows: Sequence[Mapping[str, Any]], kpi_name: str) -> str:
    """Who misses the target, or how many meet it."""
    missed = [row["scope_name"] for row in rows if row["verdict"] == "not_met"]
    if missed:
        verb = COUNTED["not_met"][len(missed) > 1]
        return f"{kpi_name}: {list_names(missed)} {verb}"
    judged = [row for row in rows if target_of(row) is not None]
    if not judged:
        return f"{kpi_name}: no target to compare with"
    met = sum(row["verdict"] == "met" for row in judged)
    if met == len(judged):
        return f"{kpi_name}: every target is met"
    return f"{kpi_name}: {met} of {len(judged)} targets are met, none is missed for certain"


def _target_score(row: Mapping[str, Any], kpi: Mapping[str, Any]) -> float | None:
    """Where the target lies on the axis of scores."""
    target, rule = target_of(row), kpi["definition"]["score"]
    if target is None or row["score_rule"] != "goalposts":
        return TARGET_SCORES.get(row["score_rule"]) if target is not None else None
    worst, best = rule["worst"], rule["best"]
    return min(100.0, max(0.0, 100 * (target - worst) / (best - worst)))


def _say_n(rows: Sequence[Mapping[str, Any]]) -> str:
    counts = [row["n"] or 0 for row in rows]
    least, most = min(counts), max(counts)
    return f"n = {least}" if least == most else f"n = {least} to {most}"


def _describe(what: str, count: int, value: str, axis: str) -> str:
    return (
        f"Dot plot of {count} {what}, a row each: the 95 % interval as a bar, the value as a small "
        f"mark on it, the target as an upright line. Axis: {axis}."
    )
