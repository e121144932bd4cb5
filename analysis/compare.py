"""Change between two periods, or difference of two groups, for many cells at once.

Every function takes what a scorecard already has (moments, shares, or limits alone) as arrays with
one entry a cell, broadcast against each other, and gives a ``Change`` of that shape. A cell with a
NaN in it is NaN in the result, and no other cell is. The difference is always first minus second.
"""

from typing import Literal

import numpy as np
from scipy.special import ndtr, stdtr

from analysis.change import (
    Change,
    as_cells,
    recover_limits,
    refuse,
)
from analysis.interval import CI_LEVEL, Floats, Numbers
from analysis.quantiles import normal_quantile, two_sided_t
from analysis.wilson import wilson

# A standard error below this share of the means is what rounding leaves of no spread at all.
ALIKE = 1e-12
# Shares and limits may leave their range by rounding, not by more.
ROUNDING = 1e-9


def compare_means(
    mean1: Numbers,
    variance1: Numbers,
    n1: Numbers,
    mean2: Numbers,
    variance2: Numbers,
    n2: Numbers,
    *,
    pooled: bool = False,
) -> Change:
    """Difference of two means from their moments: Welch's t, or Student's with one variance.

    Welch (1947): the variance of the difference is variance1/n1 + variance2/n2, its degrees of
    freedom are Satterthwaite's (1946).

    Parameters
    ----------
    mean1, mean2 : float or array
    variance1, variance2 : float or array
        Sample variances, divisor n - 1.
    n1, n2 : float or array
        How many values each mean is of.
    pooled : bool
        Take both variances for estimates of one (Student), with n1 + n2 - 2 degrees of freedom.

    Returns
    -------
    Change
        Rule ``welch`` or ``student_pooled``. With fewer than 2 values in a group, or no spread in
        either, there is a difference but neither interval nor p; with none not even that.

    Raises
    ------
    ValueError
        For a negative variance or n, or shapes that do not fit together.

    Examples
    --------
    >>> change = compare_means(7.2, 4.0, 50, 6.5, 5.0, 40)
    >>> round(float(change.p), 4), round(float(change.df), 2)
    (0.1261, 79.11)
    """
    mean1, variance1, n1, mean2, variance2, n2 = as_cells(
        mean1, variance1, n1, mean2, variance2, n2
    )
    refuse(variance1 < 0, variance2 < 0, because="A variance is below 0. Give squared deviations.")
    refuse(n1 < 0, n2 < 0, because="An n is below 0. Give 0 for a group without values.")
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.where((n1 > 0) & (n2 > 0), mean1 - mean2, np.nan)
        if pooled:
            df = n1 + n2 - 2
            spread = ((n1 - 1) * variance1 + (n2 - 1) * variance2) / df
            std_error = np.sqrt(spread * (1 / n1 + 1 / n2))
        else:
            part, total = variance1 / n1, variance1 / n1 + variance2 / n2
            std_error = np.sqrt(total)
            df = 1 / ((part / total) ** 2 / (n1 - 1) + (1 - part / total) ** 2 / (n2 - 1))
        spread_seen = std_error > ALIKE * np.maximum(np.abs(mean1), np.abs(mean2))
        known = (n1 > 1) & (n2 > 1) & spread_seen
        std_error, df = np.where(known, std_error, np.nan), np.where(known, df, np.nan)
        t = difference / std_error

    def limits(level: float) -> tuple[Floats, Floats]:
        half = two_sided_t(level, df) * std_error
        return difference - half, difference + half

    rule = "student_pooled" if pooled else "welch"
    return Change(difference, std_error, t, 2 * stdtr(df, -np.abs(t)), rule, limits, df)


