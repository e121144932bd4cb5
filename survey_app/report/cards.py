"""A scorecard as its page shows it: goal by goal, each KPI with its drawing and its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from survey_app.marks import show_defined
from survey_app.report.wording import (
    THIN_SPACE,
    bare,
    round_alike,
    say_answer,
    say_reason,
    say_verdicts,
    show_deviation,
    with_unit,
)

NO_BREAK_SPACE = "\u00a0"
# A drawn interval is never narrower than this share of the axis, or it could not be seen.
NARROWEST = 1.0


@dataclass(frozen=True)
class Strip:
    """Where things lie on an axis from 0 (worst) to 100 (best); None for what there is not."""

    low: float | None
    high: float | None
    point: float | None
    target: float | None

    @property
    def is_known(self) -> bool:
        """Whether there is anything but a target."""
        return self.point is not None or self.low is not None

    @property
    def left(self) -> float:
        """Where the drawn interval begins."""
        assert self.low is not None
        return round(min(self.low, 100 - NARROWEST), 2)

    @property
    def width(self) -> float:
        """How wide the interval is drawn."""
        assert self.low is not None
        assert self.high is not None
        return round(max(self.high - self.low, NARROWEST), 2)


@dataclass(frozen=True)
class KpiLine:
    """One KPI of a scorecard, its numbers written for the reader."""

    row: dict[str, Any]
    verdict: str
    reason: str
    strip: Strip
    value: str
    interval: str
    count: str
    target: str
    deviation: str
    score: str
    score_interval: str
    worst: str
    best: str


@dataclass(frozen=True)
class GoalPart:
    """One goal with its KPIs."""

    id: str
    name: str
    aim: str
    vision: str
    lines: tuple[KpiLine, ...]

    @property
    def drawn(self) -> tuple[KpiLine, ...]:
        """The KPIs of which there is something to draw."""
        return tuple(line for line in self.lines if line.strip.is_known)

    @property
    def finding(self) -> str:
        """How its KPIs stand, in a sentence."""
        return say_verdicts(line.verdict for line in self.lines)


@dataclass(frozen=True)
class Scorecard:
    """All goals of one scope in one run."""

    goals: tuple[GoalPart, ...]

    @property
    def lines(self) -> tuple[KpiLine, ...]:
        """All KPIs in the order of the page."""
        return tuple(line for goal in self.goals for line in goal.lines)

    @property
    def finding(self) -> str:
        """How all KPIs stand, in a sentence."""
        return say_verdicts(line.verdict for line in self.lines)

    @property
    def answer(self) -> str:
        """Whether the goals are met, in a sentence."""
        return say_answer([(line.row["kpi_name"], line.verdict) for line in self.lines])

    @property
    def n_range(self) -> tuple[int, int]:
        """The smallest and the largest n of the KPIs that are drawn."""
        counts = [line.row["n"] for goal in self.goals for line in goal.drawn]
        return min(counts, default=0), max(counts, default=0)


def make_scorecard(card: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Scorecard:
    """The scorecard of one scope: its rows of one run, with the run's card."""
    lines: dict[str, list[KpiLine]] = {}
    for row in rows:
        lines.setdefault(row["goal_id"], []).append(_line(row, card["kpis"][row["kpi_id"]]))
    goals = [
        GoalPart(goal["id"], goal["name"], goal["aim"], goal["vision"], tuple(lines[goal["id"]]))
        for goal in card["goals"]
        if goal["id"] in lines
    ]
    # What has something to show stands first; the order is otherwise that of the scorebook.
    goals.sort(key=lambda goal: not goal.drawn)
    return Scorecard(tuple(goals))


def _line(row: dict[str, Any], kpi: dict[str, Any]) -> KpiLine:
    unit = row["unit"]
    lead = row["value"] if row["value"] is not None else row["ci_low"]
    _, value, low, high, target = round_alike(
        [lead, row["value"], row["ci_low"], row["ci_high"], row["target"]], unit
    )
    score, score_low, score_high = round_alike(
        [row["score"], row["score_low"], row["score_high"]], ""
    )
    worst, best = _ends(row, kpi)
    return KpiLine(
        row=row,
        verdict=row["verdict"],
        reason=say_reason(row, kpi["votes"]),
        strip=Strip(None, None, None, None) if worst == best else _strip(row, worst, best),
        value=with_unit(value, unit),
        interval=_span(row, low, with_unit(high, bare(unit)), with_unit(low, bare(unit))),
        count=f"{row['n'] or 0:,}".replace(",", THIN_SPACE),
        target=with_unit(target, bare(unit)),
        deviation=show_deviation(row),
        score=score,
        score_interval=f"{score_low} to {score_high}" if row["score_low"] is not None else "",
        worst=show_defined(worst, bare(unit)),
        best=show_defined(best, bare(unit)),
    )


def _ends(row: dict[str, Any], kpi: dict[str, Any]) -> tuple[float, float]:
    """Where the axis begins and ends: as stored; or as far beyond red and the target as these are
    apart (`analysis.score_rules.RedTarget`), and both at red while there is no target."""
    if "red" not in kpi:
        return kpi["worst"], kpi["best"]
    target = row["target_adjusted"] if row["target_adjusted"] is not None else row["target"]
    step = 0.0 if target is None else target - kpi["red"]
    return kpi["red"] - step, kpi["red"] + 2 * step


def _is_beyond(row: dict[str, Any]) -> bool:
    """Whether the whole interval lies beyond every time."""
    return (row["value"], row["ci_low"], row["ci_high"]) == (None, None, None) and bool(
        row["ci_method"]
    )


def _span(row: dict[str, Any], low: str, high: str, low_alone: str) -> str:
    if _is_beyond(row):
        return "beyond every time"
    if row["ci_low"] is None and row["ci_high"] is None:
        return "full count" if row["ci_method"] == "complete_count" else "–"
    if row["ci_low"] is None:
        return f"up to {high}"
    if row["ci_high"] is None:
        return f"{low_alone} or more"
    # The line breaks between the two numbers, never within one.
    low, high = (text.replace(" ", NO_BREAK_SPACE) for text in (low, high))
    return f"{low} to {high}"


def _strip(row: dict[str, Any], worst: float, best: float) -> Strip:
    """Positions by the KPI's goalposts: 100 (x - worst) / (best - worst), kept on the axis."""

    def place(number: float | None) -> float | None:
        if number is None:
            return None
        return min(100.0, max(0.0, 100 * (number - worst) / (best - worst)))

    low, high = row["ci_low"], row["ci_high"]
    ends = (None, None)
    if low is not None or high is not None:
        # An open end runs off the axis on its own side; lower-is-better turns the sides round.
        bottom, top = (0.0, 100.0) if best > worst else (100.0, 0.0)
        first = bottom if low is None else place(low)
        last = top if high is None else place(high)
        ends = (min(first, last), max(first, last))
    elif _is_beyond(row):
        end = 100.0 if best > worst else 0.0
        ends = (end, end)
    return Strip(ends[0], ends[1], place(row["value"]), place(row["target"]))
