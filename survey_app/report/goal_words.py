"""How a goal stands, from its row of a run: score, interval, coverage and what pulls it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.report.wording import round_alike

# A chance this near to never or always is not told as such: draws are finite.
RAREST = 0.001


@dataclass(frozen=True)
class GoalStanding:
    """One goal of one scope in one window, written for the reader."""

    row: Mapping[str, Any]
    verdict: str
    score: str
    interval: str
    target: str
    coverage: str
    worst: str
    sentence: str


def read_standing(row: Mapping[str, Any], worst: str) -> GoalStanding:
    """The standing told by a goal's row; `worst` is the name of its worst child."""
    score, target = round_alike([row["score"], row["target"]], "")
    interval = goal_interval(row)
    coverage = "" if row["coverage"] is None else f"{row['coverage']:.0%}".replace("%", " %")
    return GoalStanding(
        row=row,
        verdict=row["verdict"],
        score=score,
        interval=interval,
        target="" if row["target"] is None else target,
        coverage=coverage,
        worst=worst if row["kpis"] and row["kpis"] > 1 else "",
        sentence=_say_standing(row, score, interval, target),
    )


def goal_interval(row: Mapping[str, Any]) -> str:
    """The interval of a goal's score; '' where there is none, as of full counts alone."""
    _, low, high = round_alike([row["score"], row["score_low"], row["score_high"]], "")
    return "" if row["score_low"] is None or low == high else f"{low} to {high}"


def _say_standing(row: Mapping[str, Any], score: str, interval: str, target: str) -> str:
    if row["score"] is None:
        return str(row["verdict_reason"])
    span = f" (it could be anything from {interval})" if interval else ""
    sentence = f"Its score is {score} of 100{span}"
    if row["target"] is None:
        return f"{sentence}; no target is set for it."
    if row["chance_met"] is None or not interval:
        return f"{sentence}, against a target of {target}."
    return f"{sentence}; the chance that the target of {target} is met is {_say_chance(row)}."


def _say_chance(row: Mapping[str, Any]) -> str:
    chance: float = row["chance_met"]
    if chance < RAREST:
        return "less than 0.1 %"
    if chance > 1 - RAREST:
        return "more than 99.9 %"
    return f"{100 * chance:.3g} %"
