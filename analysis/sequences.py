"""Intervals that hold at every n at once, for KPIs that are watched while answers come in.

A fixed-n interval looked at after every answer misses the truth sooner or later far more often than
its level says, and whoever stops as soon as it clears the target stops on its errors. A confidence
sequence contains the truth at all n together with the level's chance, so that one may look and stop
at any time.

The method is the hedged capital of Waudby-Smith and Ramdas (2023): bet against every possible mean
and drop those against which the money has grown too much. Of their two methods it gives clearly
narrower intervals than the empirical Bernstein bound at the tens and hundreds of answers that
surveys have, and it serves shares as well as ratings; the price is a grid of means instead of a
formula. The bets depend on the earlier answers in their order, and on nothing else.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.deciding import MET, NOT_MET, ROUNDING, UNDETERMINED
from analysis.definitions import Direction
from analysis.interval import CI_LEVEL, Floats, Interval

RULE = "hedged_capital"
# Steps from the lowest to the highest possible mean. Ends are rounded outward by at most one.
STEPS = 1000
# No bet stakes more than this share of what it could lose.
MOST_STAKED = 0.5
# So many answers are worked through at once; more would need more memory.
BLOCK = 1024


@dataclass(frozen=True)
class ConfidenceSequence:
    """Running mean with limits that hold at every n together; arrays with one entry an answer.

    Attributes
    ----------
    value : array of shape (answers,)
        Mean of the first 1, 2, ... answers.
    low, high : array of shape (answers,)
        The limits after 1, 2, ... answers; they only ever move inward. NaN from where on no mean
        fits all answers: then it has changed while they came in.
    level : float
        The chance that the mean is within the limits at every n.
    rule : str
        ``hedged_capital``.
    """

    value: Floats
    low: Floats
    high: Floats
    level: float
    rule: str = RULE

    @property
    def n(self) -> int:
        """Answers so far."""
        return self.value.size

    def interval(self) -> Interval:
        """The limits after the last answer, at the level that the sequence was made for."""
        if self.n == 0:
            return Interval(np.nan, np.nan, self.level, self.rule)
        return Interval(float(self.low[-1]), float(self.high[-1]), self.level, self.rule)


def mean_sequence(
    answers: npt.ArrayLike, lowest: float, highest: float, level: float = CI_LEVEL
) -> ConfidenceSequence:
    """Confidence sequence of the mean of answers on a bounded scale.

    With x the answers as shares of the scale, and for every mean m on a grid, the capital of
    betting that the mean is larger is the product of 1 + b (x - m), where b = min(a, 1 / (2 m)); of
    betting that it is smaller, the product of 1 - b (x - m), where b = min(a, 1 / (2 (1 - m))). The
    stake a of the t-th answer is sqrt(2 log(2 / alpha) / (v t log(1 + t))), v the variance of the
    answers before, kept from 0 by one imagined answer. If m is the mean, neither capital gains on
    average, and each reaches 2 / alpha at any time with a chance of alpha / 2 at most (Ville). The
    one falls in m and the other rises, so that what remains is an interval.

    It holds if every answer has the same expectation, given those before it: for answers in the
    order in which people were drawn at random, not if early ones differ from late ones.

    Parameters
    ----------
    answers : array of shape (answers,)
        In the order in which they came; without missing ones.
    lowest, highest : float
        The ends of the scale.
    level : float

    Raises
    ------
    ValueError
        If an answer is missing or off the scale, the scale is empty, or the level is not between 0
        and 1.

    Examples
    --------
    >>> found = mean_sequence([4, 5, 4, 3, 5, 4, 4, 5] * 10, 1, 5)
    >>> found.low[[4, 19, 79]], found.high[[4, 19, 79]]
    (array([1.98 , 3.256, 3.936]), array([5.  , 4.64, 4.46]))
    """
    given = np.asarray(answers, float)
    if given.ndim != 1:
        raise ValueError(f"The answers are not one row: their shape is {given.shape}.")
    if not (np.isfinite([lowest, highest]).all() and lowest < highest):
        raise ValueError(f"The scale from {lowest:g} to {highest:g} is empty. Give its two ends.")
    if not ((given >= lowest) & (given <= highest)).all():
        raise ValueError(
            f"An answer is missing or not on the scale from {lowest:g} to {highest:g}. "
            "Leave missing answers out."
        )
    if not 0 < level < 1:
        raise ValueError(f"The level is {level:g}. Give a share between 0 and 1, such as 0.95.")
    span = highest - lowest
    share = (given - lowest) / span
    low, high = _limits(share, 1 - level)
    value = np.cumsum(given) / np.arange(1, given.size + 1)
    return ConfidenceSequence(value, lowest + span * low, lowest + span * high, level)


def share_sequence(hits: npt.ArrayLike, level: float = CI_LEVEL) -> ConfidenceSequence:
    """Confidence sequence of a share: of the mean of answers that are 0 or 1.

    Parameters
    ----------
    hits : array of shape (answers,)
        1 or 0 (or booleans), in the order in which they came.
    level : float

    Raises
    ------
    ValueError
        As ``mean_sequence``, and for values other than 0 and 1.

    Examples
    --------
    >>> found = share_sequence([1, 1, 0, 1, 1, 1, 0, 1] * 5)
    >>> round(found.interval().low, 3), round(found.interval().high, 3)
    (0.54, 0.924)
    """
    given = np.asarray(hits, float)
    if not ((given == 0) | (given == 1)).all():
        raise ValueError("A value is neither 0 nor 1. A share counts answers; use mean_sequence.")
    return mean_sequence(given, 0.0, 1.0, level)


@dataclass(frozen=True)
class SequenceVerdict:
    """What a confidence sequence says of a target.

    Attributes
    ----------
    verdict : str
        ``met``, ``not_met`` or ``undetermined``, after the last answer.
    since : int or None
        The n at which it was first said and from which on it stood; None while undetermined.
    """

    verdict: str
    since: int | None


def judge_sequence(
    sequence: ConfidenceSequence, target: float, direction: Direction
) -> SequenceVerdict:
    """The verdict as answers come in: the first that the limits allow, for they never widen again.

    ``met`` when the limits are wholly on the good side of the target, which belongs to it, and
    ``not_met`` when they are wholly on the other. Over all n together the chance of a wrong verdict
    is at most 1 - level. Where the mean has changed meanwhile, the verdict is ``undetermined``.

    Raises
    ------
    ValueError
        If the target is NaN.

    Examples
    --------
    >>> found = mean_sequence([4, 5, 4, 3, 5, 4, 4, 5] * 10, 1, 5)
    >>> judge_sequence(found, 3.5, Direction.HIGHER)
    SequenceVerdict(verdict='met', since=29)
    """
    if np.isnan(target):
        raise ValueError("The target is NaN. Give the value that is to be reached.")
    if sequence.n == 0 or np.isnan(sequence.low[-1]):
        return SequenceVerdict(UNDETERMINED, None)
    sign = 1 if direction is Direction.HIGHER else -1
    worst, best = (sequence.low, sequence.high)[::sign]
    slack = ROUNDING * abs(target)
    met = sign * (worst - target) >= -slack
    not_met = sign * (best - target) < -slack
    if met.any():
        return SequenceVerdict(MET, int(met.argmax()) + 1)
    if not_met.any():
        return SequenceVerdict(NOT_MET, int(not_met.argmax()) + 1)
    return SequenceVerdict(UNDETERMINED, None)


def _limits(share: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Limits of the mean of numbers from 0 to 1, after each of them."""
    stake = _stakes(share, alpha)
    enough = np.log(2 / alpha)
    means = np.arange(STEPS + 1) / STEPS
    low = _dropped_below(share, stake, means, enough)
    # Betting that the mean is smaller is betting that the rest up to 1 has a larger one.
    high = STEPS - _dropped_below(1 - share, stake, means, enough)
    low, high = np.maximum.accumulate(low), np.minimum.accumulate(high)
    fits = low < high
    return np.where(fits, low / STEPS, np.nan), np.where(fits, high / STEPS, np.nan)


