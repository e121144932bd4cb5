"""Estimates and targets to deviations, scores and verdicts, many cells at once."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.deciding import (
    MET,
    NO_DATA,
    NO_TARGET,
    NO_VERDICT,
    NOT_MET,
    PROVISIONAL,
    UNDETERMINED,
    alike,
    is_good,
    n_to_decide,
    side_of,
)
from analysis.definitions import (
    Direction,
    Kpi,
)
from analysis.estimate import Estimates, Mask, Texts
from analysis.interval import Floats, Numbers
from analysis.score_rules import Goalposts, InRange, RedTarget

Columns: TypeAlias = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Judged:
    """What a target and a score rule make of estimates; arrays of the estimates' shape.

    Attributes
    ----------
    verdict, reason : array of str
    n_to_decide : array
        The n that would decide an undetermined verdict; NaN where none is known.
    deviation_abs, deviation_rel, deviation_se : array
        Statistic - target: in the KPI's unit, as a share of |target|, in standard errors.
    score, score_low, score_high : array
        0 to 100; NaN where there is none.
    """

    verdict: Texts
    reason: Texts
    n_to_decide: Floats
    deviation_abs: Floats
    deviation_rel: Floats
    deviation_se: Floats
    score: Floats
    score_low: Floats
    score_high: Floats


def judge(kpi: Kpi, estimates: Estimates, target: Floats, is_over: Mask) -> Judged:
    """Judge the estimates of one KPI.

    Parameters
    ----------
    kpi : Kpi
    estimates : Estimates
    target : array
        The target of every cell, in the KPI's unit; NaN where none holds.
    is_over : array of bool
        Whether the cell's period has ended; if not, its verdict is provisional.
    """
    verdict, reason = decide(kpi.direction, estimates, target)
    needed = np.full(target.shape, np.nan)
    open_ = (verdict == UNDETERMINED) & ~np.isnan(target)
    if estimates.resized is not None and open_.any():
        needed[open_] = n_to_decide(kpi.direction, estimates.take(open_), target[open_])
    no_data = verdict == NO_DATA
    running = ~is_over
    reason[running & no_data] += " The period is not over yet."
    reason[running & ~no_data] = "The period is not over yet. So far: " + reason[running & ~no_data]
    verdict[running & ~no_data] = PROVISIONAL
    return Judged(
        verdict,
        reason,
        needed,
        *_deviations(kpi, estimates, target),
        *score(kpi, estimates, target),
    )


def decide(direction: Direction, estimates: Estimates, target: Floats) -> tuple[Texts, Texts]:
    """The verdicts on finished periods, and the sentences that explain them."""
    verdict = np.full(target.shape, "", object)
    reason = estimates.reason.copy()
    absent = np.isnan(estimates.value) & ~estimates.beyond
    verdict[absent] = NO_DATA
    left = ~absent
    free = left & np.isnan(target)
    verdict[free] = NO_VERDICT
    _add(reason, free, NO_TARGET)
    left &= ~free

    never = left & estimates.never
    # Later than any time: the worst of a time that should be short, the best of one to be long.
    verdict[never] = NOT_MET if direction is Direction.LOWER else MET
    _add(reason, never, "However long one waits, fewer than half reach it.")
    left &= ~never

    complete = left & estimates.complete
    met = is_good(direction, estimates.value, target, estimates.rounding)
    verdict[complete] = np.where(met[complete], MET, NOT_MET)
    for cells, side in ((complete & met, "good"), (complete & ~met, "bad")):
        reason[cells] = [
            f"The value {value:.6g} is on the {side} side of the target {aim:.6g}."
            for value, aim in zip(
                estimates.value[cells].tolist(), target[cells].tolist(), strict=True
            )
        ]
    left &= ~complete

    blind = left & np.isnan(estimates.low) & np.isnan(estimates.high)
    verdict[blind] = UNDETERMINED
    left &= ~blind
    verdict[left] = side_of(direction, estimates.low, estimates.high, target)[left]
    for word, where in (
        (MET, "lies wholly on the good side of"),
        (NOT_MET, "lies wholly on the bad side of"),
        (UNDETERMINED, "straddles"),
    ):
        cells = left & (verdict == word)
        ends = zip(
            *(one[cells].tolist() for one in (estimates.low, estimates.high, target)), strict=True
        )
        told = [
            f"The interval {low:.6g} to {high:.6g} {where} the target {aim:.6g}."
            if low == low and high == high
            else f"The interval {_open_interval(low, high)} {where} the target {aim:.6g}."
            for low, high, aim in ends
        ]
        if (more := reason[cells]).any():
            told = [f"{one} {also}" if also else one for one, also in zip(told, more, strict=True)]
        reason[cells] = told
    return verdict, reason


def score_values(kpi: Kpi, values: Floats, target: Floats) -> Floats:
    """Scores of values by the KPI's rule; infinities score at an end, NaN stays NaN.

    Parameters
    ----------
    kpi : Kpi
    values : array
    target : array
        The target that holds for each value, for ``red_target``: 0 at red - (target - red), 33.3
        at red, 66.7 at the target, 100 at target + (target - red). Without a target, or with one
        that is not better than red, there is no score.

    Returns
    -------
    array
        0 to 100. ``goalposts``: 100 (value - worst) / (best - worst). ``in_range``: 100 inside,
        falling straight to 0 at the outer limits.
    """
    match kpi.score:
        case InRange(outer_low, low, high, outer_high):
            inside = np.interp(values, [outer_low, low, high, outer_high], [0, 100, 100, 0])
            return np.where(np.isnan(values), np.nan, inside)
        case rule:
            return scores_between(*goalposts_of(kpi, rule, target), values)


def scores_between(worst: Numbers, best: Numbers, values: Floats) -> Floats:
    """100 (value - worst) / (best - worst), between 0 and 100; NaN stays NaN.

    Examples
    --------
    >>> scores_between(100.0, 0.0, np.array([100.0, 25.0, -np.inf, np.nan]))
    array([  0.,  75., 100.,  nan])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        reached = (values - worst) / (best - worst)
    # Without the zero a score at the worst end of a falling scale would be -0.
    return 100.0 * np.clip(reached, 0.0, 1.0) + 0.0


