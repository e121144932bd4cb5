"""Quantiles of two-sided intervals."""

import numpy as np
from scipy.special import ndtri, stdtrit

from analysis.interval import Floats, Numbers


def checked_level(level: float) -> float:
    """The level itself, if it is one.

    Parameters
    ----------
    level : float
        Nominal coverage.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.

    Examples
    --------
    >>> checked_level(0.95)
    0.95
    """
    if not 0 < level < 1:
        raise ValueError(f"The level {level:g} is not between 0 and 1. Write 0.95 for 95 %.")
    return level


def two_sided_t(level: float, freedom: Numbers) -> Floats:
    """How many standard errors a two-sided Student's t interval extends to each side.

    Parameters
    ----------
    level : float
        Nominal coverage.
    freedom : float or array
        Degrees of freedom; infinite ones give the normal quantile, none or NaN give NaN.

    Returns
    -------
    array
        Of the shape of ``freedom``.

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.

    Examples
    --------
    >>> two_sided_t(0.95, np.array([0, 1, 10, np.inf]))
    array([      nan, 12.706205,  2.228139,  1.959964])
    """
    upper = 0.5 + checked_level(level) / 2
    given = np.asarray(freedom, np.float64)
    finite = np.isfinite(given) & (given > 0)
    t = stdtrit(np.where(finite, given, 1.0), upper)
    return np.where(finite, t, np.where(np.isposinf(given), ndtri(upper), np.nan))


def normal_quantile(level: float) -> float:
    """How many standard errors a two-sided normal interval extends to each side, 1.96 at 0.95.

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return float(ndtri(0.5 + checked_level(level) / 2))
