"""Trend over equally spaced periods: Theil-Sen slope and Mann-Kendall test, for many series.

Series are rows: the last axis is time, the others are cells. A period without a value is NaN; it is
left out, and the distance in time over it stays. Where a question or a measure has changed, a new
series starts: ``breaks`` is the index of its first period, and what is before it is left out too.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from analysis.change import refuse
from analysis.interval import CI_LEVEL, Floats, Interval, Numbers
from analysis.quantiles import normal_quantile

# Fewer values than this have no trend to speak of.
FEWEST = 3
# So many pairs of periods are in memory at a time.
PAIRS_AT_ONCE = 1_000_000


def since_break(values: npt.ArrayLike, breaks: npt.ArrayLike = 0) -> Floats:
    """The values with NaN before the period that the current series starts with.

    Parameters
    ----------
    values : array (..., periods)
    breaks : int or array (...)
        Index of the first period that counts, 0 to the number of periods.

    Raises
    ------
    ValueError
        For values without a time axis or infinite ones, or a break outside the periods.

    Examples
    --------
    >>> since_break([5.0, 6.0, 1.0, 2.0], breaks=2)
    array([nan, nan,  1.,  2.])
    """
    series, first = np.asarray(values, np.float64), np.asarray(breaks)
    if series.ndim == 0:
        raise ValueError("A single number has no periods. Give the values of a series in a row.")
    periods = series.shape[-1]
    refuse(np.isinf(series), because="A value is infinite. Leave NaN where there is none.")
    refuse(
        first < 0,
        first > periods,
        because=f"A break is outside the {periods} periods. Give the index of its first period.",
    )
    return np.where(np.arange(periods) >= first[..., np.newaxis], series, np.nan)


def theil_sen_slopes(values: npt.ArrayLike, breaks: npt.ArrayLike = 0) -> Numbers:
    """Median of the slopes between all pairs of periods (Theil 1950, Sen 1968), for each series.

    Up to 29 % of wild values do not move it far.

    Parameters
    ----------
    values : array (..., periods)
    breaks : int or array (...)
        Index of the period with which the current series starts.

    Returns
    -------
    array (...)
        Change per period, in the values' unit; NaN with fewer than 3 values.

    Raises
    ------
    ValueError
        As in ``since_break``.

    Examples
    --------
    >>> theil_sen_slopes([[1, 2, 3, 40], [5, np.nan, 3, 2], [5, np.nan, np.nan, 2]])
    array([ 7., -1., nan])
    """
    series = since_break(values, breaks)
    slopes = np.full(series.shape[:-1], np.nan)
    rows, found = _rows(series), slopes.reshape(-1)
    for part in _parts(rows):
        found[part] = _medians(_pairwise_slopes(rows[part]))
    found[np.isfinite(rows).sum(axis=1) < FEWEST] = np.nan
    return slopes[()]


@dataclass(frozen=True)
class MannKendall:
    """Mann and Kendall's test of each series.

    Attributes
    ----------
    n : int or array
        Values present.
    s : float or array
        Pairs that rise minus pairs that fall.
    variance : float or array
        Of s without trend, with the correction for ties.
    tau_b : float or array
        Kendall's correlation with time; NaN where all values are equal.
    z : float or array
        s, moved by 1 towards 0, in standard deviations.
    p : float or array
        Two-sided.
    """

    n: npt.NDArray[np.int64] | np.int64
    s: Numbers
    variance: Numbers
    tau_b: Numbers
    z: Numbers
    p: Numbers


def mann_kendall(values: npt.ArrayLike, breaks: npt.ArrayLike = 0) -> MannKendall:
    """Whether each series tends to rise or to fall (Mann 1945, Kendall 1975).

    The variance of s is (n (n - 1) (2n + 5) - sum of t (t - 1) (2t + 5)) / 18 with t the number of
    values in each tie. Taking s for normal is good enough from about 8 values.

    Parameters
    ----------
    values : array (..., periods)
    breaks : int or array (...)
        Index of the period with which the current series starts.

    Returns
    -------
    MannKendall
        Arrays (...). All but n are NaN with fewer than 3 values; where s is 0, p is 1.

    Raises
    ------
    ValueError
        As in ``since_break``.

    Examples
    --------
    >>> test = mann_kendall([3, 4, 4, 6, 7, 9, 8, 10])
    >>> float(test.s), round(float(test.tau_b), 4), round(float(test.p), 4)
    (25.0, 0.9092, 0.0028)
    """
    series = since_break(values, breaks)
    rows = _rows(series)
    present = np.isfinite(rows)
    n = present.sum(axis=1)
    s, tied = np.zeros(len(rows)), np.zeros(rows.shape)
    for lag in range(1, rows.shape[-1]):
        later, earlier = rows[:, lag:], rows[:, :-lag]
        s += (later > earlier).sum(axis=1) - (later < earlier).sum(axis=1)
        equal = later == earlier
        tied[:, lag:] += equal
        tied[:, :-lag] += equal
    # Summed over the values of a tie, its t - 1 fellows make t (t - 1).
    variance = (n * (n - 1) * (2 * n + 5) - (tied * (2 * tied + 7)).sum(axis=1)) / 18
    pairs = n * (n - 1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        tau_b = s / np.sqrt(pairs * (pairs - tied.sum(axis=1) / 2))
        z = np.where(s == 0, 0.0, (s - np.sign(s)) / np.sqrt(variance))
    found = np.stack([s, variance, tau_b, z, 2 * ndtr(-np.abs(z))])
    found[:, n < FEWEST] = np.nan
    shape = series.shape[:-1]
    return MannKendall(n.reshape(shape)[()], *(one.reshape(shape)[()] for one in found))


@dataclass(frozen=True)
class TheilSen:
    """Theil-Sen slope of one series.

    Attributes
    ----------
    value : float
        Change per period; NaN with fewer than 3 values.
    n : int
        Values present.
    """

    value: float
    n: int
    slopes: Floats = field(repr=False, compare=False)
    variance: float = field(repr=False, compare=False)

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Sen's (1968) limits: the slopes at ranks (pairs -+ z sqrt(variance of s)) / 2.

        Rounded, the upper one plus 1. An end whose rank is beyond the slopes is open (NaN).
        """
        width, pairs = normal_quantile(level) * math.sqrt(self.variance), len(self.slopes)
        ranks = (-1, -1)
        if not math.isnan(width):
            ranks = round((pairs - width) / 2), round((pairs + width) / 2 + 1)
        low, high = (
            float(self.slopes[rank - 1]) if 1 <= rank <= pairs else math.nan for rank in ranks
        )
        return Interval(low, high, level, "sen")


