"""Empirical-Bayes shrinkage of many small groups, and whether they can be ranked at all.

Group i has a true value drawn around a common mean mu with variance A, and an observed one drawn
around the true one with variance V_i. The best guess of the true value lies between the observed
one and the mean, the nearer to the mean the less reliable the observation: Morris' (1983)
parametric empirical Bayes. Morris corrects the intervals for A and mu being estimated by averaging
over a flat prior of both, for which he gives approximations; here the average over A is computed,
which keeps the coverage of the intervals where A is small and groups are many (his of 95 % hold the
truth in 93 % with 50 groups, in 92 % with 100).
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from analysis.between_variance import one_shape, paule_mandel, points
from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import checked_level, two_sided_t

Kind: TypeAlias = Literal["means", "shares"]

# A league table needs this share of the variance between its groups to be true.
RANKABLE = 0.7
# With fewer groups nothing is gained by shrinking (Stein 1956), and the average does not exist.
FEWEST = 4
# A spread below this, relative to the size of the numbers, is rounding.
ALIKE = 1e-12
# Points of the average over A.
POINTS = 48


@dataclass(frozen=True)
class Shrunken:
    """Raw and shrunken values of groups; the groups are the last axis.

    Attributes
    ----------
    kind : {"means", "shares"}
    n : array, (..., groups)
        Units each group's value rests on.
    raw, raw_std_error : array, (..., groups)
        Observed values and their standard errors, sqrt(V); NaN where a group has none.
    value, std_error : array, (..., groups)
        Shrunken values, and their standard errors with the uncertainty of mu and A; with fewer
        than 4 groups, of each group by itself.
    shrinkage : array, (..., groups)
        Share of the way from the raw value to the mean.
    groups : array, (...)
        Groups present.
    mean, between_variance : array, (...)
        mu, and A as Paule and Mandel estimate it.
    reliability : array, (...)
        Share of the variance between the observed values that is true: A / (A + mean V).
    freedom : array, (...)
        Degrees of freedom of a pooled V; infinite where V is known.
    """

    kind: Kind
    n: Floats
    raw: Floats
    raw_std_error: Floats
    value: Floats
    std_error: Floats
    shrinkage: Floats
    groups: Floats
    mean: Floats
    between_variance: Floats
    reliability: Floats
    freedom: Floats

    @property
    def is_rankable(self) -> npt.NDArray[np.bool_]:
        """Whether the reliability is at least 0.7, so that a ranking tells more than chance."""
        return np.asarray(self.reliability >= RANKABLE)

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Interval of the shrunken values: Student's t, and for shares a beta distribution's.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        if self.kind == "means":
            half = two_sided_t(level, self.freedom)[..., None] * self.std_error
            return Interval(self.value - half, self.value + half, level, "empirical_bayes_t")
        tail = (1 - checked_level(level)) / 2
        above, below = beta_of_moments(self.value, self.std_error)
        low, high = betaincinv(above, below, tail), betaincinv(above, below, 1 - tail)
        return Interval(low, high, level, "empirical_bayes_beta")


def beta_of_moments(mean: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """The two parameters of the beta distribution with a mean and a standard deviation.

    Parameters
    ----------
    mean, deviation : array

    Returns
    -------
    (array, array)
        NaN where there is none.

    Examples
    --------
    >>> [float(one.round(6)) for one in beta_of_moments(np.array(0.4), np.array(0.2))]
    [2.0, 3.0]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        size = mean * (1 - mean) / deviation**2 - 1
        size = np.where(size > 0, size, np.nan)
    return mean * size, (1 - mean) * size


def shrink_means(
    value: npt.ArrayLike, std_error: npt.ArrayLike, n: npt.ArrayLike, *, pooled: bool = True
) -> Shrunken:
    """Shrink means, or other values with standard errors, towards their common mean.

    Given A, with W = 1 / (A + V), B = V W and mu = sum(W y) / sum(W), the shrunken value is
    y - B (y - mu) and its variance V (1 - B) + B^2 / sum(W). Both are averaged over A, weighed by
    the likelihood with mu integrated out.

    Parameters
    ----------
    value, std_error : array_like, (..., groups)
        Observed values and their standard errors. NaN in ``value`` is a group without one.
    n : array_like, (..., groups)
        Units each value rests on.
    pooled : bool
        Whether all groups spread alike, so that V is one variance over n, pooled from all groups
        on sum(n - 1) degrees of freedom: a small group's own standard error is too noisy to weigh
        by, and where n is 1 or all are alike there is none. If false, V is the square of the
        group's own, taken as known, and groups without a positive one are NaN.

    Returns
    -------
    Shrunken

    Raises
    ------
    ValueError
        If shapes differ, or a standard error or n is negative.

    Examples
    --------
    >>> found = shrink_means([6, 7, 8, 9, 5], [0.5, 0.4, 0.5, 0.4, 0.9], [10, 12, 9, 11, 3])
    >>> found.value.round(2), float(found.reliability.round(2))
    (array([6.05, 7.  , 7.95, 8.92, 5.26]), 0.87)
    """
    values, errors, counts = one_shape(value=value, std_error=std_error, n=n)
    if (errors < 0).any():
        raise ValueError("std_error holds a negative number; standard errors are 0 or more.")
    if (counts < 0).any():
        raise ValueError("n holds a negative number; counts are 0 or more.")
    freedom = np.full(values.shape[:-1], np.inf)
    variance = np.where(errors > 0, errors**2, np.nan)
    if pooled:
        variance, freedom = pool_variance(values, errors, counts)
    present = ~np.isnan(values) & ~np.isnan(variance)
    y, v = np.where(present, values, np.nan), np.where(present, variance, np.nan)
    k, between = np.asarray(present.sum(axis=-1), np.float64), paule_mandel(y, v)
    estimate, deviation, toward = _average(y, v, k, between)
    return Shrunken(
        "means",
        counts,
        values,
        np.sqrt(v),
        estimate,
        deviation,
        toward,
        k,
        _weighted_mean(y, between[..., None] + v),
        between,
        reliability_of(between, v),
        freedom,
    )


