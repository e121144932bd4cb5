"""Linear mixed models: random intercepts, one-way or crossed, and a random slope.

Three models, named as R's lme4 writes them:

- ``value ~ 1 + (1 | group)``: :func:`fit_random_intercept`
- ``value ~ 1 + (1 | first) + (1 | second)``: :func:`fit_crossed`
- ``value ~ x + (x | group)``, intercept and slope correlated: :func:`fit_random_slope`

The variances minimise the profiled criterion of Bates, Maechler, Bolker and Walker (2015), which
leaves one to three numbers to search for.
"""

import numpy as np
import numpy.typing as npt

from analysis.interval import Floats
from analysis.mixed_fit import ALIKE, NO_VALUE, Factor, Method, MixedFit, fit_model, unknown


def fit_random_intercept(
    value: npt.ArrayLike, group: npt.ArrayLike, *, method: Method = "reml"
) -> MixedFit:
    """Fit ``value ~ 1 + (1 | group)``.

    Parameters
    ----------
    value : array_like, (n,)
        Finite numbers.
    group : array_like, (n,)
        The label of each value's group.
    method : {"reml", "ml"}
        Restricted or full maximum likelihood.

    Returns
    -------
    MixedFit
        Without numbers, but with the reason, where groups and residual cannot be told apart: fewer
        than two groups, not more values than groups, or groups that explain every value.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, or the method is neither of the two.

    Examples
    --------
    >>> fit = fit_random_intercept([4, 5, 4, 8, 9, 7, 5, 6, 7], list("aaabbbccc"))
    >>> float(fit.value[0].round(3)), float(fit.std_error[0].round(3))
    (6.111, 1.06)
    >>> float(fit.effects[0].covariance[0, 0].round(3)), round(fit.residual, 3)
    (3.111, 0.778)
    >>> fit.effects[0].effect[:, 0].round(3)
    array([-1.641,  1.744, -0.103])
    """
    values = _checked(value, method, group=group)
    return fit_model(values, np.ones((values.size, 1)), [Factor.of(group)], np.eye(1), method)


def fit_crossed(
    value: npt.ArrayLike,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    method: Method = "reml",
) -> MixedFit:
    """Fit ``value ~ 1 + (1 | first) + (1 | second)``, such as ratings by rater and target.

    The factor with fewer levels, J, sets the pace: time grows as J^3, memory as J^2.

    Parameters
    ----------
    value : array_like, (n,)
        Finite numbers.
    first, second : array_like, (n,)
        The labels of both factors for each value; a pair may occur more than once, or never.
    method : {"reml", "ml"}
        Restricted or full maximum likelihood.

    Returns
    -------
    MixedFit
        ``effects`` holds the first factor's, then the second's. Without numbers, but with the
        reason, as in :func:`fit_random_intercept`.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, or the method is neither of the two.

    Examples
    --------
    >>> fit = fit_crossed([4, 5, 7, 6, 6, 9], list("xyxyxy"), list("aabbcc"), method="ml")
    >>> [float(one.covariance[0, 0].round(3)) for one in fit.effects], round(fit.residual, 3)
    ([0.0, 0.639], 1.833)
    """
    values = _checked(value, method, first=first, second=second)
    factors = [Factor.of(first), Factor.of(second)]
    return fit_model(values, np.ones((values.size, 1)), factors, np.eye(1), method)


def fit_random_slope(
    value: npt.ArrayLike, x: npt.ArrayLike, group: npt.ArrayLike, *, method: Method = "reml"
) -> MixedFit:
    """Fit ``value ~ x + (x | group)``: every group has its own line, scattered about a common one.

    Parameters
    ----------
    value, x : array_like, (n,)
        Finite numbers.
    group : array_like, (n,)
        The label of each value's group.
    method : {"reml", "ml"}
        Restricted or full maximum likelihood.

    Returns
    -------
    MixedFit
        Fixed effects and effects are pairs: intercept (at x = 0), slope. Without numbers, but with
        the reason, as in :func:`fit_random_intercept`, or where x is the same everywhere.

    Raises
    ------
    ValueError
        If lengths differ, a number is not finite, or the method is neither of the two.

    Examples
    --------
    >>> x = [0, 1, 2, 3] * 3
    >>> fit = fit_random_slope([1, 2, 4, 5, 2, 5, 7, 11, 0, 1, 1, 3], x, list("aaaabbbbcccc"))
    >>> fit.value.round(3), fit.std_error.round(3)
    (array([0.9  , 1.733]), array([0.607, 0.608]))
    """
    values = _checked(value, method, x=x, group=group)
    given = np.asarray(x, np.float64)
    if not np.isfinite(given).all():
        raise ValueError("x holds a number that is not finite; leave such rows out.")
    if not given.size or np.ptp(given) <= ALIKE * max(1.0, float(np.abs(given).max())):
        told = "x is the same everywhere, so there is no slope." if given.size else ""
        return unknown(values, [Factor.of(group)], 2, method, told or NO_VALUE)
    # The search runs on a standardised x, where intercepts and slopes are of one size.
    centre, scale = float(given.mean()), float(given.std())
    design = np.stack([np.ones_like(given), (given - centre) / scale], axis=1)
    back = np.array([[1.0, -centre / scale], [0.0, 1 / scale]])
    return fit_model(values, design, [Factor.of(group)], back, method)


def _checked(value: npt.ArrayLike, method: str, **others: npt.ArrayLike) -> Floats:
    values = np.asarray(value, np.float64)
    for name, other in others.items():
        if values.ndim != 1 or np.shape(other) != values.shape:
            raise ValueError(
                f"value has the shape {values.shape} and {name} {np.shape(other)}; give two "
                "arrays of one dimension and one length."
            )
    if not np.isfinite(values).all():
        raise ValueError("value holds a number that is not finite; leave such rows out.")
    if method not in ("reml", "ml"):
        raise ValueError(f"method is {method!r}; give 'reml' or 'ml'.")
    return values
