"""How many answers a group needs so that a difference between two groups will show."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import nctdtr
from scipy.stats import binom

from analysis.interval import CI_LEVEL, Floats
from analysis.planning import check_response_rate, invitations, smallest
from analysis.quantiles import two_sided_t
from analysis.wilson import wilson

POWER = 0.8
# Plans for more than this are refused; of shares the power is summed count by count.
MOST_FOR_MEANS = 10**9
MOST_FOR_SHARES = 10**5
# Counts rarer than this are left out of the sum.
RARE = 1e-13

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class GroupPlan:
    """How many are needed in each of two groups of equal size.

    Attributes
    ----------
    n : int
        Answers in each group.
    invite : int
        People to invite in each, so that n are expected to answer.
    power : float
        The chance that the interval of the difference excludes 0, with n answers in each.
    rule : str
        The rule of that interval.
    """

    n: int
    invite: int
    power: float
    rule: str


def plan_difference_of_means(
    difference: float,
    sd: float,
    power: float = POWER,
    level: float = CI_LEVEL,
    response_rate: float = 1.0,
) -> GroupPlan:
    """Answers in each group to show a difference of two means.

    Parameters
    ----------
    difference : float
        The smallest difference that should not be missed; its sign does not matter.
    sd : float
        Standard deviation expected in both groups.
    power : float
        The chance wanted.
    level : float
        Level of the interval that is to exclude 0.
    response_rate : float
        Share of those invited that answers.

    Returns
    -------
    GroupPlan
        The smallest n with the power; it grows with n.

    Raises
    ------
    ValueError
        If an argument is outside its range, or more than 10^9 would be needed.

    Examples
    --------
    >>> plan_difference_of_means(0.5, 1.0).n
    64
    """
    if not (math.isfinite(difference) and difference != 0 and math.isfinite(sd) and sd > 0):
        raise ValueError(
            f"The difference is {difference:g} and the standard deviation {sd:g}. Give a "
            "difference other than 0 and a standard deviation above 0."
        )
    _check(power, level, response_rate)
    found = smallest(lambda n: power_of_means(n, difference, sd, level) >= power, 2, MOST_FOR_MEANS)
    if found is None:
        raise ValueError(
            f"The difference {difference:g} needs more than {MOST_FOR_MEANS} answers in each "
            "group. Look for a larger one."
        )
    reached = power_of_means(found, difference, sd, level)
    return GroupPlan(found, invitations(found, response_rate), reached, "student_pooled")


def power_of_means(n: int, difference: float, sd: float, level: float = CI_LEVEL) -> float:
    """The chance that Student's interval of the difference of two means excludes 0, on either side.

    Exact for normal answers with one spread: the noncentral t distribution with 2n - 2 degrees of
    freedom and noncentrality difference / (sd sqrt(2 / n)) (Cohen 1988).

    Parameters
    ----------
    n : int
        Answers in each group, at least 2.
    difference, sd : float
    level : float

    Examples
    --------
    >>> round(power_of_means(20, 1.0, 1.0), 4)
    0.869
    """
    df = 2.0 * n - 2
    centre = abs(difference) / (sd * math.sqrt(2 / n))
    reach = float(two_sided_t(level, df))
    return float(1 - nctdtr(df, centre, reach) + nctdtr(df, centre, -reach))


def plan_difference_of_shares(
    first: float,
    second: float,
    power: float = POWER,
    level: float = CI_LEVEL,
    response_rate: float = 1.0,
) -> GroupPlan:
    """Answers in each group to show a difference of two shares.

    Since answers come in whole numbers the power does not grow with every one of them. The n is
    that from which on it stays: n - 1 misses it, and n and the sqrt(n) + 10 next ones do not.

    Parameters
    ----------
    first, second : float
        The shares expected in the two groups, between 0 and 1, not the same.
    power : float
        The chance wanted.
    level : float
        Level of the interval that is to exclude 0.
    response_rate : float
        Share of those invited that answers.

    Raises
    ------
    ValueError
        If an argument is outside its range, or more than 100 000 would be needed.

    Examples
    --------
    >>> plan_difference_of_shares(0.5, 0.3).n
    94
    """
    if not (0 <= first <= 1 and 0 <= second <= 1 and first != second):
        raise ValueError(
            f"The shares are {first:g} and {second:g}. Give two different ones from 0 to 1."
        )
    _check(power, level, response_rate)

    def reaches(n: int) -> bool:
        return power_of_shares(n, first, second, level) >= power

    found = smallest(reaches, 1, MOST_FOR_SHARES)
    if found is None:
        raise ValueError(
            f"The difference between {first:g} and {second:g} needs more than {MOST_FOR_SHARES} "
            "answers in each group. Look for a larger one."
        )
    sure_from, n = found, found
    while n <= sure_from + math.isqrt(sure_from) + 10:
        n += 1
        if not reaches(n):
            sure_from = n + 1
    reached = power_of_shares(sure_from, first, second, level)
    return GroupPlan(sure_from, invitations(sure_from, response_rate), reached, "newcombe")


def power_of_shares(n: int, first: float, second: float, level: float = CI_LEVEL) -> float:
    """The chance that Newcombe's (1998) interval of the difference of two shares excludes 0.

    Exact: the sum over all pairs of counts of their binomial chance where the hybrid score
    interval, difference -+ sqrt of the squared distances of Wilson's limits, has 0 outside.

    Parameters
    ----------
    n : int
        Answers in each group.
    first, second : float
        The shares of the populations.
    level : float

    Examples
    --------
    >>> round(power_of_shares(94, 0.5, 0.3), 4)
    0.8002
    """
    return _chance_of_more(n, first, second, level) + _chance_of_more(
        n, 1 - first, 1 - second, level
    )


def _chance_of_more(n: int, first: float, second: float, level: float) -> float:
    """The chance that the interval shows the first share to be larger."""
    ends = binom.ppf([RARE, 1 - RARE], n, first).astype(np.int64)
    count = np.arange(max(ends[0], 0), ends[1] + 1)
    largest = _largest_exceeded(count, n, level)
    return float((binom.pmf(count, n, first) * binom.cdf(largest, n, second)).sum())


def _largest_exceeded(count: Counts, n: int, level: float) -> Counts:
    """Of each count the largest other count that its share shows to be larger than; -1 if none.

    A count above one that is not shown to be smaller is not shown either, so that halving finds
    it: with every step up the difference shrinks by that step, and the reach by no more, because
    the upper limit never falls and its distance therefore shrinks by no more.
    """
    share = count / n
    below: Floats = share - wilson(share, n, level)[0]
    shown, not_shown = np.full_like(count, -1), count.copy()
    while (not_shown - shown > 1).any():
        middle = (shown + not_shown) // 2
        # A search that has ended may stand at -1.
        other = np.maximum(middle, 0) / n
        above = wilson(other, n, level)[1] - other
        exceeds = share - other > np.hypot(below, above)
        open_still = not_shown - shown > 1
        shown = np.where(open_still & exceeds, middle, shown)
        not_shown = np.where(open_still & ~exceeds, middle, not_shown)
    return shown


def _check(power: float, level: float, response_rate: float) -> None:
    if not 0 < power < 1:
        raise ValueError(f"The power is {power:g}. Give a share between 0 and 1, such as 0.8.")
    if not 0 < level < 1:
        raise ValueError(f"The level is {level:g}. Give a share between 0 and 1, such as 0.95.")
    check_response_rate(response_rate)
