"""Goals of a run: the scores of their KPIs, and of those of the goals below, rolled up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.aggregation import Aggregation
from analysis.branches import Branch, mix
from analysis.children import Children, ScoreRule
from analysis.deciding import NO_DATA, NO_VERDICT, PROVISIONAL, side_of
from analysis.definitions import Direction, Goal
from analysis.estimate import Estimates, Mask, Texts
from analysis.fields import Kind, names_of
from analysis.goal_fields import GOAL_FIELDS
from analysis.interval import Floats
from analysis.roll_up import NO_CHILD, GoalScores, roll_up_tree
from analysis.rows import Run, ScoredKpi
from analysis.score import goalposts_of, score_values
from analysis.score_rules import InRange
from analysis.scorebook import Scorebook

ARROW = {Kind.NUMBER: pa.float64(), Kind.INTEGER: pa.int64()}
GOAL_COLUMNS = names_of(GOAL_FIELDS)
GOAL_SCHEMA = pa.schema([(one.name, ARROW.get(one.kind, pa.string())) for one in GOAL_FIELDS])


@dataclass(frozen=True)
class Straight:
    """Children whose values were put on the way from 0 (worst) to 1 (best) beforehand."""

    def score(self, values: Floats) -> Floats:
        scores: Floats = 100.0 * np.clip(values, 0.0, 1.0)
        return scores


@dataclass(frozen=True)
class Ranged:
    """Children of a range, whose scores fall on both sides of it."""

    scored: ScoredKpi

    def score(self, values: Floats) -> Floats:
        return score_values(self.scored.kpi, values, np.full(values.shape, np.nan))


def coverages(run: Run, scored: Sequence[ScoredKpi]) -> dict[str, Floats]:
    """Of every goal with KPIs, the share of its weight with a score; (scopes, periods, windows).

    The weight is that of its KPIs and of the goals below; NaN where none is declared for the scope.
    """
    found = {}
    for goal in run.book.goals:
        branch, own = _branch_of(run.book, goal, scored)
        if not own:
            continue
        scores, weights = np.full((len(own), *run.shape), np.nan), np.zeros((len(own), *run.shape))
        for number, at in enumerate(own):
            one = scored[at]
            scores[number, one.scopes] = one.judged.score
            weights[number, one.scopes] = one.weights[:, None, None]
        flat = (len(own), -1)
        mixed = mix(branch, scores.reshape(flat), weights.reshape(flat))
        found[goal.id] = mixed.coverage.reshape(run.shape)
    return found


def _branch_of(
    book: Scorebook, goal: Goal, scored: Sequence[ScoredKpi]
) -> tuple[Branch, list[int]]:
    """The goal as a tree, and the positions of the KPIs that its leaves are, itself and below."""
    inside = {goal.id}
    for other in _below(book, goal):
        inside.add(other.id)
    own = [number for number, one in enumerate(scored) if one.kpi.goal in inside]

    def grow(here: Goal) -> Branch:
        leaves = tuple(at for at, number in enumerate(own) if scored[number].kpi.goal == here.id)
        grown = ((below.weight, grow(below)) for below in book.goals_below.get(here.id, ()))
        # A goal without any KPI, here or below, is nothing that could be missing.
        return Branch(
            Aggregation(here.aggregation),
            here.least_coverage,
            leaves,
            tuple((weight, one) for weight, one in grown if one.leaves or one.below),
        )

    return grow(goal), own


def _below(book: Scorebook, goal: Goal) -> Iterator[Goal]:
    """All goals below a goal."""
    for one in book.goals_below.get(goal.id, ()):
        yield one
        yield from _below(book, one)


def score_goals(run: Run, scored: Sequence[ScoredKpi], correlation: Floats, seed: int) -> pa.Table:
    """One row per goal, scope, period and window, with the columns GOAL_COLUMNS.

    ``correlation`` (KPIs, KPIs) is that of the errors of what was scored.
    """
    tables = [GOAL_SCHEMA.empty_table()]
    for goal in run.book.goals:
        branch, own = _branch_of(run.book, goal, scored)
        if own:
            children = _children(
                run, [scored[number] for number in own], correlation[np.ix_(own, own)]
            )
            tables.append(
                _goal_table(run, goal, [scored[number] for number in own], children, branch, seed)
            )
    return pa.concat_tables(tables)


def _goal_table(
    run: Run,
    goal: Goal,
    own: Sequence[ScoredKpi],
    children: Children,
    branch: Branch,
    seed: int,
) -> pa.Table:
    found = roll_up_tree(children, branch, goal.target, seed)
    is_over = np.broadcast_to(run.is_over[None, :, None], run.shape).ravel()
    verdict, reason = _judge(goal, found, is_over)
    ids = np.array([*(one.kpi.id for one in own), ""], object)
    columns: dict[str, Any] = run.common | {
        name: np.broadcast_to(column, run.shape).ravel() for name, column in run.per_cell.items()
    }
    for name in ("type", "id", "name"):
        words = np.array([str(getattr(scope, name)) for scope in run.book.scopes], object)
        columns[f"scope_{name}"] = np.broadcast_to(words[:, None, None], run.shape).ravel()
    columns |= {
        "goal_id": goal.id,
        "goal_name": goal.name,
        "aggregation": goal.aggregation,
        "weight": goal.weight,
        "score": found.score,
        "score_low": found.interval.low,
        "score_high": found.interval.high,
        "ci_level": np.where(np.isnan(found.interval.low), np.nan, found.interval.level),
        "coverage": found.coverage,
        "least_coverage": goal.least_coverage,
        "target": goal.target,
        "chance_met": found.chance_met,
        "verdict": verdict,
        "verdict_reason": reason,
        "worst_kpi_id": np.where(found.worst == NO_CHILD, "", ids[found.worst]),
        "worst_score": found.worst_score,
        "kpis": (children.weight > 0).sum(axis=0),
        "kpis_without_interval": found.without_interval,
    }
    declared: Mask = np.asarray((children.weight > 0).any(axis=0))
    arrays = [_array(columns[field.name], field.type, declared) for field in GOAL_SCHEMA]
    return pa.table(arrays, schema=GOAL_SCHEMA)


def _children(run: Run, own: Sequence[ScoredKpi], correlation: Floats) -> Children:
    """The KPIs of a goal in all cells, one after the other."""
    shape = (len(own), *run.shape)
    value, low, high = np.full((3, *shape), np.nan)
    weights, sign = np.zeros(shape), np.ones(len(own))
    rules: list[ScoreRule] = []
    for number, one in enumerate(own):
        known = ~np.isnan(one.judged.score)
        ends = _ends(one.estimates)
        if isinstance(one.kpi.score, InRange):
            rules.append(Ranged(one))
        else:
            rules.append(Straight())
            worst, best = goalposts_of(one.kpi, one.kpi.score, one.target)
            with np.errstate(invalid="ignore", divide="ignore"):
                ends = [(end - worst) / (best - worst) for end in ends]
            if one.kpi.direction is Direction.LOWER:
                ends = [ends[0], ends[2], ends[1]]
                sign[number] = -1.0
        middle, least, most = (np.where(known, end, np.nan) for end in ends)
        value[number, one.scopes] = middle
        # Few intervals that are centred elsewhere do not hold their own value.
        low[number, one.scopes] = np.minimum(least, middle)
        high[number, one.scopes] = np.maximum(most, middle)
        weights[number, one.scopes] = one.weights[:, None, None]
    flat = (len(own), -1)
    return Children(
        value.reshape(flat),
        low.reshape(flat),
        high.reshape(flat),
        rules,
        weights.reshape(flat),
        correlation * np.outer(sign, sign),
    )


def _ends(found: Estimates) -> list[Floats]:
    """Values and the ends of their intervals; points where nothing can be drawn."""
    # A complete count is what it is. Beyond what was observed all that is possible scores the
    # same, or there is no score; and what never comes is infinite.
    point = np.where(np.isnan(found.value), found.low, found.value)
    point = np.where(found.never, np.inf, point)
    is_point = found.complete | np.isnan(found.value)
    return [point, np.where(is_point, point, found.low), np.where(is_point, point, found.high)]


def _judge(goal: Goal, found: GoalScores, is_over: Mask) -> tuple[Texts, Texts]:
    """The verdict on a goal, by the interval of its score."""
    # Where no KPI was sampled there is no interval: the score itself is compared.
    low = np.where(np.isnan(found.interval.low), found.score, found.interval.low)
    high = np.where(np.isnan(found.interval.high), found.score, found.interval.high)
    absent = np.isnan(found.score)
    verdict = np.full(len(absent), NO_VERDICT, object)
    reason = np.full(len(absent), "No target is set for the goal's score.", object)
    if goal.target is not None:
        verdict = side_of(Direction.HIGHER, low, high, np.full(len(absent), goal.target))
        reason = np.array(
            [
                f"The score's interval {ends[0]:.3g} to {ends[1]:.3g} against the target "
                f"{goal.target:g}."
                for ends in zip(low.tolist(), high.tolist(), strict=True)
            ],
            object,
        )
    running = ~is_over & ~absent
    reason[running] = "The period is not over yet. So far: " + reason[running]
    verdict[running] = PROVISIONAL
    verdict[absent] = NO_DATA
    reason[absent] = [
        "None of its KPIs has a score."
        if not share > 0
        else f"Only {share:.0%} of the weight of its KPIs has a score; "
        f"{goal.least_coverage:.0%} are needed."
        for share in found.coverage[absent].tolist()
    ]
    return verdict, reason


def _array(column: Any, kind: pa.DataType, rows: Mask) -> pa.Array:
    """The column's cells of the scopes that the goal has KPIs for; NaN becomes an empty cell."""
    if not isinstance(column, np.ndarray):
        return pa.repeat(pa.scalar(column, kind), int(rows.sum()))
    chosen = column[rows]
    if kind == pa.float64():
        return pa.array(chosen, kind, mask=np.isnan(chosen))
    return pa.array(chosen, kind)
