"""One series looked at closely: where its level changed, its straight line, its memory."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr
from scipy.stats import rankdata

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import two_sided_t


@dataclass(frozen=True)
class ChangePoint:
    """Pettitt's test.

    Attributes
    ----------
    index : int or None
        Index of the first value after the change; None where nothing points to one.
    statistic : float
        K, the largest |U| over all ways to cut the series in two.
    p : float
        Approximate, two-sided; NaN with fewer than 3 values.
    n : int
        Values present.
    """

    index: int | None
    statistic: float
    p: float
    n: int


def pettitt(values: npt.ArrayLike) -> ChangePoint:
    """Where the level of a series most likely changed once, and whether it did (Pettitt 1979).

    U(t) = 2 sum of the first t ranks - t (n + 1), and p = 2 exp(-6 K^2 / (n^3 + n^2)), 1 at most.

    Parameters
    ----------
    values : array (periods,)
        NaN where a period has no value.

    Raises
    ------
    ValueError
        If it is not one series of finite values.

    Examples
    --------
    >>> found = pettitt([3, 4, 3, 4, 3, 9, 8, 9, 8, 9])
    >>> found.index, found.statistic, round(found.p, 4)
    (5, 25.0, 0.0661)
    """
    series = _one_series(values)
    places = np.flatnonzero(~np.isnan(series))
    n = len(places)
    if n < 3:
        return ChangePoint(None, math.nan, math.nan, n)
    first = np.arange(1, n)
    statistic = np.abs(2 * np.cumsum(rankdata(series[places]))[:-1] - first * (n + 1))
    largest = float(statistic.max())
    p = min(1.0, 2 * math.exp(-6 * largest**2 / (n**3 + n**2)))
    index = int(places[int(statistic.argmax()) + 1]) if largest else None
    return ChangePoint(index, largest, p, n)


@dataclass(frozen=True)
class StraightLine:
    """A least-squares line over equally spaced periods.

    Attributes
    ----------
    value : float
        Slope: change per period.
    start : float
        Height of the line at the first period, with or without a value.
    n : int
        Values present.
    std_error, statistic, p : float
        Of the slope, with Student's t; NaN with fewer than 3 values or without any scatter.
    df : int
        n - 2, or 0.
    r_squared : float
        Share of the variance that the line takes up; NaN where all values are equal.
    """

    value: float
    start: float
    n: int
    std_error: float
    statistic: float
    df: int
    p: float
    r_squared: float

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Student's t limits of the slope."""
        half = float(two_sided_t(level, float(self.df))) * self.std_error
        return Interval(self.value - half, self.value + half, level, "student_t")


def least_squares(values: npt.ArrayLike) -> StraightLine:
    """Straight line through one series, values against the number of their period.

    Its standard error takes the periods' errors for independent and alike; where they are not, the
    Theil-Sen slope is the safer one.

    Parameters
    ----------
    values : array (periods,)
        NaN where a period has no value.

    Raises
    ------
    ValueError
        If it is not one series of finite values.

    Examples
    --------
    >>> line = least_squares([3, 4, 4, 6, 7])
    >>> line.value, round(line.std_error, 4), round(line.p, 4)
    (1.0, 0.1633, 0.0088)
    """
    series = _one_series(values)
    time = np.flatnonzero(~np.isnan(series))
    n, nan = len(time), math.nan
    if n < 2:
        return StraightLine(nan, nan, n, nan, nan, 0, nan, nan)
    late, high = time - time.mean(), series[time] - series[time].mean()
    slope = float(late @ high / (late @ late))
    start = float(series[time].mean() - slope * time.mean())
    left, total = float(((high - slope * late) ** 2).sum()), float(high @ high)
    # What rounding leaves of a perfect line is no scatter.
    if n < 3 or left <= 1e-24 * float(series[time] @ series[time]):
        r_squared = 1.0 if total and n > 2 else nan
        return StraightLine(slope, start, n, nan, nan, max(0, n - 2), nan, r_squared)
    std_error = math.sqrt(left / (n - 2) / float(late @ late))
    t = slope / std_error
    p = 2 * float(stdtr(n - 2, -abs(t)))
    return StraightLine(slope, start, n, std_error, t, n - 2, p, 1 - left / total)


def autocorrelation(values: npt.ArrayLike, lags: int) -> Floats:
    """Correlation of a series with itself 1, 2 ... periods before, by the divisor n.

    The sum of (x(t) - mean) (x(t - lag) - mean) over that of (x(t) - mean)^2.

    Parameters
    ----------
    values : array (periods,)
        Without gaps.
    lags : int
        How many lags, fewer than there are periods.

    Returns
    -------
    array (lags,)
        NaN where all values are equal.

    Raises
    ------
    ValueError
        If it is not one series of finite values, if a value is missing, or for too many lags.

    Examples
    --------
    >>> autocorrelation([1, 2, 3, 4, 5], lags=2)
    array([ 0.4, -0.1])
    """
    series = _one_series(values)
    if np.isnan(series).any():
        raise ValueError("A period has no value. Give a stretch of the series without gaps.")
    if not 0 <= lags < max(1, len(series)):
        raise ValueError(f"{len(series)} periods do not have {lags} lags. Ask for fewer.")
    off = series - series.mean() if len(series) else series
    products = np.array([off[lag:] @ off[: len(off) - lag] for lag in range(1, lags + 1)])
    with np.errstate(invalid="ignore"):
        found: Floats = products / (off @ off)
    return found


def _one_series(values: npt.ArrayLike) -> Floats:
    series = np.asarray(values, np.float64)
    if series.ndim != 1 or np.isinf(series).any():
        raise ValueError("One series of finite values is needed. Leave NaN where there is none.")
    return series
