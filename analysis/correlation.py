"""Correlation of two measures on the same units of analysis, with Fisher's interval."""

from dataclasses import dataclass

import numpy as np
import scipy.stats
from scipy.special import ndtri

from analysis.interval import CI_LEVEL, Floats, Interval


@dataclass(frozen=True)
class Correlation:
    """A correlation coefficient; NaN for fewer than two pairs, and where one measure is constant.

    Attributes
    ----------
    value : float
    n, n_rows : int
        Pairs that are complete, and all of them.
    std_error : float
        Of Fisher's z = artanh(value); NaN for fewer than four pairs.
    rule : str
        ``fisher_z``, or for ranks ``bonett_wright``.
    """

    value: float
    n: int
    n_rows: int
    std_error: float
    rule: str

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """tanh(artanh(value) -+ z std_error)."""
        if not 0 < level < 1:
            raise ValueError("level must be between 0 and 1, such as 0.95.")
        half = float(ndtri(0.5 + level / 2)) * self.std_error
        with np.errstate(divide="ignore"):
            centre = float(np.arctanh(self.value))
        low, high = (float(np.tanh(centre + side * half)) for side in (-1, 1))
        return Interval(low, high, level, self.rule)


def pearson(x: Floats, y: Floats) -> Correlation:
    """Pearson's product-moment correlation of the complete pairs.

    The standard error of Fisher's z is 1 / sqrt(n - 3) (Fisher 1921).

    Examples
    --------
    >>> found = pearson(np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 1, 4, 3, np.nan]))
    >>> round(found.value, 4), found.n
    (0.6, 4)
    """
    x, y, n_rows = _complete(x, y)
    value = float(scipy.stats.pearsonr(x, y).statistic) if _varies(x, y) else float("nan")
    error = 1 / np.sqrt(len(x) - 3) if len(x) > 3 else float("nan")
    return Correlation(value, len(x), n_rows, float(error), "fisher_z")


def spearman(x: Floats, y: Floats) -> Correlation:
    """Spearman's rank correlation of the complete pairs; tied values share their mean rank.

    The standard error of Fisher's z is sqrt((1 + value^2 / 2) / (n - 3)) (Bonett and Wright 2000).

    Examples
    --------
    >>> found = spearman(np.array([1.0, 2, 3, 4, 50]), np.array([2.0, 1, 4, 3, 5]))
    >>> interval = found.interval()
    >>> round(found.value, 4), round(interval.low, 4), round(interval.high, 4)
    (0.8, -0.4571, 0.9908)
    """
    x, y, n_rows = _complete(x, y)
    value = float(scipy.stats.spearmanr(x, y).statistic) if _varies(x, y) else float("nan")
    error = np.sqrt((1 + value**2 / 2) / (len(x) - 3)) if len(x) > 3 else float("nan")
    return Correlation(value, len(x), n_rows, float(error), "bonett_wright")


def _complete(x: Floats, y: Floats) -> tuple[Floats, Floats, int]:
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError("x and y must have the same shape (rows,): a pair in every row.")
    complete = ~(np.isnan(x) | np.isnan(y))
    return x[complete], y[complete], len(x)


def _varies(x: Floats, y: Floats) -> bool:
    return len(x) > 1 and bool(np.ptp(x) > 0 and np.ptp(y) > 0)
