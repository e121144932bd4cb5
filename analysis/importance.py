"""Importance of key drivers: the explained variance of an outcome, shared out among its drivers.

The drivers go together, so there is no one right share of each; several measures stand side by
side, and intervals show how little a small sample tells them apart.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.stats
from scipy.special import comb

from analysis.drivers import ALIKE, COLLINEAR, DriverRows, correlation_matrix
from analysis.interval import CI_LEVEL, Floats, Interval

# With 15 drivers there are 32 768 subsets.
MOST_DRIVERS = 15
# Numbers resampled at a time, 32 MB.
HELD = 2**22


@dataclass(frozen=True)
class Importance:
    """What part of R squared goes with each driver, by several measures; arrays (drivers,).

    Attributes
    ----------
    r2 : float
    lmg, lmg_share : array
        Shapley value of R squared: the gain from adding the driver, averaged over all orders
        (Lindeman, Merenda and Gold 1980; Groemping 2006). They sum to R squared; the shares sum
        to 1, or are NaN where R squared is 0.
    relative_weights : array
        By way of the uncorrelated variables nearest to the drivers (Johnson 2000). They sum to
        R squared.
    first, last : array
        R squared of the driver alone; gain of adding it to all others.
    betasq, pratt : array
        Squared standardised coefficient; standardised coefficient times correlation (Pratt 1987),
        which sums to R squared, and may be negative.
    performance : array
        Means of the drivers in their own units, to set beside the importance.
    n, n_rows : int
        Complete rows, and all of them.
    """

    r2: float
    lmg: Floats
    lmg_share: Floats
    relative_weights: Floats
    first: Floats
    last: Floats
    betasq: Floats
    pratt: Floats
    performance: Floats
    n: int
    n_rows: int


def importance(rows: DriverRows) -> Importance:
    """Importance of the drivers by all measures, with their performance.

    Raises
    ------
    ValueError
        For more than 15 drivers; `relative_weights` takes any number.

    Examples
    --------
    >>> from analysis.drivers import complete_rows
    >>> rows = complete_rows(
    ...     ["speed", "price"],
    ...     np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 4.0], [5.0, 3.0]]),
    ...     np.array([1.0, 2.0, 4.0, 3.0, 5.0]),
    ... )
    >>> found = importance(rows)
    >>> round(found.r2, 4), found.lmg, found.performance
    (0.84, array([0.645, 0.195]), array([3., 3.]))
    """
    subsets = r_squared_of_subsets(rows.correlation)
    k = len(rows.names)
    alone = 1 << np.arange(k)
    everybody = len(subsets) - 1
    with_outcome = rows.correlation[:-1, -1]
    beta = np.linalg.inv(rows.correlation[:-1, :-1]) @ with_outcome
    shares = lmg(rows.correlation)
    r2 = float(subsets[everybody])
    return Importance(
        r2,
        shares,
        shares / r2 if r2 > ALIKE else np.full(k, np.nan),
        relative_weights(rows.correlation),
        first=subsets[alone],
        last=r2 - subsets[everybody - alone],
        betasq=beta**2,
        pratt=beta * with_outcome,
        performance=rows.drivers.mean(axis=0),
        n=rows.n,
        n_rows=rows.n_rows,
    )


def r_squared_of_subsets(correlation: Floats) -> Floats:
    """R squared of the outcome on every subset of the drivers.

    One driver after the other is swept out of the correlations (Beaton 1964), once for all subsets
    of those before it. A driver that follows from a subset adds nothing to it.

    Parameters
    ----------
    correlation : array (..., drivers + 1, drivers + 1)
        The outcome last.

    Returns
    -------
    array (..., 2 ** drivers)
        At the place whose binary digits are 1 for the drivers of the subset: driver j has 2 ** j.

    Examples
    --------
    >>> r_squared_of_subsets(np.array([[1, 0, 0.6], [0, 1, 0.5], [0.6, 0.5, 1]]))
    array([0.  , 0.36, 0.25, 0.61])
    """
    drivers = correlation.shape[-1] - 1
    if drivers > MOST_DRIVERS:
        raise ValueError(
            f"Every subset of {drivers} drivers is too many: leave drivers out until there are "
            f"{MOST_DRIVERS}, or use relative weights."
        )
    left = correlation[..., None, :, :]
    for _ in range(drivers):
        pivot, column = left[..., :1, :1], left[..., 1:, :1]
        others = left[..., 1:, 1:]
        inverse = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > COLLINEAR)
        swept = others - column * np.swapaxes(column, -1, -2) * inverse
        left = np.concatenate([others, swept], axis=-3)
    return 1 - left[..., 0, 0]


def lmg(correlation: Floats) -> Floats:
    """Shares of R squared averaged over all orders of entry (Lindeman, Merenda and Gold 1980).

    The Shapley value: sum over the subsets S without driver j of |S|! (k - |S| - 1)! / k! times
    the gain in R squared from adding j to S.

    Parameters
    ----------
    correlation : array (..., drivers + 1, drivers + 1)
        The outcome last.

    Returns
    -------
    array (..., drivers)

    Examples
    --------
    >>> lmg(np.array([[1, 0.5, 0.6], [0.5, 1, 0.5], [0.6, 0.5, 1]]))
    array([0.261667, 0.151667])
    """
    subsets = r_squared_of_subsets(correlation)
    k = correlation.shape[-1] - 1
    masks = np.arange(2**k)
    shares = []
    for driver in range(k):
        without = masks[masks >> driver & 1 == 0]
        gain = subsets[..., without + (1 << driver)] - subsets[..., without]
        # |S|! (k - |S| - 1)! / k! = 1 / (k (k - 1 over |S|)).
        shares.append(gain @ (1 / (k * comb(k - 1, np.bitwise_count(without)))))
    return np.stack(shares, axis=-1)


def relative_weights(correlation: Floats) -> Floats:
    """Johnson's (2000) relative weights: R squared shared out by way of uncorrelated variables.

    With the drivers' correlations R = V L V', the uncorrelated variables nearest to them have the
    loadings W = V sqrt(L) V' and the coefficients b with W b = r; driver j has sum_i W_ji^2 b_i^2.

    Parameters
    ----------
    correlation : array (..., drivers + 1, drivers + 1)
        The outcome last.

    Returns
    -------
    array (..., drivers)

    Examples
    --------
    >>> relative_weights(np.array([[1, 0.5, 0.6], [0.5, 1, 0.5], [0.6, 0.5, 1]]))
    array([0.261667, 0.151667])
    """
    roots, vectors = np.linalg.eigh(correlation[..., :-1, :-1])
    roots = np.sqrt(np.where(roots > COLLINEAR, roots, 0.0))
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)
    transposed = np.swapaxes(vectors, -1, -2)
    loadings = vectors * roots[..., None, :] @ transposed
    coefficients = vectors * inverse[..., None, :] @ transposed @ correlation[..., :-1, -1:]
    weights: Floats = (loadings**2 @ coefficients**2)[..., 0]
    return weights


def bootstrap_interval(
    rows: DriverRows,
    measure: Callable[[Floats], Floats],
    seed: int,
    resamples: int = 1000,
    method: str = "percentile",
    level: float = CI_LEVEL,
) -> Interval:
    """Bootstrap intervals of the importance, from resampled rows.

    Importance is never negative, and chance alone gives every driver some: a low end above 0 does
    not show that a driver matters (its p in the regression does). A driver that is constant in a
    resample has none there.

    Parameters
    ----------
    rows : DriverRows
    measure : function
        `lmg` or `relative_weights`.
    seed : int
    resamples : int
    method : str
        ``percentile``, or ``BCa`` (Efron 1987), which is NaN where all resamples are on one side
        of the estimate.
    level : float

    Examples
    --------
    >>> from analysis.drivers import complete_rows
    >>> x = np.arange(20.0)
    >>> rows = complete_rows(["speed"], x[:, None], x + 5 * np.cos(x))
    >>> found = bootstrap_interval(rows, lmg, seed=1)
    >>> found.low.round(1), found.high.round(1), found.rule
    (array([0.5]), array([0.9]), 'bootstrap_percentile')
    """
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1, such as 0.95.")
    if resamples < 1:
        raise ValueError("resamples must be 1 or more; 1000 and more give steady intervals.")

    def statistic(*columns: Floats, axis: int) -> Floats:
        measured = measure(correlation_matrix(np.stack(columns, axis=-1)))
        return np.moveaxis(measured, -1, 0)

    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", scipy.stats.DegenerateDataWarning)
        found = scipy.stats.bootstrap(
            rows.standardized.T,
            statistic,
            paired=True,
            vectorized=True,
            n_resamples=resamples,
            batch=max(1, HELD // rows.standardized.size),
            method=method,
            confidence_level=level,
            random_state=np.random.default_rng(seed),
        )
    low, high = found.confidence_interval
    if method == "BCa":
        above = found.bootstrap_distribution >= measure(rows.correlation)[:, None]
        low[above.all(axis=1) | ~above.any(axis=1)] = np.nan
        high[np.isnan(low)] = np.nan
    return Interval(low, high, level, f"bootstrap_{method.lower()}")
