"""On which side of a target something lies, and the n that would decide it."""

from collections.abc import Callable

import numpy as np

from analysis.definitions import Direction
from analysis.estimate import Estimates, Integers, Mask, Resized, Texts
from analysis.interval import Floats

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
    resized = estimates.resized.take(cells)
    enough = np.maximum(few + 1, _guess(resized, value, aim, end, few))

    def decides(which: Integers, n: Floats) -> Mask:
        interval = resized.take(which).interval(n)
        sides = side_of(direction, np.asarray(interval.low), np.asarray(interval.high), aim[which])
        decided: Mask = sides != UNDETERMINED
        return decided

    # Steps that double lead from the guess, which is nearly always right, to one n that decides
    # and one that does not; halving the way between them finds the smallest that does.
    up = ~decides(np.arange(len(cells)), enough)
    low, high = np.where(up, enough, few), np.where(up, np.inf, enough)
    moving, step = high - low > 1, 1.0
    while moving.any():
        tried = np.where(up, low + step, np.maximum(high - step, few))
        good = _only(moving, decides, tried)
        high, low = np.where(good, tried, high), np.where(moving & ~good, tried, low)
        moving = moving & np.where(up, ~good & (low <= MOST_N), good)
        step *= 2
    while (wide := (high - low > 1) & np.isfinite(high)).any():
        middle = np.floor((low + high) / 2)
        good = _only(wide, decides, middle)
        high, low = np.where(good, middle, high), np.where(wide & ~good, middle, low)
    found[cells] = np.where(high <= MOST_N, high, np.nan)
    return found


def _only(which: Mask, decides: Callable[[Integers, Floats], Mask], n: Floats) -> Mask:
    """Which of some cells an n decides; False for the others."""
    good = np.zeros(len(n), np.bool_)
    good[which] = decides(np.flatnonzero(which), n[which])
    return good


def _guess(resized: Resized, value: Floats, target: Floats, end: Floats, n: Floats) -> Floats:
    """About the n that decides: the way from the value to an end shrinks with the root of n.

    ``end`` is the end of the interval on the target's side, at ``n``.
    """
    below = target < value
    guess = n
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(GUESSES):
            guess = guess * ((end - value) / (target - value)) ** 2
            # Endless where the value is the target itself: then no n decides.
            guess = np.where(np.isnan(guess), n + 1, np.clip(guess, 2.0, 2.0 * MOST_N))
            interval = resized.interval(guess)
            end = np.where(below, interval.low, interval.high)
    return np.ceil(guess)


def is_good(direction: Direction, value: Floats, target: Floats, rounding: Floats) -> Mask:
    """Whether values are on the good side of their targets, which belong to it."""
    with np.errstate(invalid="ignore"):
        better = value > target if direction is Direction.HIGHER else value < target
        good: Mask = better | alike(value, target, rounding)
    return good


def alike(value: Floats, target: Floats, rounding: Floats) -> Mask:
    """Equal but for rounding: within ROUNDING of the larger, or within ``rounding``."""
    near = np.maximum(ROUNDING * np.maximum(np.abs(value), np.abs(target)), rounding)
    alike: Mask = (value == target) | (
        np.abs(value - target) <= np.where(np.isfinite(near), near, 0)
    )
    return alike
