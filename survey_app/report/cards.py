"""A scorecard as its page shows it: goal by goal, each KPI with its drawing and its sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.periods import WindowType
from survey_app.report.axes import Axis, axis_of
from survey_app.report.change_words import is_certain, say_change, say_trend, show_change_interval
from survey_app.report.goal_words import GoalStanding, read_standing
from survey_app.report.wording import (
    THIN_SPACE,
    bare,
    round_alike,
    say_answer,
    say_reason,
    say_verdicts,
    show_deviation,
    target_of,
    with_unit,
)

NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True)
class Numbers:
    """The numbers of one scored row, written for the reader; '–' or '' for what there is not."""

    value: str
    interval: str
    count: str
    target: str
    target_as_set: str
    deviation: str
    score: str
    score_interval: str


@dataclass(frozen=True)
class KpiLine:
    """One KPI of a scorecard: its row of the period and, where there is one, of twelve months."""

    row: dict[str, Any]
    verdict: str
    reason: str
    axis: Axis
    numbers: Numbers
    long_row: dict[str, Any] | None
    long: Numbers | None
    change: str
    change_interval: str
    changed: bool
    trend: str


@dataclass(frozen=True)
class GoalPart:
    """One goal with its KPIs; `depth` counts the goals above it."""

    id: str
    name: str
    aim: str
    vision: str
    owner: str
    horizon: str
    depth: int
    standing: GoalStanding | None
    long_standing: GoalStanding | None
    lines: tuple[KpiLine, ...]

    @property
    def drawn(self) -> tuple[KpiLine, ...]:
        """The KPIs of which there is something to draw."""
        return tuple(line for line in self.lines if line.axis.is_known)

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
        counts = [line.row["n"] or 0 for goal in self.goals for line in goal.drawn]
        return min(counts, default=0), max(counts, default=0)

    @property
    def tells_of_twelve_months(self) -> bool:
        """Whether any KPI has a row of the long window."""
        return any(line.long is not None for line in self.lines)


def make_scorecard(
    card: Mapping[str, Any],
    rows: Sequence[dict[str, Any]],
    goals: Sequence[Mapping[str, Any]] = (),
) -> Scorecard:
    """The scorecard of one scope: its rows and its goals' rows of one run, with the run's card."""
    long_rows = {row["kpi_id"]: row for row in rows if row["window"] == WindowType.LONG}
    lines: dict[str, list[KpiLine]] = {}
    for row in rows:
        if row["window"] == WindowType.PERIOD:
            kpi = card["kpis"][row["kpi_id"]]
            line = make_line(row, long_rows.get(row["kpi_id"]), kpi)
            lines.setdefault(row["goal_id"], []).append(line)
    names = {kpi_id: kpi["definition"]["name"] for kpi_id, kpi in card["kpis"].items()}
    standings = {
        (goal["goal_id"], goal["window"]): read_standing(goal, names.get(goal["worst_kpi_id"], ""))
        for goal in goals
    }
    depths = _depths(card["goals"])
    parts = [
        GoalPart(
            id=goal["id"],
            name=goal["name"],
            aim=goal.get("aim", ""),
            vision=goal.get("vision", ""),
            owner=goal.get("owner", ""),
            horizon=goal.get("horizon", ""),
            depth=depths[goal["id"]],
            standing=standings.get((goal["id"], WindowType.PERIOD)),
            long_standing=standings.get((goal["id"], WindowType.LONG)),
            lines=tuple(lines.get(goal["id"], ())),
        )
        for goal in in_tree_order(card["goals"])
        if goal["id"] in lines or (goal["id"], WindowType.PERIOD) in standings
    ]
    return Scorecard(tuple(_drawn_first(parts)))


def _drawn_first(parts: Sequence[GoalPart]) -> list[GoalPart]:
    """Goals with all below them, those of which there is something to draw before the others."""
    trees: list[list[GoalPart]] = []
    for part in parts:
        if part.depth == 0 or not trees:
            trees.append([])
        trees[-1].append(part)
    trees.sort(key=lambda tree: not any(part.drawn for part in tree))
    return [part for tree in trees for part in tree]


def in_tree_order(goals: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Goals, each followed by those below it; siblings keep their order."""
    below: dict[str, list[Mapping[str, Any]]] = {}
    for goal in goals:
        below.setdefault(goal.get("parent", ""), []).append(goal)

    def walk(parent: str) -> list[Mapping[str, Any]]:
        return [one for goal in below.get(parent, ()) for one in (goal, *walk(goal["id"]))]

    return walk("")


def _depths(goals: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for goal in in_tree_order(goals):
        parent = goal.get("parent", "")
        depths[goal["id"]] = depths[parent] + 1 if parent else 0
    return depths


def make_line(
    row: dict[str, Any], long_row: dict[str, Any] | None, kpi: Mapping[str, Any]
) -> KpiLine:
    """A KPI's line from its rows and from what the run's card has of it."""
    return KpiLine(
        row=row,
        verdict=row["verdict"],
        reason=say_reason(row, kpi["votes"]),
        axis=axis_of(row, kpi["definition"]["score"]),
        numbers=write_numbers(row),
        long_row=long_row,
        long=None if long_row is None else write_numbers(long_row),
        change=say_change(row),
        change_interval=show_change_interval(row),
        changed=is_certain(row),
        trend=say_trend(row),
    )


def write_numbers(row: Mapping[str, Any]) -> Numbers:
    """The numbers of a scored row, those that stand together rounded alike."""
    unit, aim = row["unit"], target_of(row)
    lead = row["value"] if row["value"] is not None else row["ci_low"]
    _, value, low, high, target = round_alike(
        [lead, row["value"], row["ci_low"], row["ci_high"], aim], unit
    )
    score, score_low, score_high = round_alike(
        [row["score"], row["score_low"], row["score_high"]], ""
    )
    as_set = ""
    if row["target_adjusted"] is not None:
        as_set = with_unit(round_alike([lead, row["target"]], unit)[1], bare(unit))
    return Numbers(
        value=with_unit(value, unit),
        interval=_span(row, low, with_unit(high, bare(unit)), with_unit(low, bare(unit))),
        count="–" if row["n"] is None else f"{row['n']:,}".replace(",", THIN_SPACE),
        target=with_unit(target, bare(unit)),
        target_as_set=as_set,
        deviation=show_deviation(row),
        score=score,
        score_interval=f"{score_low} to {score_high}" if row["score_low"] is not None else "",
    )


def is_beyond(row: Mapping[str, Any]) -> bool:
    """Whether the whole interval lies beyond every time."""
    return (row["value"], row["ci_low"], row["ci_high"]) == (None, None, None) and bool(
        row["ci_method"]
    )


def _span(row: Mapping[str, Any], low: str, high: str, low_alone: str) -> str:
    if is_beyond(row):
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