def compare_shares(
    share1: Numbers,
    n1: Numbers,
    share2: Numbers,
    n2: Numbers,
    *,
    rule: Literal["newcombe", "agresti_caffo", "wald"] = "newcombe",
) -> Change:
    """Difference of two independent shares, with the score test.

    ``newcombe`` adds, in squares, the distances of Wilson's limits from their shares (Newcombe
    1998, method 10). ``agresti_caffo`` (2000) is the Wald interval with one imagined yes and one
    no in each group. ``wald`` is for comparison only; it covers too seldom. The test is the same
    for all: z = difference / sqrt(m (1 - m) (1/n1 + 1/n2)), m the share of both groups together.

    Parameters
    ----------
    share1, share2 : float or array
        Between 0 and 1.
    n1, n2 : float or array
        Sizes, or effective sizes, which need not be whole; 0 where there is no share.
    rule : str
        ``newcombe``, ``agresti_caffo`` or ``wald``.

    Returns
    -------
    Change
        ``std_error`` is the one of the two shares apart. Where both are 0, or both 1, z is 0 and
        p is 1: the groups are as alike as can be.

    Raises
    ------
    ValueError
        For a share outside 0 to 1, a negative n, an unknown rule, or shapes that do not fit.

    Examples
    --------
    >>> ends = compare_shares(56 / 70, 70, 48 / 80, 80).interval()
    >>> round(float(ends.low), 4), round(float(ends.high), 4), ends.rule
    (0.0524, 0.3339, 'newcombe')
    """
    if rule not in ("newcombe", "agresti_caffo", "wald"):
        raise ValueError(f"The rule {rule} is unknown. Use newcombe, agresti_caffo or wald.")
    share1, n1, share2, n2 = as_cells(share1, n1, share2, n2)
    for share in (share1, share2):
        outside = np.abs(share - 0.5) > 0.5 + ROUNDING
        refuse(outside, because="A share is outside 0 to 1. Divide per cent by 100.")
    refuse(n1 < 0, n2 < 0, because="An n is below 0. Give 0 for a group without values.")
    share1, share2 = np.clip(share1, 0, 1), np.clip(share2, 0, 1)
    n1, n2 = np.where(n1 > 0, n1, np.nan), np.where(n2 > 0, n2, np.nan)
    difference = np.where(np.isnan(n1 + n2), np.nan, share1 - share2)
    std_error = np.sqrt(share1 * (1 - share1) / n1 + share2 * (1 - share2) / n2)
    # As a weighted mean it is exactly 0 or 1 where both shares are.
    together = share2 + (share1 - share2) * (n1 / (n1 + n2))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = difference / np.sqrt(together * (1 - together) * (1 / n1 + 1 / n2))
    z = np.where(difference == 0, 0.0, z)

    def limits(level: float) -> tuple[Floats, Floats]:
        if rule == "newcombe":
            one, other = wilson(share1, n1, level), wilson(share2, n2, level)
            return recover_limits(share1, *one, share2, *other)
        added = 1 if rule == "agresti_caffo" else 0
        size1, size2 = n1 + 2 * added, n2 + 2 * added
        near1, near2 = (share1 * n1 + added) / size1, (share2 * n2 + added) / size2
        half = normal_quantile(level) * np.sqrt(
            near1 * (1 - near1) / size1 + near2 * (1 - near2) / size2
        )
        return np.maximum(-1.0, near1 - near2 - half), np.minimum(1.0, near1 - near2 + half)

    return Change(difference, std_error, z, 2 * ndtr(-np.abs(z)), rule, limits)


def compare_intervals(
    value1: Numbers,
    low1: Numbers,
    high1: Numbers,
    value2: Numbers,
    low2: Numbers,
    high2: Numbers,
    *,
    level: float = CI_LEVEL,
) -> Change:
    """Difference of two statistics of which only intervals are known, such as medians.

    Variances are recovered from the limits (Zou and Donner 2008): the low end is the difference
    minus sqrt((value1 - low1)^2 + (high2 - value2)^2), the high end mirrors it. The standard error
    is the distance to the end that faces 0, divided by the level's z; so p is below 1 - level
    exactly where the interval leaves out 0.

    Parameters
    ----------
    value1, value2 : float or array
        Independent estimates.
    low1, high1, low2, high2 : float or array
        Their limits; NaN where an interval is open. An end of the difference that needs an open
        one is open (NaN) too, and there is no p if it is the end that faces 0.
    level : float
        The level of the given limits.

    Returns
    -------
    Change
        Rule ``mover``; its interval is known at the given level only.

    Raises
    ------
    ValueError
        For limits on the wrong side of their value, a level outside 0 to 1, or shapes that do not
        fit.

    Examples
    --------
    >>> ends = compare_intervals(30.0, 26.0, 35.0, 22.0, 19.0, float("nan")).interval()
    >>> float(ends.low), float(ends.high.round(4))
    (nan, 13.831)
    """
    quantile = normal_quantile(level)
    value1, low1, high1, value2, low2, high2 = as_cells(value1, low1, high1, value2, low2, high2)
    for low, value, high in ((low1, value1, high1), (low2, value2, high2)):
        wrong = "An interval does not hold its own value. Check the order of low and high."
        rounding = ROUNDING * np.abs(value)
        refuse(low > value + rounding, high < value - rounding, because=wrong)
    difference = value1 - value2
    low, high = recover_limits(value1, low1, high1, value2, low2, high2)
    facing = np.where(difference > 0, difference - low, high - difference)
    std_error = np.where(facing > 0, facing / quantile, np.nan)
    z = difference / std_error

    def limits(asked: float) -> tuple[Floats, Floats]:
        if asked != level:
            raise ValueError(
                f"The limits are known at {level:g} only. "
                f"Compare intervals of the level {asked:g} instead."
            )
        return low, high

    return Change(difference, std_error, z, 2 * ndtr(-np.abs(z)), "mover", limits)
