"""Krippendorff's alpha: agreement of any number of raters, on any scale, with missing ratings."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import checked_level

Metric: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]
METRICS: tuple[Metric, ...] = ("nominal", "ordinal", "interval", "ratio")

# Alphas closer together than this are the same but for rounding.
ALIKE = 1e-12
# Elements of the largest intermediate array of the bootstrap.
CHUNK = 4_000_000


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha: 1 is full agreement, 0 that of chance.

    Attributes
    ----------
    metric : str
    value, std_error : float
        The standard error is the standard deviation of the bootstrap.
    n : int
        Units with at least two ratings; others tell nothing.
    ratings : int
        Ratings of those units.
    observed, expected : float
        Disagreement within units, and between all ratings.
    draws, seed : int
        Of the bootstrap.
    reason : str
        Why there is no value, or no interval.
    replicates : array, (draws,)
        Alphas of the resampled units, sorted, without those where all ratings were the same.
    """

    metric: Metric
    value: float
    std_error: float
    n: int
    ratings: int
    observed: float
    expected: float
    draws: int
    seed: int
    reason: str = ""
    replicates: Floats = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Percentiles of a bootstrap of whole units.

        The units are the sample, so they are what is drawn anew; ratings of one unit stay together.
        With fewer than some 20 units the interval is too short.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        tail = (1 - checked_level(level)) / 2
        low, high = np.nan, np.nan
        if self.replicates.size:
            low, high = (float(one) for one in np.quantile(self.replicates, [tail, 1 - tail]))
        return Interval(low, high, level, "unit_bootstrap_percentile")


def krippendorffs_alpha(
    ratings: npt.ArrayLike, metric: Metric, *, seed: int, draws: int = 2000
) -> Alpha:
    """Compute Krippendorff's alpha (Krippendorff 2011), with a bootstrap interval.

    alpha = 1 - Do / De. A unit with m ratings counts as m, by the mean difference of its m (m - 1)
    pairs; De is the mean difference of all pairs of ratings. Differences of a and b are, squared:

    - nominal: 1 unless equal;
    - ordinal: (R_a - R_b)^2, R the number of ratings below plus half of those equal;
    - interval: (a - b)^2;
    - ratio: ((a - b) / (a + b))^2.

    Parameters
    ----------
    ratings : array_like, (units, raters)
        NaN is a missing rating.
    metric : {"nominal", "ordinal", "interval", "ratio"}
    seed : int
        Of the bootstrap; the same seed gives the same interval.
    draws : int
        Resamples; 0 for none.

    Returns
    -------
    Alpha

    Raises
    ------
    ValueError
        If there are not two axes, a rating is infinite or, with ``ratio``, negative, the metric is
        another, or ``draws`` is negative.

    Examples
    --------
    >>> ratings = [[1, 1, np.nan], [2, 2, 3], [3, 3, 3], [4, np.nan, 4], [1, np.nan, np.nan]]
    >>> found = krippendorffs_alpha(ratings, "ordinal", seed=1)
    >>> round(found.value, 4), found.n, found.ratings
    (0.8934, 4, 10)
    """
    table = np.asarray(ratings, np.float64)
    if table.ndim != 2:
        raise ValueError(f"ratings has the shape {table.shape}; give a matrix, units by raters.")
    if np.isinf(table).any():
        raise ValueError("ratings holds an infinite number; give NaN for a missing rating.")
    if metric not in METRICS:
        raise ValueError(f"metric is {metric!r}; give one of {', '.join(METRICS)}.")
    if metric == "ratio" and (table < 0).any():
        raise ValueError("ratings holds a negative number, which a ratio scale has not.")
    if draws < 0:
        raise ValueError(f"draws is {draws}; give 0 or more.")
    pairable = table[(~np.isnan(table)).sum(axis=1) > 1]
    values = np.unique(pairable[~np.isnan(pairable)])
    counts = _count(pairable, values)
    n, m = len(counts), int(counts.sum())
    if n == 0 or values.size < 2:
        told = (
            "All ratings are the same; there are no differences to agree on."
            if n
            else "No unit has two ratings."
        )
        return Alpha(metric, np.nan, np.nan, n, m, np.nan, np.nan, draws, seed, told)
    once = _disagreement(counts, values, metric, np.ones((1, n)))
    observed, expected = float(once[0][0]), float(once[1][0])
    replicates = np.sort(_bootstrap(counts, values, metric, seed, draws))
    told = ""
    if draws and (not replicates.size or np.ptp(replicates) <= ALIKE):
        told, replicates = "All units agree alike, so there is no interval.", np.empty(0)
    error = float(replicates.std(ddof=1)) if replicates.size > 1 else np.nan
    value = 1 - observed / expected
    return Alpha(metric, value, error, n, m, observed, expected, draws, seed, told, replicates)


def _count(table: Floats, values: Floats) -> Floats:
    """How often each unit has each value, (units, values)."""
    unit, _ = given = np.nonzero(~np.isnan(table))
    codes = np.searchsorted(values, table[given])
    flat = np.bincount(unit * values.size + codes, minlength=len(table) * values.size)
    return flat.reshape(len(table), values.size).astype(np.float64)


def _bootstrap(counts: Floats, values: Floats, metric: Metric, seed: int, draws: int) -> Floats:
    """Alphas of resampled units, those aside where every rating is the same."""
    generator, n = np.random.default_rng(seed), len(counts)
    step = max(1, CHUNK // n)
    parts = [np.empty(0)]
    for start in range(0, draws, step):
        size = min(step, draws - start)
        times = generator.multinomial(n, np.full(n, 1 / n), size=size).astype(np.float64)
        observed, expected = _disagreement(counts, values, metric, times)
        vary = (times @ counts > 0).sum(axis=1) > 1
        parts.append(1 - observed[vary] / expected[vary])
    return np.concatenate(parts)


def _disagreement(
    counts: Floats, values: Floats, metric: Metric, times: Floats
) -> tuple[Floats, Floats]:
    """Do and De when unit u counts ``times[:, u]`` times, one entry a row of ``times``."""
    size = counts.sum(axis=1)
    totals = times @ counts
    n = totals.sum(axis=1)
    if metric == "nominal":
        within = times @ ((size**2 - (counts**2).sum(axis=1)) / (size - 1))
        between = n**2 - (totals**2).sum(axis=1)
    elif metric == "ratio":
        apart, together = np.subtract.outer(values, values), np.add.outer(values, values)
        ratio = np.divide(apart, together, out=np.zeros_like(apart), where=together > 0)
        within = times @ (((counts @ ratio**2) * counts).sum(axis=1) / (size - 1))
        between = ((totals @ ratio**2) * totals).sum(axis=1)
    else:
        # Squared differences of scores follow from the sums of scores and of their squares. With
        # an ordinal scale the scores depend on how often each value occurs in the row.
        score = (values - values.mean())[None, :]
        if metric == "ordinal":
            score = np.cumsum(totals, axis=1) - totals / 2 - n[:, None] / 2
        squares, sums = score**2 @ counts.T, score @ counts.T
        within = 2 * (times * (size * squares - sums**2) / (size - 1)).sum(axis=1)
        between = n * (totals * score**2).sum(axis=1) - (totals * score).sum(axis=1) ** 2
        between *= 2
    return within / n, between / (n * (n - 1))