def _stakes(share: Floats, alpha: float) -> Floats:
    """What is staked on each answer, from the answers before it."""
    t = np.arange(1, share.size + 1)
    mean = (0.5 + np.cumsum(share)) / (t + 1)
    variance = (0.25 + np.cumsum((share - mean) ** 2)) / (t + 1)
    before = np.concatenate([[0.25], variance])[: share.size]
    stake: Floats = np.sqrt(2 * np.log(2 / alpha) / (before * t * np.log(1 + t)))
    return stake


def _dropped_below(
    share: Floats, stake: Floats, means: Floats, enough: float
) -> npt.NDArray[np.int64]:
    """After each answer, the largest step of the grid that is dropped with all below it, else 0."""
    with np.errstate(divide="ignore"):
        most = MOST_STAKED / means
    capital = np.zeros(means.size)
    found = np.zeros(share.size, np.int64)
    for first in range(0, share.size, BLOCK):
        x, a = share[first : first + BLOCK, None], stake[first : first + BLOCK, None]
        grown = np.cumsum(np.log1p(np.minimum(a, most) * (x - means)), axis=0) + capital
        # The capital falls as the mean rises, so counting finds the last that is dropped.
        dropped = np.count_nonzero(grown >= enough, axis=1)
        found[first : first + BLOCK] = np.maximum(dropped - 1, 0)
        capital = grown[-1]
    return found
