"""Wilson's interval of a share."""

import numpy as np

from analysis.interval import CI_LEVEL, Floats, Numbers
from analysis.quantiles import normal_quantile


def wilson(share: Numbers, n: Numbers, level: float = CI_LEVEL) -> tuple[Floats, Floats]:
    """Wilson's score interval of a share of n (Wilson 1927); n need be neither whole nor finite.

    Parameters
    ----------
    share, n : float or array
        Shares from 0 to 1 and their n; NaN, and an n of 0, give NaN.
    level : float
        Nominal coverage.

    Returns
    -------
    low, high : float or array
        centre ± half, with centre = (p + z²/2n) / (1 + z²/n) and
        half = z / (1 + z²/n) · sqrt(p(1-p)/n + z²/4n²); exactly 0 or 1 where nobody or
        everybody is in the share. 1 less the lower end is the upper end of the complement.

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.

    Examples
    --------
    >>> low, high = wilson(np.array([0.8]), np.array([50.0]))
    >>> float(low[0].round(4)), float(high[0].round(4))
    (0.6696, 0.8876)
    """
    z = normal_quantile(level)
    share, n = np.asarray(share, np.float64), np.asarray(n, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    known = ~np.isnan(centre)
    low = np.where(known & (share == 0), 0.0, np.maximum(0.0, centre - half))
    high = np.where(known & (share == 1), 1.0, np.minimum(1.0, centre + half))
    return low[()], high[()]
