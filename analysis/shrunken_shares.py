"""Empirical-Bayes shrinkage of shares, by a beta-binomial model.

The model is that of :mod:`analysis.shrinkage` for counts. It holds for any small count, where means
on the scale of arcsines or logits, with their normal approximations, do not: with 50 groups and
shares about 5 % of some 20 answers, intervals of 95 % made from arcsines hold the truth in 78 %.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import expit, gammaln, logit

from analysis.between_variance import one_shape, paule_mandel, points
from analysis.interval import Floats
from analysis.shrinkage import FEWEST, Shrunken, reliability_of, weights_of

# Points of the averages over 1 / M and over m.
POINTS, OF_THE_MEAN = 24, 7


def shrink_shares(count: npt.ArrayLike, n: npt.ArrayLike) -> Shrunken:
    """Shrink shares, by a beta-binomial model.

    Given the common share m and the size M, a true share has the beta distribution
    (m M, (1 - m) M), and given the counts (count + m M, n - count + (1 - m) M). Both are averaged
    over m and M, weighed by the likelihood, a flat prior of 1 / (1 + M), the correlation of two
    answers in one group, and Jeffreys' prior of m.

    Parameters
    ----------
    count, n : array_like, (..., groups)
        How many of how many; an effective n need not be whole.

    Returns
    -------
    Shrunken
        With fewer than 4 groups each by itself: Jeffreys' distribution (count + 1/2,
        n - count + 1/2), whose standard deviation is also the raw standard error.
        ``between_variance`` and ``reliability`` rest on V = m (1 - m) / n with the overall share m.
        Groups with n = 0 are NaN.

    Raises
    ------
    ValueError
        If shapes differ, a count is negative or above n.

    Examples
    --------
    >>> found = shrink_shares([3, 12, 8, 0, 20], [10, 15, 20, 4, 25])
    >>> found.raw.round(2), found.value.round(2)
    (array([0.3, 0.8, 0.4, 0. , 0.8]), array([0.34, 0.75, 0.41, 0.19, 0.77]))
    """
    counts, sizes = one_shape(count=count, n=n)
    if (counts < 0).any() or (counts > sizes).any():
        raise ValueError("count holds a number below 0 or above n; give how many of the n.")
    present = (sizes > 0) & ~np.isnan(counts)
    of = np.where(present, sizes, np.nan)
    k = np.asarray(present.sum(axis=-1), np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = counts / of
        overall = np.asarray(np.nansum(counts * present, axis=-1) / np.nansum(of, axis=-1))
        v = (overall * (1 - overall))[..., None] / of
        between = paule_mandel(raw, v)
        apart = np.nan_to_num(between / (overall * (1 - overall)))
    above, below = counts + 0.5, of - counts + 0.5
    error = np.sqrt(above * below / (of + 1) ** 2 / (of + 2))
    value, deviation, toward = _average_beta(np.where(present, counts, np.nan), of, apart)
    few = (k < FEWEST)[..., None]
    nowhere = np.where(present, 0.0, np.nan)
    return Shrunken(
        "shares",
        sizes,
        raw,
        error,
        np.where(few, above / (of + 1), value),
        np.where(few, error, deviation),
        np.where(few, nowhere, toward),
        k,
        overall,
        between,
        reliability_of(between, v),
        np.full(k.shape, np.inf),
    )


def _average_beta(x: Floats, n: Floats, apart: Floats) -> tuple[Floats, Floats, Floats]:
    """Means and standard deviations of the true shares, and the shrinkage, over m and M.

    The points of 1 / M lie about ``apart``; for each, those of logit m are Gauss and Hermite's
    about the weighted mean.
    """
    present = ~np.isnan(n)
    inverse = np.where(present, 1 / n, 0.0).sum(axis=-1)
    typical = np.where(inverse > 0, inverse / np.maximum(present.sum(axis=-1), 1), 1.0)
    ratio, measure = points(apart + typical, POINTS)
    # From here: (..., groups, points of 1 / M), then one more axis for those of m.
    size = 1 / ratio[..., None, :]
    weight = n[..., None] * (size + 1) / (n[..., None] + size)
    whole = np.nansum(weight, axis=-2)
    centre = (np.nansum(weight * (x / n)[..., None], axis=-2) + 0.5) / (whole + 1)
    width = 1 / np.sqrt((whole + 1) * centre * (1 - centre))
    nodes, weights = np.polynomial.hermite.hermgauss(OF_THE_MEAN)
    mean = expit(logit(centre)[..., None] + np.sqrt(2) * width[..., None] * nodes)
    jeffreys = np.log(mean * (1 - mean)) / 2
    outer = np.log(measure * width / (1 + ratio) ** 2)[..., None] + np.log(weights) + nodes**2
    m, big = mean[..., None, :, :], size[..., None]
    count, of = x[..., None, None], n[..., None, None]
    height = np.nansum(
        gammaln(count + m * big)
        - gammaln(m * big)
        + gammaln(of - count + (1 - m) * big)
        - gammaln((1 - m) * big)
        - gammaln(of + big)
        + gammaln(big),
        axis=-3,
    )
    flat = (height + jeffreys + outer).reshape(*height.shape[:-2], -1)
    share = weights_of(flat).reshape(height.shape)[..., None, :, :]
    true = (count + m * big) / (of + big)
    value = (share * true).sum(axis=(-2, -1))
    variance = true * (1 - true) / (of + big + 1) + (true - value[..., None, None]) ** 2
    toward = (share * big / (of + big)).sum(axis=(-2, -1))
    return value, np.sqrt((share * variance).sum(axis=(-2, -1))), toward