def goalposts_of(kpi: Kpi, rule: Goalposts | RedTarget, target: Floats) -> tuple[Floats, Floats]:
    """The values that score 0 and 100, cell by cell; NaN where nothing can be scored."""
    if isinstance(rule, Goalposts):
        return np.full(target.shape, rule.worst), np.full(target.shape, rule.best)
    step = target - rule.red
    right = step > 0 if kpi.direction is Direction.HIGHER else step < 0
    step = np.where(right, step, np.nan)
    return rule.red - step, target + step


def score(kpi: Kpi, estimates: Estimates, target: Floats) -> tuple[Floats, Floats, Floats]:
    """The score rule applied to values and to their intervals.

    A value beyond what was observed has a score where its whole interval scores the same.

    Returns
    -------
    score, low, high : array
        0 to 100; NaN where there is none.
    """
    whole = ~estimates.partial
    scores = score_values(kpi, np.where(whole, estimates.value, np.nan), target)
    known = whole & estimates.has_interval
    lowest = np.where(estimates.never, np.inf, -np.inf)
    low = np.where(np.isnan(estimates.low), lowest, estimates.low)
    high = np.where(np.isnan(estimates.high), np.inf, estimates.high)
    ends = [score_values(kpi, np.where(known, end, np.nan), target) for end in (low, high)]
    least, most = np.minimum(*ends), np.maximum(*ends)
    if isinstance(kpi.score, InRange):
        # The best of a range may lie within the interval, at neither of its ends.
        within = known & (low <= kpi.score.high) & (high >= kpi.score.low)
        most = np.where(within, 100.0, most)
    return np.where(np.isnan(estimates.value) & (least == most), least, scores), least, most


def _deviations(kpi: Kpi, estimates: Estimates, target: Floats) -> tuple[Floats, Floats, Floats]:
    """Absolute in the KPI's unit, relative to |target|, and in standard errors; else NaN."""
    with np.errstate(invalid="ignore", divide="ignore"):
        same = alike(estimates.value, target, estimates.rounding)
        deviation = np.where(same, 0.0, estimates.value - target)
        deviation = np.where(estimates.partial, np.nan, deviation)
        relative = np.full(target.shape, np.nan)
        if kpi.has_true_zero:
            relative = np.where(target != 0, deviation / np.abs(target), np.nan)
        errors = np.where(estimates.std_error > 0, deviation / estimates.std_error, np.nan)
    return deviation, relative, errors


def _add(reason: Texts, cells: Mask, sentence: str) -> None:
    reason[cells] = [f"{one} {sentence}".strip() for one in reason[cells]]


def _open_interval(low: float, high: float) -> str:
    return f"from {low:.6g} upwards" if high != high else f"up to {high:.6g}"
