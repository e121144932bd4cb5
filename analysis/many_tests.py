"""p values of many tests, adjusted so that chance findings stay rare among all of them."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.stats import false_discovery_control

from analysis.interval import Floats

Method = Literal[
    "benjamini_hochberg", "benjamini_yekutieli", "holm", "hochberg", "hommel", "bonferroni"
]
METHODS: tuple[str, ...] = get_args(Method)


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """p values adjusted so that the expected share of chance among the findings is held.

    Benjamini and Hochberg (1995): the i-th smallest of m becomes the least of p(j) m / j over all
    j >= i. Calling what is below 0.05 a finding, at most 5 % of findings are expected to be chance.

    Parameters
    ----------
    p : array
        Of any shape, all of one family of tests; NaN where nothing was tested.

    Returns
    -------
    array
        Of the same shape. NaN stays NaN and does not count in m.

    Raises
    ------
    ValueError
        If a p is outside 0 to 1.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.02, np.nan, 0.5])
    array([0.03, 0.03,  nan, 0.5 ])
    """
    return adjust(p, "benjamini_hochberg")


def adjust(p: npt.ArrayLike, method: Method) -> Floats:
    """p values of one family adjusted for their number.

    ``benjamini_hochberg`` (1995) and, under any dependence, ``benjamini_yekutieli`` (2001) hold
    the expected share of chance among the findings. The others hold the probability of even one
    chance finding: ``bonferroni`` and the sharper ``holm`` (1979) always, ``hochberg`` (1988) and
    the still sharper ``hommel`` (1988) for independent or positively dependent tests.

    Parameters
    ----------
    p : array
        Of any shape, all of one family of tests; NaN where nothing was tested.
    method : str
        One of ``METHODS``. ``hommel`` takes time in the square of the number of tests, the others
        hardly any.

    Returns
    -------
    array
        Of the same shape. NaN stays NaN and does not count as a test.

    Raises
    ------
    ValueError
        If a p is outside 0 to 1, or the method is unknown.

    Examples
    --------
    >>> adjust([0.01, 0.02, np.nan, 0.5], "holm")
    array([0.03, 0.04,  nan, 0.5 ])
    """
    if method not in METHODS:
        raise ValueError(f"The method {method} is unknown. Use one of {', '.join(METHODS)}.")
    given = np.asarray(p, np.float64)
    if np.any((given < 0) | (given > 1)):
        raise ValueError("A p is outside 0 to 1. Leave NaN where nothing was tested.")
    tested = ~np.isnan(given)
    adjusted = np.full_like(given, np.nan)
    if tested.any():
        adjusted[tested] = _adjusted(given[tested], method)
    return adjusted


def _adjusted(p: Floats, method: Method) -> Floats:
    """The same of a row of numbers."""
    if method == "bonferroni":
        return np.minimum(1.0, p * len(p))
    if method in ("benjamini_hochberg", "benjamini_yekutieli"):
        rule = "bh" if method == "benjamini_hochberg" else "by"
        found: Floats = false_discovery_control(p, method=rule)
        return found
    order = np.argsort(p)
    ordered, left = p[order], np.arange(len(p), 0, -1)
    if method == "holm":
        ordered = np.minimum(1.0, np.maximum.accumulate(left * ordered))
    elif method == "hochberg":
        ordered = np.minimum.accumulate((left * ordered)[::-1])[::-1]
    else:
        ordered = _hommel(ordered)
    adjusted = np.empty_like(p)
    adjusted[order] = ordered
    return adjusted


def _hommel(p: Floats) -> Floats:
    """Hommel's (1988) adjustment of rising p values.

    By closed testing a p is adjusted to the greatest of Simes's tests of the sets that it is in.
    Among sets of one size, that with the p itself and else the largest says most (Wright 1992).
    What this gives for one of the largest is no more than what the next smaller size does.
    """
    m = len(p)
    adjusted = np.full(m, np.min(m * p / np.arange(1, m + 1)))
    for size in range(2, m):
        others = np.min(size * p[m - size + 1 :] / np.arange(2, size + 1))
        np.maximum(adjusted, np.minimum(size * p, others), out=adjusted)
    return np.maximum(adjusted, p)
