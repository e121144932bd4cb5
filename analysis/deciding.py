"""On which side of a target something lies, and the n that would decide it."""

import numpy as np
import numpy.typing as npt

from analysis.definitions import Direction
from analysis.estimate import Estimates, Mask, Resized, Texts
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
        good: Mask = better | alike(value, target, rounding)
    return good


def alike(value: Floats, target: Floats, rounding: Floats) -> Mask:
    """Equal but for rounding: within ROUNDING of the larger, or within ``rounding``."""
    near = np.maximum(ROUNDING * np.maximum(np.abs(value), np.abs(target)), rounding)
    alike: Mask = (value == target) | (
        np.abs(value - target) <= np.where(np.isfinite(near), near, 0)
    )
    return alike
