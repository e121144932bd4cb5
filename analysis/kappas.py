"""Agreement on categories beyond chance: Cohen's and Fleiss' kappa."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from analysis.agreement import complete_units
from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import checked_level

Weights: TypeAlias = Literal["unweighted", "linear", "quadratic"]


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance: 1 is full, 0 that of chance.

    Attributes
    ----------
    value, std_error : float
        The standard error is that of the estimate, not the one under chance alone.
    n, raters : int
        Units rated by all, and raters.
    observed, expected : float
        (Weighted) share of agreement, and the one expected by chance.
    reason : str
        Why there is no value, or no standard error.
    """

    value: float
    std_error: float
    n: int
    raters: int
    observed: float
    expected: float
    reason: str = ""

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Wald's interval, value -+ z standard errors; good with many units only.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        half = float(ndtri(0.5 + checked_level(level) / 2)) * self.std_error
        return Interval(self.value - half, self.value + half, level, "wald")


def cohens_kappa(
    ratings: npt.ArrayLike,
    *,
    weights: Weights = "unweighted",
    categories: npt.ArrayLike | None = None,
) -> Kappa:
    """Compute Cohen's kappa of two raters, with the standard error of Fleiss et al. (1969).

    With p the table of shares, w the weights of agreement and q those expected from the margins,
    kappa = (sum w p - sum w q) / (1 - sum w q).

    Parameters
    ----------
    ratings : array_like, (units, 2)
        Categories as numbers. Units with a NaN are left out.
    weights : {"unweighted", "linear", "quadratic"}
        How much a disagreement by d of c - 1 steps counts as agreement: not at all,
        1 - d / (c - 1), or 1 - (d / (c - 1))^2.
    categories : array_like, optional
        All categories in order, for those that nobody chose are steps too; by default those that
        occur.

    Returns
    -------
    Kappa

    Raises
    ------
    ValueError
        If there are not two raters, a rating is not among the categories, or the weights are
        others.

    Examples
    --------
    Of 10 units both say 1 of four and 2 of three: 0.7 agree, 0.5 would by chance.

    >>> first, second = [1] * 5 + [2] * 5, [1] * 4 + [2] + [1] * 2 + [2] * 3
    >>> found = cohens_kappa(np.transpose([first, second]))
    >>> round(found.value, 4), round(found.std_error, 4)
    (0.4, 0.284)
    """
    table = complete_units(ratings)
    if table.shape[1] != 2:
        raise ValueError(f"ratings has {table.shape[1]} columns; Cohen's kappa is of two raters.")
    scale = np.unique(table) if categories is None else np.asarray(categories, np.float64)
    joint = _joint(table, scale)
    c = scale.size
    told = _untold(len(table), c)
    if told:
        return Kappa(np.nan, np.nan, len(table), 2, np.nan, np.nan, told)
    steps = np.abs(np.subtract.outer(np.arange(c), np.arange(c))) / (c - 1)
    agreement = {"unweighted": steps == 0, "linear": 1 - steps, "quadratic": 1 - steps**2}
    if weights not in agreement:
        raise ValueError(f"weights is {weights!r}; give one of {', '.join(agreement)}.")
    w: Floats = agreement[weights].astype(np.float64)
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    observed, expected = float((w * joint).sum()), float(rows @ w @ columns)
    if 1 - expected <= 1e-12:
        told = "Both raters use one category only, so chance alone explains all agreement."
        return Kappa(np.nan, np.nan, len(table), 2, observed, expected, told)
    value = (observed - expected) / (1 - expected)
    of_margins = np.add.outer(w @ columns, rows @ w)
    squares = float((joint * (w - of_margins * (1 - value)) ** 2).sum())
    variance = (squares - (value - expected * (1 - value)) ** 2) / (1 - expected) ** 2
    return _known(value, float(np.sqrt(max(variance, 0.0) / len(table))), table, observed, expected)


def _joint(table: Floats, scale: Floats) -> Floats:
    """Shares of the pairs of categories."""
    if not np.isin(table, scale).all():
        strange = table[~np.isin(table, scale)][0]
        raise ValueError(f"ratings holds {strange:g}, which is not among the categories.")
    order = np.argsort(scale)
    codes = order[np.searchsorted(scale, table, sorter=order)]
    pairs = np.bincount(codes[:, 0] * scale.size + codes[:, 1], minlength=scale.size**2)
    return np.asarray(pairs.reshape(scale.size, scale.size) / max(len(table), 1))


def _untold(n: int, categories: int) -> str:
    if n == 0:
        return "No unit is rated by all."
    if categories < 2:
        return "There is one category only, so chance alone explains all agreement."
    return ""


def fleiss_kappa(ratings: npt.ArrayLike) -> Kappa:
    """Compute Fleiss' (1971) kappa of any number of raters, with Gwet's (2021) standard error.

    With k the share of each category in all ratings and r_ik how many of the m raters put unit i
    into it, unit i agrees by P_i = sum_k r_ik (r_ik - 1) / (m (m - 1)), chance by
    Pe = sum_k k^2, and kappa = (mean P - Pe) / (1 - Pe). The standard error is that of the mean of
    the units' parts, (P_i - Pe) / (1 - Pe) - 2 (1 - kappa) (sum_k k r_ik / m - Pe) / (1 - Pe).

    Parameters
    ----------
    ratings : array_like, (units, raters)
        Categories as numbers. Units with a NaN are left out.

    Returns
    -------
    Kappa

    Raises
    ------
    ValueError
        If there are not two axes, or a rating is infinite.

    Examples
    --------
    >>> found = fleiss_kappa([[1, 1, 1], [1, 1, 2], [2, 2, 2], [2, 2, 1], [2, 2, 2]])
    >>> round(found.value, 4)
    0.4444
    """
    table = complete_units(ratings)
    n, m = table.shape
    scale = np.unique(table)
    told = "There is one rater only." if m < 2 else _untold(n, scale.size)
    if told:
        return Kappa(np.nan, np.nan, n, m, np.nan, np.nan, told)
    counts = (table[..., None] == scale).sum(axis=1).astype(np.float64)
    share = counts.sum(axis=0) / (n * m)
    agreed = (counts * (counts - 1)).sum(axis=1) / (m * (m - 1))
    observed, expected = float(agreed.mean()), float(share @ share)
    value = (observed - expected) / (1 - expected)
    by_chance = counts @ share / m
    parts = (agreed - expected - 2 * (1 - value) * (by_chance - expected)) / (1 - expected)
    error = float(np.sqrt(((parts - value) ** 2).sum() / n / (n - 1))) if n > 1 else np.nan
    return _known(value, error, table, observed, expected)


def _known(value: float, error: float, table: Floats, observed: float, expected: float) -> Kappa:
    n, m = table.shape
    told = ""
    if not error > 1e-12:
        error, told = np.nan, "All units agree alike, so there is no standard error."
    return Kappa(value, error, n, m, observed, expected, told)
