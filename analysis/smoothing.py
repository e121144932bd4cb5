"""Simple exponential smoothing: the level of a series, which is the forecast of its next value."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.signal import lfilter

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import normal_quantile

# Two parameters and a variance need one value more.
FEWEST = 4
# The best weight is sought between these; at 0 the level never moves.
WEIGHTS = (1e-4, 0.9999)
GRID = 100


@dataclass(frozen=True)
class Smoothing:
    """A series smoothed.

    Attributes
    ----------
    value : float
        The last level: the forecast of the next value, and of every later one.
    n : int
        Values smoothed.
    alpha : float
        Weight of the newest value.
    sse : float
        Sum of squared errors of the forecasts one period ahead, of all values but the first.
    levels : array (n,)
        Level after each value.
    """

    value: float
    n: int
    alpha: float
    sse: float
    levels: Floats = field(repr=False, compare=False)


def smooth(values: npt.ArrayLike, alpha: float) -> Smoothing:
    """Level after level: alpha times the value plus 1 - alpha times the level before (Brown 1959).

    The first value is the first level.

    Parameters
    ----------
    values : array (periods,)
        Without gaps.
    alpha : float
        Between 0, which keeps the first value, and 1, which takes the last one.

    Raises
    ------
    ValueError
        If the values are not one series without gaps, or alpha is outside 0 to 1.

    Examples
    --------
    >>> found = smooth([10, 12, 11], alpha=0.5)
    >>> found.levels, found.sse
    (array([10., 11., 11.]), 4.0)
    """
    series = _without_gaps(values)
    if not 0 <= alpha <= 1:
        raise ValueError(f"The weight {alpha:g} is outside 0 to 1. Give a share.")
    if not len(series):
        return Smoothing(math.nan, 0, alpha, math.nan, series)
    levels = _levels(series[1:], alpha, series[0])
    sse = float(((series[1:] - levels[:-1]) ** 2).sum())
    return Smoothing(float(levels[-1]), len(series), alpha, sse, levels)


def smooth_best(values: npt.ArrayLike) -> Smoothing:
    """Smoothed with the alpha that leaves the smallest sum of squared errors.

    Parameters
    ----------
    values : array (periods,)
        Without gaps; with fewer than 4, value and alpha are NaN.

    Raises
    ------
    ValueError
        If the values are not one series without gaps.

    Examples
    --------
    >>> found = smooth_best([10, 12, 11, 13, 12, 14, 13, 15])
    >>> round(found.alpha, 2), round(found.value, 2)
    (0.65, 14.35)
    """
    series = _without_gaps(values)
    if len(series) < FEWEST:
        return Smoothing(math.nan, len(series), math.nan, math.nan, np.full(len(series), np.nan))
    return smooth(series, _least(lambda alpha: smooth(series, alpha).sse))


@dataclass(frozen=True)
class LevelForecast:
    """A forecast from the level of a series, with additive errors and without trend.

    Attributes
    ----------
    value : float
        NaN with fewer than 4 values.
    n : int
        Values that it rests on.
    std_error : float
        Of a value so far ahead; NaN where the series does not vary.
    alpha, start : float
        Weight of the newest value, and level before the first one.
    """

    value: float
    n: int
    std_error: float
    alpha: float
    start: float

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Normal limits of the value that is forecast."""
        half = normal_quantile(level) * self.std_error
        return Interval(self.value - half, self.value + half, level, "ets_ann")


def forecast_level(values: npt.ArrayLike, *, ahead: int = 1) -> LevelForecast:
    """Forecast by the state space model of simple smoothing, ETS(A,N,N), by maximum likelihood.

    Hyndman and others (2008): alpha and the level before the first value are those with the
    smallest sum of squared errors. Divided by n - 2 it is the variance s^2 of one period, and h
    periods ahead the variance is s^2 (1 + (h - 1) alpha^2).

    Parameters
    ----------
    values : array (periods,)
        Without gaps.
    ahead : int
        How many periods after the last value, at least 1.

    Raises
    ------
    ValueError
        If the values are not one series without gaps, or ``ahead`` is below 1.

    Examples
    --------
    >>> found = forecast_level([10, 12, 11, 13, 12, 14, 13, 15], ahead=3)
    >>> ends = found.interval()
    >>> round(found.value, 2), round(ends.low, 2), round(ends.high, 2)
    (14.23, 10.26, 18.2)
    """
    series, nan = _without_gaps(values), math.nan
    if ahead < 1:
        raise ValueError(f"A forecast {ahead} periods ahead is none. Give 1 or more.")
    n = len(series)
    if n < FEWEST:
        return LevelForecast(nan, n, nan, nan, nan)
    alpha = _least(lambda weight: _from_best_start(series, weight)[1])
    start, sse = _from_best_start(series, alpha)
    value = float(_levels(series, alpha, start)[-1])
    # What rounding leaves of equal values is no error.
    varies = sse > 1e-24 * float(series @ series)
    sigma = math.sqrt(sse / (n - 2)) if varies else nan
    return LevelForecast(value, n, sigma * math.sqrt(1 + (ahead - 1) * alpha**2), alpha, start)


def _from_best_start(series: Floats, alpha: float) -> tuple[float, float]:
    """The level before the first value that leaves least squared errors, and their sum.

    The errors are linear in it: those with the level 0 before, less it times (1 - alpha)^t.
    """
    levels = _levels(series, alpha, 0.0)
    errors, fade = series - levels[:-1], (1 - alpha) ** np.arange(len(series))
    start = float(errors @ fade / (fade @ fade))
    return start, float(((errors - start * fade) ** 2).sum())


def _levels(series: Floats, alpha: float, start: float) -> Floats:
    """The level before all values and after each of them."""
    after, _ = lfilter([alpha], [1, alpha - 1], series, zi=[(1 - alpha) * start])
    return np.concatenate([[start], after])


def _least(of: Callable[[float], float]) -> float:
    """The weight at which something is least; first the best of a grid, as there may be hollows."""
    grid = np.linspace(*WEIGHTS, GRID)
    best = int(np.argmin([of(float(weight)) for weight in grid]))
    around = float(grid[max(0, best - 1)]), float(grid[min(GRID - 1, best + 1)])
    return float(minimize_scalar(of, bounds=around, method="bounded", options={"xatol": 1e-8}).x)


def _without_gaps(values: npt.ArrayLike) -> Floats:
    series = np.asarray(values, np.float64)
    if series.ndim != 1 or not np.isfinite(series).all():
        raise ValueError(
            "Smoothing needs one series without gaps. Give the stretch since the last."
        )
    return series
