"""Control charts: limits of what a process does by itself, and signals that it has changed.

All limits are 3 standard deviations from the centre. Limits found from one stretch are kept and
hold for what comes after: ``beyond_limits`` and ``runs_on_one_side`` take any values against them.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.change import as_cells, refuse
from analysis.interval import Floats, Numbers

WIDTH = 3
# Eight given points are all on one side of the centre by chance once in 128 times.
RUN = 8
# Mean and standard deviation of the distance of two values, in standard deviations of one.
D2 = 2 / math.sqrt(math.pi)
D3 = math.sqrt(2 - 4 / math.pi)
# Values closer than this share of them are the same but for rounding.
ALIKE = 1e-12


@dataclass(frozen=True)
class ControlLimits:
    """Centre and limits of a chart; numbers for one series, arrays for many.

    Attributes
    ----------
    center, low, high : float or array
        In the unit of what is charted; NaN where nothing varies, so that nothing can be told.
    sigma : float or array
        Standard deviation of one charted point.
    rule : str
        How sigma was found.
    """

    center: Numbers
    low: Numbers
    high: Numbers
    sigma: Numbers
    rule: str


@dataclass(frozen=True)
class XmrChart:
    """Limits of single values and of their moving ranges, and how many values there are."""

    values: ControlLimits
    ranges: ControlLimits
    n: npt.NDArray[np.int64] | np.int64


def xmr_chart(values: npt.ArrayLike) -> XmrChart:
    """Limits of single values from their moving ranges, for many series at once.

    mean +- 3/d2 mean moving range, with 3/d2 = 3 sqrt(pi)/2 = 2.6587 (Shewhart 1931, Wheeler 1993).
    A moving range is the distance between two neighbouring periods; over a gap there is none.

    Parameters
    ----------
    values : array (..., periods)
        NaN where a period has no value. See ``analysis.trend.since_break`` for a changed series.

    Returns
    -------
    XmrChart
        Limits (...), NaN without two neighbouring values or where all of them are equal.

    Raises
    ------
    ValueError
        For a single number, or an infinite value.

    Examples
    --------
    >>> limits = xmr_chart([10, 12, 11, 13, 10]).values
    >>> [round(float(one), 2) for one in (limits.low, limits.center, limits.high)]
    [5.88, 11.2, 16.52]
    """
    series = np.asarray(values, np.float64)
    if series.ndim == 0:
        raise ValueError("A single number has no moving range. Give the values of a series.")
    refuse(np.isinf(series), because="A value is infinite. Leave NaN where there is none.")
    n, center = _count_and_mean(series)
    _, moving = _count_and_mean(np.abs(np.diff(series)))
    # What rounding leaves of equal values does not vary.
    moving = np.where(moving > ALIKE * np.abs(center), moving, np.nan)
    return XmrChart(
        values=limits_around(center, moving / D2, "moving_range"),
        ranges=limits_around(moving, moving / D2 * D3, "moving_range", lowest=0.0),
        n=n,
    )


def p_chart(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> ControlLimits:
    """Limits of the share in each sample, the centre being the share in all of them together.

    Parameters
    ----------
    counts, sizes : array (..., samples)
        How many of how many.

    Returns
    -------
    ControlLimits
        Of each sample, as in ``p_limits``.

    Raises
    ------
    ValueError
        For a count below 0 or above its size, or shapes that do not fit together.

    Examples
    --------
    >>> limits = p_chart([12, 15, 8, 10], [50, 50, 50, 25])
    >>> limits.center.round(4), limits.high.round(4)
    (array([0.2571, 0.2571, 0.2571, 0.2571]), array([0.4426, 0.4426, 0.4426, 0.5194]))
    """
    count, size = as_cells(np.asarray(counts, np.float64), np.asarray(sizes, np.float64))
    refuse(count < 0, count > size, because="A count is below 0 or above its size. Check both.")
    with np.errstate(invalid="ignore", divide="ignore"):
        center = np.nansum(count, axis=-1) / np.nansum(np.where(np.isnan(count), 0, size), axis=-1)
    return p_limits(center[..., np.newaxis], size)


def p_limits(center: Numbers, sizes: Numbers) -> ControlLimits:
    """Limits of shares in samples around a share that is given: center +- 3 sqrt(c (1 - c) / size).

    Parameters
    ----------
    center : float or array
        Share that the process has, such as the centre of a chart of earlier samples.
    sizes : float or array
        Sizes of the samples.

    Returns
    -------
    ControlLimits
        Cut at 0 and 1; NaN for a sample of none and around a centre of 0 or 1.

    Raises
    ------
    ValueError
        For a centre outside 0 to 1, a size below 0, or shapes that do not fit together.

    Examples
    --------
    >>> limits = p_limits(0.2, 100)
    >>> round(float(limits.low), 4), round(float(limits.high), 4)
    (0.08, 0.32)
    """
    center, size = as_cells(center, sizes)
    refuse(center < 0, center > 1, because="A centre is outside 0 to 1. Divide per cent by 100.")
    refuse(size < 0, because="A size is below 0. Give 0 for a sample of none.")
    with np.errstate(invalid="ignore", divide="ignore"):
        sigma = np.sqrt(center * (1 - center) / np.where(size > 0, size, np.nan))
    sigma = np.where(sigma > 0, sigma, np.nan)
    return limits_around(center, sigma, "binomial", lowest=0.0, highest=1.0)


def limits_around(
    center: Numbers,
    sigma: Numbers,
    rule: str,
    *,
    lowest: float = -math.inf,
    highest: float = math.inf,
) -> ControlLimits:
    """Limits 3 sigma from the centre, cut where no value can be.

    Examples
    --------
    >>> limits = limits_around(5.0, 2.0, "given", lowest=0.0)
    >>> float(limits.low), float(limits.high)
    (0.0, 11.0)
    """
    low, high = center - WIDTH * sigma, center + WIDTH * sigma
    return ControlLimits(center, np.maximum(low, lowest), np.minimum(high, highest), sigma, rule)


def beyond_limits(values: npt.ArrayLike, limits: ControlLimits) -> npt.NDArray[np.bool_]:
    """Which values are beyond the limits (rule 1 of Western Electric 1956 and of Nelson 1984).

    Parameters
    ----------
    values : array (..., periods)
        New ones or those that the limits were found from; NaN is not beyond anything.
    limits : ControlLimits
        Of each series (...), or of each value (..., periods).

    Raises
    ------
    ValueError
        If limits and values do not fit together.

    Examples
    --------
    >>> beyond_limits([6, 12, 17], xmr_chart([10, 12, 11, 13, 10]).values)
    array([False, False,  True])
    """
    series = np.asarray(values, np.float64)
    low, high = (_over_time(end, series) for end in (limits.low, limits.high))
    return (_side(series, low) < 0) | (_side(series, high) > 0)


def runs_on_one_side(values: npt.ArrayLike, center: Numbers) -> npt.NDArray[np.bool_]:
    """Which values are at least the eighth in a row on one side of the centre.

    Rule 4 of Western Electric (1956); Nelson's (1984) rule 2 asks for nine. A value on the centre
    and a period without a value end a row.

    Parameters
    ----------
    values : array (..., periods)
    center : float or array
        Of each series (...), or of each value (..., periods).

    Raises
    ------
    ValueError
        If centre and values do not fit together.

    Examples
    --------
    >>> runs_on_one_side([4, 6, 6, 7, 6, 6, 8, 7, 6, 4], 5.0).nonzero()[0]
    array([8])
    """
    series = np.asarray(values, np.float64)
    side = _side(series, _over_time(center, series))
    length, last = np.zeros(series.shape[:-1]), np.zeros(series.shape[:-1])
    found = np.zeros(series.shape, np.bool_)
    for period in range(series.shape[-1]):
        now = side[..., period]
        length = np.where(now == 0, 0, np.where(now == last, length + 1, 1))
        last = now
        found[..., period] = length >= RUN
    return found


def _over_time(limit: Numbers, series: Floats) -> Floats:
    """A limit of each series or of each value, spread over all values."""
    if series.ndim == 0:
        raise ValueError("A single number has no periods. Give the values of a series in a row.")
    given = np.asarray(limit, np.float64)
    spread = given[..., np.newaxis] if given.ndim < series.ndim else given
    try:
        return np.broadcast_to(spread, series.shape)
    except ValueError:
        raise ValueError(
            f"Lines of shape {given.shape} do not fit values of shape {series.shape}. "
            "Give one for each series, or one for each value."
        ) from None


def _side(values: Floats, line: Floats) -> Floats:
    """1 above the line, -1 below it, 0 on it but for rounding or where either is NaN."""
    off = values - line
    apart = np.abs(off) > ALIKE * np.maximum(np.abs(values), np.abs(line))
    return np.where(apart, np.sign(off), 0.0)


def _count_and_mean(series: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """How many values each series has, and their mean, NaN of none."""
    present = ~np.isnan(series)
    count = present.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        return count, np.where(present, series, 0.0).sum(axis=-1) / count
