"""Samples of several values at a time: charts of means and ranges, capability of a process."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr

from analysis.control import ControlLimits, limits_around
from analysis.interval import Floats


@dataclass(frozen=True)
class XbarRChart:
    """Limits of the means and of the ranges of samples, and sigma of a single value."""

    means: ControlLimits
    ranges: ControlLimits
    sigma: float


def xbar_r_chart(samples: npt.ArrayLike) -> XbarRChart:
    """Limits of the means of samples from their ranges, and of the ranges themselves.

    sigma = mean range / d2; means: grand mean +- 3 sigma / sqrt(size); ranges: mean range
    +- 3 d3 sigma (Shewhart 1931, Montgomery 2009).

    Parameters
    ----------
    samples : array (samples, size)
        At least one sample of at least two values, without gaps.

    Raises
    ------
    ValueError
        If it is not such a table.

    Examples
    --------
    >>> chart = xbar_r_chart([[5, 6, 7], [6, 6, 8], [4, 6, 5]])
    >>> round(chart.sigma, 4), round(float(chart.means.high), 4), round(float(chart.ranges.high), 4)
    (1.1816, 7.9355, 5.1492)
    """
    values = _samples(samples)
    size = values.shape[1]
    d2, d3 = range_constants(size)
    mean_range = float(np.ptp(values, axis=1).mean())
    sigma = mean_range / d2
    means = limits_around(float(values.mean()), sigma / math.sqrt(size), "range")
    ranges = limits_around(mean_range, sigma * d3, "range", lowest=0.0)
    return XbarRChart(means, ranges, sigma)


def sigma_from_deviations(samples: npt.ArrayLike) -> float:
    """Sigma of a single value from the standard deviations within samples: their mean / c4.

    c4 = sqrt(2 / (size - 1)) gamma(size / 2) / gamma((size - 1) / 2) makes it free of bias.

    Examples
    --------
    >>> round(sigma_from_deviations([[5, 6, 7], [6, 6, 8], [4, 6, 5]]), 4)
    1.1866
    """
    values = _samples(samples)
    size = values.shape[1]
    c4 = math.sqrt(2 / (size - 1)) * math.exp(gammaln(size / 2) - gammaln((size - 1) / 2))
    return float(values.std(axis=1, ddof=1).mean() / c4)


@dataclass(frozen=True)
class Capability:
    """How the distance of the specified limits compares with 6 sigma; NaN where a limit is absent.

    Attributes
    ----------
    cp : float
        (upper - lower) / 6 sigma.
    cp_low, cp_high : float
        (center - lower) / 3 sigma and (upper - center) / 3 sigma.
    cpk : float
        The smaller of these two, or the one that there is.
    cpm : float
        cp / sqrt(1 + ((center - target) / sigma)^2).
    """

    cp: float
    cp_low: float
    cp_high: float
    cpk: float
    cpm: float


def capability(
    center: float,
    sigma: float,
    *,
    lower: float = math.nan,
    upper: float = math.nan,
    target: float = math.nan,
) -> Capability:
    """Capability indices of a process (Kane 1986; cpm by Chan, Cheng and Spiring 1988).

    Parameters
    ----------
    center, sigma : float
        Mean and standard deviation of a single value.
    lower, upper, target : float
        What is specified; NaN where nothing is.

    Returns
    -------
    Capability
        All NaN where sigma is 0 or NaN.

    Raises
    ------
    ValueError
        For a negative sigma, or an upper limit that is not above the lower one.

    Examples
    --------
    >>> found = capability(10.5, 0.5, lower=9, upper=12, target=10)
    >>> found.cp, found.cpk, round(found.cpm, 4)
    (1.0, 1.0, 0.7071)
    """
    if sigma < 0:
        raise ValueError("Sigma is below 0. Give a standard deviation.")
    if upper <= lower:
        raise ValueError("The upper limit is not above the lower one. Check their order.")
    if sigma == 0:
        sigma = math.nan
    low, high = (center - lower) / (3 * sigma), (upper - center) / (3 * sigma)
    cp = (upper - lower) / (6 * sigma)
    off = (center - target) / sigma
    return Capability(cp, low, high, float(np.fmin(low, high)), cp / math.sqrt(1 + off**2))


@cache
def range_constants(size: int) -> tuple[float, float]:
    """Mean (d2) and standard deviation (d3) of the range of normal values with sigma 1.

    By integrating w and w^2 over the density of the range w of a sample,
    n (n - 1) integral of f(x) f(x + w) (F(x + w) - F(x))^(n - 2) dx (Tippett 1925).

    Parameters
    ----------
    size : int
        Values in a sample, at least 2.

    Raises
    ------
    ValueError
        For a smaller size.

    Examples
    --------
    >>> d2, d3 = range_constants(5)
    >>> round(d2, 6), round(d3, 6)
    (2.325929, 0.864082)
    """
    if size < 2:
        raise ValueError(f"A sample of {size} has no range. Give the size of samples of 2 or more.")
    # No range of a sample that fits in memory is above 18, and no value beyond 10.
    nodes, weights = np.polynomial.legendre.leggauss(200)
    width, weights = 9 * (nodes + 1), 9 * weights
    low, step = np.linspace(-20, 10, 1201, retstep=True)
    low = low[:, np.newaxis]
    density = np.exp(-(low**2 + (low + width) ** 2) / 2) / (2 * math.pi)
    inside = ndtr(low + width) - ndtr(low)
    of_range = size * (size - 1) * step * (density * inside ** (size - 2)).sum(axis=0)
    mean, square = (float((width**power * of_range) @ weights) for power in (1, 2))
    return mean, math.sqrt(square - mean**2)


def _samples(samples: npt.ArrayLike) -> Floats:
    values = np.asarray(samples, np.float64)
    if values.ndim != 2 or values.shape[0] < 1 or values.shape[1] < 2:
        raise ValueError(
            "Samples are rows of at least 2 values each. Use xmr_chart for single ones."
        )
    if not np.isfinite(values).all():
        raise ValueError("A sample lacks a value. Leave that sample out.")
    return values
