"""Composite indicators by other rules than the product's own: for comparison and for what-if.

The product scores against fixed goalposts, so that a newcomer changes nobody's score. These rules
look at all units that are present, and are kept to show what they would say. Arrays of values are
(indicators, units).
"""

import numpy as np
import scipy.stats

from analysis.aggregation import weighted_mean
from analysis.interval import Floats
from analysis.roll_up import ROUNDING


def min_max(values: Floats, direction: Floats, low: float = 0.0, high: float = 100.0) -> Floats:
    """The worst unit present becomes ``low``, the best ``high``, the others straight between.

    Parameters
    ----------
    values : array (indicators, units)
        NaN where missing.
    direction : array (indicators,)
        1 where more is better, -1 where less is.
    low, high : float

    Returns
    -------
    array (indicators, units)
        NaN where missing, and for an indicator that is the same everywhere.

    Examples
    --------
    >>> min_max(np.array([[2.0, 3.0, 6.0]]), np.array([-1]))
    array([[100.,  75.,   0.]])
    """
    worst, best, directed = _ends(values, direction)
    with np.errstate(invalid="ignore"):
        return low + (high - low) * (directed - worst) / (best - worst)


def distance_to_best(values: Floats, direction: Floats) -> Floats:
    """1 - distance to the best unit present / range; parameters and NaN as in `min_max`.

    Examples
    --------
    >>> distance_to_best(np.array([[2.0, 3.0, 6.0]]), np.array([1]))
    array([[0.  , 0.25, 1.  ]])
    """
    worst, best, directed = _ends(values, direction)
    with np.errstate(invalid="ignore"):
        return 1 - (best - directed) / (best - worst)


def z_score(values: Floats, direction: Floats) -> Floats:
    """Distance to the mean in standard deviations (n - 1); parameters and NaN as in `min_max`.

    Examples
    --------
    >>> z_score(np.array([[1.0, 2.0, 3.0]]), np.array([1]))
    array([[-1.,  0.,  1.]])
    """
    directed = _directed(values, direction)
    present = ~np.isnan(directed)
    n = present.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present, directed, 0.0).sum(axis=1, keepdims=True) / n
        squares = np.where(present, (directed - mean) ** 2, 0.0).sum(axis=1, keepdims=True)
        found: Floats = (directed - mean) / np.sqrt(squares / (n - 1))
    return found


def percentile_rank(values: Floats, direction: Floats) -> Floats:
    """(rank - 1) / (n - 1), 0 for the worst, of equals the lowest; parameters as in `min_max`.

    NaN where missing, and for a unit without others.

    Examples
    --------
    >>> percentile_rank(np.array([[2.0, 3.0, 3.0, 6.0]]), np.array([1])).round(4)
    array([[0.    , 0.3333, 0.3333, 1.    ]])
    """
    directed = _directed(values, direction)
    ranks = scipy.stats.rankdata(directed, method="min", axis=1, nan_policy="omit")
    n = (~np.isnan(directed)).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        found: Floats = (ranks - 1) / (n - 1)
    return found


def geometric_mean(values: Floats, weights: Floats) -> Floats:
    """Weighted geometric mean of what is present, exp(sum(w log x) / sum(w)), over the first axis.

    A goal's geometric score is floored besides: see `analysis.roll_up.aggregate`.

    Parameters
    ----------
    values : array (indicators, units)
        Not negative; NaN where missing.
    weights : array (indicators,)

    Examples
    --------
    >>> geometric_mean(np.array([[2.0, 0.0], [8.0, 5.0]]), np.array([1.0, 1.0]))
    array([4., 0.])
    """
    if np.any(values < 0):
        raise ValueError("A geometric mean is of values that are not negative.")
    with np.errstate(divide="ignore"):
        return np.exp(weighted_mean(np.log(values), weights[:, None]))


def ranks(scores: Floats) -> Floats:
    """Places of the units, 1 for the highest score, of equals the best place; NaN where missing.

    Scores that differ by no more than rounding are equal.

    Parameters
    ----------
    scores : array (units,)

    Examples
    --------
    >>> ranks(np.array([70.0, 90.0, np.nan, 70.0]))
    array([ 2.,  1., nan,  2.])
    """
    order = np.argsort(-scores)
    ordered = scores[order]
    lower = ordered[1:] < ordered[:-1] - ROUNDING
    first = np.concatenate([np.ones(min(1, len(scores)), np.bool_), lower])
    place = np.maximum.accumulate(np.where(first, np.arange(1.0, len(scores) + 1), 0.0))
    found = np.empty_like(place)
    found[order] = place
    return np.where(np.isnan(scores), np.nan, found)


def _directed(values: Floats, direction: Floats) -> Floats:
    if values.ndim != 2 or direction.shape != values.shape[:1]:
        raise ValueError("values must have the shape (indicators, units), direction (indicators,).")
    if not np.all(np.abs(direction) == 1):
        raise ValueError("direction must be 1 (more is better) or -1 (less is better).")
    return values * direction[:, None]


def _ends(values: Floats, direction: Floats) -> tuple[Floats, Floats, Floats]:
    """The worst, the best, and all values, turned so that more is better."""
    directed = _directed(values, direction)
    worst: Floats = np.fmin.reduce(directed, axis=1, keepdims=True)
    best: Floats = np.fmax.reduce(directed, axis=1, keepdims=True)
    return worst, best, directed