def pool_variance(values: Floats, errors: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Variances of means from one variance of the units in all groups.

    Parameters
    ----------
    values, errors, counts : array, (..., groups)
        Means, their own standard errors, and units.

    Returns
    -------
    variance : array, (..., groups)
        sum((n - 1) n error^2) / sum(n - 1) / n; NaN where there is no mean, or nothing spreads.
    freedom : array, (...)
        sum(n - 1) over the groups that have a standard error.

    Examples
    --------
    >>> one, other = np.array([1.0, 2, 3]), np.array([0.5, 0.5, np.nan])
    >>> pool_variance(one, other, np.array([4.0, 4, 1]))
    (array([0.25, 0.25, 1.  ]), array(6.))
    """
    has = ~np.isnan(values) & (counts > 0)
    own = has & (counts > 1) & ~np.isnan(errors)
    spare = np.where(own, counts - 1, 0.0)
    freedom = np.asarray(spare.sum(axis=-1))
    squares = np.where(own, spare * counts * errors**2, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = squares.sum(axis=-1) / freedom
        size = np.max(np.abs(np.where(has, values, 0.0)), axis=-1, initial=1.0)
        variance = np.where(variance > (ALIKE * size) ** 2, variance, np.nan)
        return np.where(has, variance[..., None] / counts, np.nan), freedom


def _weighted_mean(y: Floats, variance: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(y / variance, axis=-1) / np.nansum(1 / variance, axis=-1))


def reliability_of(between: Floats, v: Floats) -> Floats:
    """Share of the variance between observed values that is true, A / (A + mean V).

    Parameters
    ----------
    between : array, (...)
        A.
    v : array, (..., groups)
        Variances of the observed values, NaN where there is none.

    Returns
    -------
    array, (...)
        NaN with fewer than two groups.

    Examples
    --------
    >>> float(reliability_of(np.array(3.0), np.array([0.5, 1.5, np.nan])))
    0.75
    """
    k = (~np.isnan(v)).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(k > 1, between / (between + np.nansum(v, axis=-1) / k), np.nan)


def _average(y: Floats, v: Floats, k: Floats, between: Floats) -> tuple[Floats, Floats, Floats]:
    """Shrunken values, their standard errors and the shrinkage, averaged over A."""
    enough = k >= FEWEST
    with np.errstate(invalid="ignore", divide="ignore"):
        typical = k / np.nansum(1 / v, axis=-1)
    scale = np.where(enough, between + typical, 1.0)
    at, measure = points(scale, POINTS)
    # From here: (..., groups, points).
    weight = 1 / (at[..., None, :] + v[..., None])
    whole = np.nansum(weight, axis=-2, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(weight * y[..., None], axis=-2, keepdims=True) / whole
        distance = y[..., None] - mean
        height = np.nansum(np.log(weight) - weight * distance**2, axis=-2) - np.log(
            whole[..., 0, :]
        )
        share = weights_of(height / 2 + np.log(measure))[..., None, :]
        toward = v[..., None] * weight
        shrunken = y[..., None] - toward * distance
        variance = v[..., None] * (1 - toward) + toward**2 / whole
    value = (share * shrunken).sum(axis=-1)
    spread = (share * (variance + (shrunken - value[..., None]) ** 2)).sum(axis=-1)
    few = ~enough[..., None]
    nowhere = np.where(np.isnan(v), np.nan, 0.0)
    return (
        np.where(few, y, value),
        np.where(few, np.sqrt(v), np.sqrt(spread)),
        np.where(few, nowhere, (share * toward).sum(axis=-1)),
    )


def weights_of(height: Floats) -> Floats:
    """Weights that add up to 1, from their logarithms.

    Parameters
    ----------
    height : array, (..., points)
        Logarithms, each row but for a constant.

    Returns
    -------
    array, (..., points)

    Examples
    --------
    >>> weights_of(np.array([2000.0, 2000 + np.log(3)])).round(4)
    array([0.25, 0.75])
    """
    weight = np.exp(height - height.max(axis=-1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))
