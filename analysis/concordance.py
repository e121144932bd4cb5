"""Agreement of orders: Kendall's coefficient of concordance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, rankdata

from analysis.agreement import TOO_FEW, complete_units


@dataclass(frozen=True)
class Concordance:
    """Kendall's W of raters who ranked the same units.

    Attributes
    ----------
    value : float
        0 for no agreement to 1 for equal orders.
    n, raters : int
        Units rated by all, and raters.
    chi2, df, p : float
        Friedman's test of no agreement; good with more than 7 units.
    reason : str
        Why there is no value.
    """

    value: float
    n: int
    raters: int
    chi2: float
    df: int
    p: float
    reason: str = ""


def kendalls_w(ratings: npt.ArrayLike) -> Concordance:
    """Compute Kendall's coefficient of concordance, corrected for ties.

    With R the sums of ranks of the n units over the m raters, and t the sizes of ties,
    W = 12 sum((R - mean R)^2) / (m^2 (n^3 - n) - m sum(t^3 - t)), and chi2 = m (n - 1) W on n - 1
    degrees of freedom (Kendall and Babington Smith 1939; Siegel and Castellan 1988).

    Parameters
    ----------
    ratings : array_like, (units, raters)
        Units with a NaN are left out.

    Returns
    -------
    Concordance

    Raises
    ------
    ValueError
        If there are not two axes, or a rating is infinite.

    Examples
    --------
    >>> found = kendalls_w([[1, 1, 2], [2, 3, 1], [3, 2, 3], [4, 4, 4]])
    >>> round(found.value, 4), round(found.chi2, 4), found.df, round(found.p, 4)
    (0.7778, 7.0, 3, 0.0719)
    """
    table = complete_units(ratings)
    n, m = table.shape
    if n < 2 or m < 2:
        return Concordance(np.nan, n, m, np.nan, n - 1, np.nan, TOO_FEW)
    ranks = rankdata(table, axis=0)
    sums = ranks.sum(axis=1)
    ties = sum(
        float((sizes**3 - sizes).sum())
        for sizes in (np.unique(column, return_counts=True)[1] for column in ranks.T)
    )
    most = m**2 * (n**3 - n) - m * ties
    if most <= 0:
        told = "Every rater rates all units alike; there is no order to agree on."
        return Concordance(np.nan, n, m, np.nan, n - 1, np.nan, told)
    value = float(12 * ((sums - sums.mean()) ** 2).sum() / most)
    statistic = m * (n - 1) * value
    return Concordance(value, n, m, statistic, n - 1, float(chi2.sf(statistic, n - 1)))
