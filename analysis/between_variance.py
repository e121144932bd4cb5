"""The variance between groups of known variances: one estimate, and points to average over.

The estimate is Paule and Mandel's (1982): the variance A at which the weighted squares about the
weighted mean equal their expectation, k - 1. It needs no normal distribution, is as good as REML
(Veroniki et al. 2016), equals it where all groups are alike, and being the one root of a falling
curve it is found for any number of cells at once.
"""

import numpy as np
import numpy.typing as npt

from analysis.interval import Floats

# Halvings of the bracket of A; the last is far below rounding.
HALVINGS = 80


def paule_mandel(value: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """Variance between groups, A, at which sum W (y - mu)^2 = k - 1, with W = 1 / (A + V).

    Parameters
    ----------
    value, variance : array_like, (..., groups)
        Observed values y and their variances V; groups with a NaN or without a positive variance
        are left out.

    Returns
    -------
    array, (...)
        0 where even A = 0 leaves less than k - 1; NaN with fewer than two groups.

    Raises
    ------
    ValueError
        If shapes differ, or a variance is negative.

    Examples
    --------
    Equal variances: the variance of the values less the variance of each.

    >>> float(paule_mandel([1.0, 2, 3, 4, 5], [0.5] * 5).round(6))
    2.0
    """
    y, v = one_shape(value=value, variance=variance)
    if (v < 0).any():
        raise ValueError("variance holds a negative number; variances are 0 or more.")
    present = ~np.isnan(y) & (v > 0)
    y, v = np.where(present, y, 0.0), np.where(present, v, 1.0)
    k = present.sum(axis=-1)

    def excess(between: Floats) -> Floats:
        weight = np.where(present, 1 / (between[..., None] + v), 0.0)
        whole = np.maximum(weight.sum(axis=-1, keepdims=True), np.finfo(np.float64).tiny)
        mean = (weight / whole * y).sum(axis=-1, keepdims=True)
        return np.asarray((weight * (y - mean) ** 2).sum(axis=-1) - (k - 1))

    low = np.zeros(k.shape)
    # At the variance about the plain mean the squares fall short already.
    centre = y.sum(axis=-1, keepdims=True) / np.maximum(k, 1)[..., None]
    high = (present * (y - centre) ** 2).sum(axis=-1) / np.maximum(k - 1, 1)
    nothing = excess(low) <= 0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = excess(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(k > 1, np.where(nothing, 0.0, high), np.nan)


def points(scale: Floats, number: int) -> tuple[Floats, Floats]:
    """Points and weights that integrate over 0 to infinity: scale tan(a)^2, a from 0 to pi / 2.

    Parameters
    ----------
    scale : array, (...)
        Where the bulk of the integral may lie, as to size.
    number : int
        Gauss and Legendre's points of the angle a.

    Returns
    -------
    (array, array), (..., number)

    Examples
    --------
    >>> at, weight = points(np.array(3.0), 20)
    >>> float((np.exp(-at) * weight).sum().round(4))
    1.0
    """
    nodes, weights = np.polynomial.legendre.leggauss(number)
    angle = np.pi / 4 * (1 + nodes)
    slope = 2 * np.tan(angle) / np.cos(angle) ** 2
    stretch = np.asarray(scale)[..., None]
    return stretch * np.tan(angle) ** 2, stretch * slope * weights * np.pi / 4


def one_shape(**arrays: npt.ArrayLike) -> list[Floats]:
    """The arrays as numbers, if they have one shape.

    Parameters
    ----------
    **arrays : array_like, (..., groups)

    Returns
    -------
    list of array

    Raises
    ------
    ValueError
        If shapes differ, or there is no axis of groups.

    Examples
    --------
    >>> one_shape(value=[1, 2], n=[3, 4])
    [array([1., 2.]), array([3., 4.])]
    """
    given = [np.asarray(array, np.float64) for array in arrays.values()]
    if any(one.shape != given[0].shape or one.ndim == 0 for one in given):
        shapes = " and ".join(str(one.shape) for one in given)
        names = " and ".join(arrays)
        raise ValueError(
            f"{names} have the shapes {shapes}; give arrays of one shape, groups on the last axis."
        )
    return given
