"""Estimates and targets to deviations, scores and verdicts, many cells at once."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.definitions import (
    Direction,
    Kpi,
)
from analysis.estimate import Estimates, Mask, Resized, Texts
from analysis.interval import Floats, Numbers
from analysis.score_rules import Goalposts, InRange, RedTarget

MET = "met"
NOT_MET = "not_met"
UNDETERMINED = "undetermined"
NO_DATA = "no_data"
PROVISIONAL = "provisional"
SUPPRESSED = "suppressed"
# Without a target there is a statistic and a score, but nothing to judge.
NO_VERDICT = "no_target"
NO_TARGET = "No target is set for this period."
# Sums of decimal fractions miss their decimal value by less than this share of it.
ROUNDING = 1e-12
# A verdict that needs more than this is out of reach for any survey.
MOST_N = 10**9
# So many steps bring a guessed n to the last digit nearly everywhere.
GUESSES = 4

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
        reason[cells] = [
            f"{one} {more}" if more else one for one, more in zip(told, reason[cells], strict=True)
        ]
    return verdict, reason


def side_of(direction: Direction, low: Floats, high: Floats, target: Floats) -> Texts:
    """On which side of the target intervals lie; an end that is NaN is infinitely far.

    The target itself belongs to the good side.

    Examples
    --------
    >>> ends = np.array([51.0, 49.0, 40.0]), np.array([60.0, 60.0, np.nan])
    >>> side_of(Direction.HIGHER, *ends, np.array([50.0, 50.0, 50.0])).tolist()
    ['met', 'undetermined', 'undetermined']
    """
    low, high = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
    worst, best = (low, high) if direction is Direction.HIGHER else (high, low)
    none = np.zeros(np.shape(target))
    found = np.full(np.shape(target), NOT_MET, object)
    found[is_good(direction, best, target, none)] = UNDETERMINED
    found[is_good(direction, worst, target, none)] = MET
    return found


def n_to_decide(direction: Direction, estimates: Estimates, target: Floats) -> Floats:
    """The smallest n at which, with the same value and spread, the interval excludes the target.

    Parameters
    ----------
    estimates : Estimates
        Cells whose interval follows from n and straddles the target.
    target : array
        Of the same shape, which has one axis.

    Returns
    -------
    array
        Whole numbers above the present n; NaN where no n up to ``MOST_N`` decides, and where the
        cell has no interval.
    """
    assert estimates.resized is not None
    found = np.full(target.shape, np.nan)
    cells = np.flatnonzero(~np.isnan(estimates.low))
    few = estimates.n[cells].astype(np.float64)
    value, aim = estimates.value[cells], target[cells]
    end = np.where(aim < value, estimates.low[cells], estimates.high[cells])
    guess = _guess(estimates.resized.take(cells), value, aim, end, few)
    enough = np.maximum(few + 1, guess)

    def decides(which: npt.NDArray[np.int64], n: Floats) -> Mask:
        assert estimates.resized is not None
        interval = estimates.resized.take(which).interval(n)
        sides = side_of(
            direction, np.asarray(interval.low), np.asarray(interval.high), target[which]
        )
        decided: Mask = sides != UNDETERMINED
        return decided

    # The guess is nearly always right: it decides, and one less does not.
    exact = decides(cells, enough) & ((enough == few + 1) | ~decides(cells, enough - 1))
    found[cells[exact]] = enough[exact]
    cells, few, enough = cells[~exact], few[~exact], enough[~exact]
    # Too little so far: double it, and what did not do is too few.
    short = ~decides(cells, enough)
    while short.any():
        few = np.where(short, enough, few)
        enough = np.where(short, 2 * enough, enough)
        within = enough <= 2.0 * MOST_N
        cells, few, enough, short = cells[within], few[within], enough[within], short[within]
        short[short] = ~decides(cells[short], enough[short])
    while (wide := enough - few > 1).any():
        middle = np.floor((few + enough) / 2)
        good = np.zeros(len(cells), np.bool_)
        good[wide] = decides(cells[wide], middle[wide])
        enough = np.where(wide & good, middle, enough)
        few = np.where(wide & ~good, middle, few)
    found[cells] = enough
    return np.where(found <= MOST_N, found, np.nan)


def _guess(resized: Resized, value: Floats, target: Floats, end: Floats, n: Floats) -> Floats:
    """About the n that decides: the way from the value to an end shrinks with the root of n.

    ``end`` is the end of the interval on the target's side, at ``n``.
    """
    below = target < value
    guess = n
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(GUESSES):
            guess = guess * ((end - value) / (target - value)) ** 2
            guess = np.where(np.isfinite(guess), np.clip(guess, 2.0, 2.0 * MOST_N), n + 1)
            interval = resized.interval(guess)
            end = np.where(below, interval.low, interval.high)
    return np.ceil(guess)


def is_good(direction: Direction, value: Floats, target: Floats, rounding: Floats) -> Mask:
    """Whether values are on the good side of their targets, which belong to it."""
    with np.errstate(invalid="ignore"):
        better = value > target if direction is Direction.HIGHER else value < target
        good: Mask = better | _alike(value, target, rounding)
    return good


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


def _alike(value: Floats, target: Floats, rounding: Floats) -> Mask:
    """Equal but for rounding: within ROUNDING of the larger, or within ``rounding``."""
    near = np.maximum(ROUNDING * np.maximum(np.abs(value), np.abs(target)), rounding)
    alike: Mask = (value == target) | (
        np.abs(value - target) <= np.where(np.isfinite(near), near, 0)
    )
    return alike


def _deviations(kpi: Kpi, estimates: Estimates, target: Floats) -> tuple[Floats, Floats, Floats]:
    """Absolute in the KPI's unit, relative to |target|, and in standard errors; else NaN."""
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = _alike(estimates.value, target, estimates.rounding)
        deviation = np.where(alike, 0.0, estimates.value - target)
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
