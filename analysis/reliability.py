"""Scales of several items: how well they hang together, from moments alone.

An engine can reduce the answers to n, means and covariances; nothing here needs the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import fdtri

from analysis.interval import CI_LEVEL, Floats, Interval

# Correlations whose smallest eigenvalue is under this are those of items that determine each other.
SINGULAR = 1e-10


@dataclass(frozen=True)
class ItemMoments:
    """Answers to the items of a scale, reduced to moments; complete rows only.

    Attributes
    ----------
    n, n_rows : int
        Complete rows, and all of them.
    mean : array (items,)
    covariance : array (items, items)
        With the divisor n - 1; NaN where n is under 2.
    at_lowest, at_highest : array (items,)
        How many answers are the lowest and the highest of the scale.
    lowest, highest : float
        The ends of the scale that all items are answered on.
    """

    n: int
    n_rows: int
    mean: Floats
    covariance: Floats
    at_lowest: Floats
    at_highest: Floats
    lowest: float
    highest: float

    def __post_init__(self) -> None:
        items = len(self.mean)
        if items < 2:
            raise ValueError("A scale has two items or more.")
        if self.covariance.shape != (items, items):
            raise ValueError("covariance must have the shape (items, items).")
        if not self.at_lowest.shape == self.at_highest.shape == self.mean.shape:
            raise ValueError("mean, at_lowest and at_highest must have the shape (items,).")
        if not self.lowest < self.highest:
            raise ValueError("lowest must be under highest: they are the ends of the scale.")


@dataclass(frozen=True)
class Reliability:
    """Internal consistency of a scale, and its items; arrays (items,). NaN where undefined.

    Attributes
    ----------
    value : float
        Cronbach's alpha, k / (k - 1) (1 - sum of the items' variances / variance of their sum).
    standardized : float
        Alpha of the correlations (of items made equally wide).
    average_correlation : float
        Mean of the correlations between items.
    lambda6 : float
        Guttman's (1945), from the correlations: 1 - sum of (1 - squared multiple correlation of an
        item with the others) / sum of all correlations.
    value_if_dropped, standardized_if_dropped : array
        Alphas of the scale without the item.
    item_rest : array
        Correlation of the item with the sum of the others: its discrimination.
    mean, sd : array
    floor, ceiling : array
        Shares of answers at the lowest and the highest end of the scale.
    difficulty : array
        How far up the scale the mean is, 0 to 1 (low is difficult).
    n, n_rows : int
        Complete rows, and all of them.
    reason : str
        Why alpha is NaN; '' if it is not.
    """

    value: float
    standardized: float
    average_correlation: float
    lambda6: float
    value_if_dropped: Floats
    standardized_if_dropped: Floats
    item_rest: Floats
    mean: Floats
    sd: Floats
    floor: Floats
    ceiling: Floats
    difficulty: Floats
    n: int
    n_rows: int
    reason: str

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Feldt's (1965) interval of alpha, for normal answers and items of like quality.

        (1 - alpha) / (1 - estimate) is distributed as F with n - 1 and (n - 1)(k - 1) degrees of
        freedom.
        """
        if not 0 < level < 1:
            raise ValueError("level must be between 0 and 1, such as 0.95.")
        rows, both = self.n - 1, (self.n - 1) * (len(self.mean) - 1)
        quantiles = fdtri(rows, both, 0.5 + np.array([level, -level]) / 2)
        low, high = (1 - (1 - self.value) * float(quantile) for quantile in quantiles)
        return Interval(low, high, level, "feldt")


def item_moments(items: Floats, lowest: float, highest: float) -> ItemMoments:
    """Moments of the complete rows.

    Parameters
    ----------
    items : array (rows, items)
        Answers as given; NaN where missing.
    lowest, highest : float
        The ends of the scale.

    Raises
    ------
    ValueError
        For answers that are not on the scale, and fewer than two items.

    Examples
    --------
    >>> moments = item_moments(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, np.nan]]), 1, 5)
    >>> moments.n, moments.n_rows, moments.mean, moments.at_lowest
    (2, 3, array([2., 3.]), array([1., 0.]))
    """
    if items.ndim != 2:
        raise ValueError("items must have the shape (rows, items).")
    if np.any((items < lowest) | (items > highest)):
        raise ValueError(f"There are answers that are not on the scale {lowest:g} to {highest:g}.")
    complete = items[~np.isnan(items).any(axis=1)]
    n = len(complete)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = complete.sum(axis=0) / np.float64(n)
        centred = complete - mean
        covariance = centred.T @ centred / np.float64(n - 1)
    return ItemMoments(
        n,
        len(items),
        mean,
        covariance if n > 1 else np.full_like(covariance, np.nan),
        at_lowest=(complete == lowest).sum(axis=0, dtype=np.float64),
        at_highest=(complete == highest).sum(axis=0, dtype=np.float64),
        lowest=lowest,
        highest=highest,
    )