def theil_sen(values: npt.ArrayLike, breaks: int = 0) -> TheilSen:
    """Theil-Sen slope of one series, with limits.

    Parameters
    ----------
    values : array (periods,)
    breaks : int
        Index of the period with which the current series starts.

    Raises
    ------
    ValueError
        If there is more than one series, or as in ``since_break``.

    Examples
    --------
    >>> trend = theil_sen([3, 4, 4, 6, 7, 9, 8, 10])
    >>> ends = trend.interval()
    >>> trend.value, round(ends.low, 4), round(ends.high, 4)
    (1.0, 0.6667, 1.5)
    """
    series = since_break(values, breaks)
    if series.ndim != 1:
        raise ValueError("More than one series was given. Use theil_sen_slopes for many.")
    test, slopes = mann_kendall(series), np.sort(_pairwise_slopes(series[np.newaxis])[0])
    return TheilSen(
        value=float(theil_sen_slopes(series)),
        n=int(test.n),
        slopes=slopes[~np.isnan(slopes)],
        variance=float(test.variance),
    )


def _rows(series: Floats) -> Floats:
    """One row a series."""
    return series.reshape(math.prod(series.shape[:-1]), series.shape[-1])


def _parts(rows: Floats) -> Iterator[slice]:
    """Slices of the rows with few enough pairs of periods each."""
    size = max(1, PAIRS_AT_ONCE // max(1, rows.shape[-1] ** 2 // 2))
    return (slice(start, start + size) for start in range(0, len(rows), size))


def _pairwise_slopes(rows: Floats) -> Floats:
    """Slopes between all pairs of periods, NaN where one has no value."""
    periods = rows.shape[-1]
    slopes = [(rows[:, lag:] - rows[:, :-lag]) / lag for lag in range(1, periods)]
    return np.concatenate([rows[:, :0], *slopes], axis=1)


def _medians(rows: Floats) -> Floats:
    """Median of what is present in each row, NaN where nothing is."""
    # NaN come last in order.
    ordered, count = np.sort(rows, axis=1), (~np.isnan(rows)).sum(axis=1)
    if rows.shape[1] == 0:
        return np.full(len(rows), np.nan)
    middle = [np.maximum(0, count - 1) // 2, np.minimum(count // 2, rows.shape[1] - 1)]
    two = np.take_along_axis(ordered, np.stack(middle, axis=1), axis=1)
    median: Floats = two.mean(axis=1)
    return median
