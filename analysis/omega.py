"""McDonald's omega: the reliability of a scale whose items measure one thing unequally well."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from analysis.interval import Floats
from analysis.reliability import ItemMoments, is_regular

# A residual variance under this share of its item's variance is as good as 0.
HEYWOOD = 0.005


@dataclass(frozen=True)
class Omega:
    """Omega total, and the one-factor model behind it; NaN where there is none.

    Attributes
    ----------
    value : float
        (sum of loadings)^2 / ((sum of loadings)^2 + sum of residual variances).
    loadings, residual : array (items,)
        In units of the items: the model's covariance of two items (divisor n) is the product of
        their loadings, the variance of an item its squared loading + residual.
    n, n_rows : int
        Complete rows, and all of them.
    reason : str
        Why there is no omega; '' if there is one.
    """

    value: float
    loadings: Floats
    residual: Floats
    n: int
    n_rows: int
    reason: str


def omega(moments: ItemMoments) -> Omega:
    """Omega from the maximum-likelihood fit of one factor (McDonald 1999; Joreskog 1967).

    Turn reversed items round first, with `analysis.reliability.reverse`.

    Examples
    --------
    >>> from analysis.reliability import ItemMoments
    >>> loadings = np.array([1.0, 2.0, 3.0])
    >>> moments = ItemMoments(
    ...     50, 50, np.full(3, 3.0), np.outer(loadings, loadings) + np.eye(3),
    ...     at_lowest=np.zeros(3), at_highest=np.zeros(3), lowest=1, highest=5,
    ... )
    >>> found = omega(moments)
    >>> round(found.value, 4), found.loadings.round(4)
    (0.9231, array([0.9899, 1.9799, 2.9698]))
    """
    k = len(moments.mean)
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.sqrt(np.diag(moments.covariance))
        correlation = moments.covariance / sd / sd[:, None]
    if k < 3:
        return _without(moments, "One factor needs three items or more.")
    if not is_regular(correlation):
        return _without(
            moments,
            "An item is the same in all rows or follows from the others, or there are fewer "
            f"complete rows than items: {moments.n} of {k} items.",
        )
    loading, residual = one_factor(correlation)
    if residual.min() < HEYWOOD * (1 + 1e-6):
        item = int(residual.argmin())
        return _without(
            moments,
            f"Item {item} would have no error at all (a Heywood case): one factor does not fit.",
        )
    # Variances as maximum likelihood has them, with the divisor n.
    sd = sd * np.sqrt((moments.n - 1) / moments.n)
    loading, residual = loading * sd, residual * sd**2
    common = loading.sum() ** 2
    return Omega(
        float(common / (common + residual.sum())),
        loading,
        residual,
        moments.n,
        moments.n_rows,
        "",
    )


def one_factor(correlation: Floats) -> tuple[Floats, Floats]:
    """Loadings and residual variances of one factor by maximum likelihood.

    With P the diagonal residual variances, t_1 > t_2 > ... the eigenvalues of
    P^(-1/2) R P^(-1/2) and v the first eigenvector, the best loadings for a given P are
    P^(1/2) v sqrt(t_1 - 1), and the misfit that P leaves is sum over i > 1 of t_i - log t_i - 1
    (Joreskog 1967). The residual variances stay at or above 0.005; the loadings' sum is positive.

    Parameters
    ----------
    correlation : array (items, items)
        Of three items or more, none of which follows from the others.

    Examples
    --------
    >>> loading, _ = one_factor(np.array([[1, 0.24, 0.3], [0.24, 1, 0.2], [0.3, 0.2, 1]]))
    >>> loading.round(4)
    array([0.6, 0.4, 0.5])
    """

    def solve(log_residual: Floats) -> tuple[Floats, Floats]:
        root = np.exp(log_residual / 2)
        eigenvalues, vectors = np.linalg.eigh(correlation / root / root[:, None])
        return eigenvalues, root * vectors[:, -1] * np.sqrt(max(eigenvalues[-1] - 1, 0.0))

    def misfit(log_residual: Floats) -> tuple[float, Floats]:
        eigenvalues, loading = solve(log_residual)
        rest, residual = eigenvalues[:-1], np.exp(log_residual)
        slope = (loading**2 + residual - 1) / residual
        return float(np.sum(rest - np.log(rest) - 1)), slope

    # What the other items leave open of an item is the usual start.
    start = np.log(1 / np.diag(np.linalg.inv(correlation)))
    fit = minimize(
        misfit,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(np.log(HEYWOOD), 0.0)] * len(start),
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000},
    )
    loading = solve(fit.x)[1]
    return loading if loading.sum() >= 0 else -loading, np.exp(fit.x)


def _without(moments: ItemMoments, reason: str) -> Omega:
    unknown = np.full(len(moments.mean), np.nan)
    return Omega(float("nan"), unknown, unknown, moments.n, moments.n_rows, reason)