def reverse(moments: ItemMoments, items: Sequence[int]) -> ItemMoments:
    """The moments with the answers of some items turned round: x becomes lowest + highest - x.

    Parameters
    ----------
    moments : ItemMoments
    items : sequence of int
        The items that the definition of the scale declares reversed.

    Examples
    --------
    >>> moments = item_moments(np.array([[1.0, 5.0], [3.0, 4.0], [5.0, 1.0]]), 1, 5)
    >>> turned = reverse(moments, [1])
    >>> turned.mean.round(3), turned.covariance[0].round(3)
    (array([3.   , 2.667]), array([4., 4.]))
    """
    if not all(0 <= item < len(moments.mean) for item in items):
        raise ValueError(f"Items are numbered from 0 to {len(moments.mean) - 1}.")
    turned = np.zeros(len(moments.mean), np.bool_)
    turned[list(items)] = True
    sign = np.where(turned, -1.0, 1.0)
    return replace(
        moments,
        mean=np.where(turned, moments.lowest + moments.highest - moments.mean, moments.mean),
        covariance=moments.covariance * sign * sign[:, None],
        at_lowest=np.where(turned, moments.at_highest, moments.at_lowest),
        at_highest=np.where(turned, moments.at_lowest, moments.at_highest),
    )


def reliability(moments: ItemMoments) -> Reliability:
    """Cronbach's alpha of a scale, with the statistics of its items.

    Turn reversed items round first, with `reverse`.

    References
    ----------
    Cronbach (1951); Guttman (1945); Feldt (1965), Psychometrika.

    Examples
    --------
    >>> answers = np.array([[1.0, 2.0, 2.0], [2.0, 2.0, 3.0], [4.0, 3.0, 4.0], [5.0, 4.0, 4.0]])
    >>> found = reliability(item_moments(answers, 1, 5))
    >>> round(found.value, 4), found.item_rest.round(4)
    (0.9188, array([1.    , 0.9166, 0.9166]))
    >>> interval = found.interval()
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.4638, 0.9945)
    """
    covariance = moments.covariance
    sd = np.sqrt(np.diag(covariance))
    k = len(sd)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariance / sd / sd[:, None]
        # Of the sum of the other items.
        rest = covariance.sum() - 2 * covariance.sum(axis=0) + sd**2
        item_rest = (covariance.sum(axis=0) - sd**2) / (sd * np.sqrt(rest))
        floor, ceiling = moments.at_lowest / moments.n, moments.at_highest / moments.n
    value, standardized = (
        float(_alpha(k, np.trace(matrix), matrix.sum())) for matrix in (covariance, correlation)
    )
    return Reliability(
        value,
        standardized,
        float((correlation.sum() - k) / (k * (k - 1))),
        _lambda6(correlation),
        value_if_dropped=_alphas_if_dropped(covariance),
        standardized_if_dropped=_alphas_if_dropped(correlation),
        item_rest=item_rest,
        mean=moments.mean,
        sd=sd,
        floor=floor,
        ceiling=ceiling,
        difficulty=(moments.mean - moments.lowest) / (moments.highest - moments.lowest),
        n=moments.n,
        n_rows=moments.n_rows,
        reason=_reason(moments) if np.isnan(value) else "",
    )


def _alpha(k: int, trace: Floats, total: Floats) -> Floats:
    """k / (k - 1) (1 - trace / total); NaN for one item, and for a sum that does not vary."""
    found = np.full_like(total, np.nan)
    if k > 1:
        varies = total > SINGULAR * trace
        np.divide(trace, total, out=found, where=varies)
        found = k / (k - 1) * (1 - found)
    return found


def _alphas_if_dropped(covariance: Floats) -> Floats:
    own = np.diag(covariance)
    total = covariance.sum() - 2 * covariance.sum(axis=0) + own
    return _alpha(len(own) - 1, own.sum() - own, total)


def _lambda6(correlation: Floats) -> float:
    if not is_regular(correlation):
        return float("nan")
    # 1 - the squared multiple correlation of an item with the others.
    alone = 1 / np.diag(np.linalg.inv(correlation))
    return float(1 - alone.sum() / correlation.sum())


def is_regular(correlation: Floats) -> bool:
    """Whether all correlations are known and no item follows from the others."""
    if np.isnan(correlation).any():
        return False
    return bool(np.linalg.eigvalsh(correlation)[0] > SINGULAR)


def _reason(moments: ItemMoments) -> str:
    if moments.n < 2:
        return f"Alpha needs two complete rows; there are {moments.n}."
    return "The sum of the items is the same in all rows, so there is nothing to be consistent in."
