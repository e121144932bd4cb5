"""Limits of the shares that curves give: log-log, and Wilson's where those do not exist."""

import numpy as np

from analysis.interval import CI_LEVEL, Floats
from analysis.quantiles import normal_quantile

# The rules by name: of a curve where nothing competes, of one where something does, and of neither.
KAPLAN_MEIER = "kaplan_meier_log_log"
AALEN_JOHANSEN = "aalen_johansen_log_log"
NONE_REACHED = "wilson_none_reached"
ALL_REACHED = "wilson_all_reached"


def log_log_limits(
    share: Floats, variance: Floats, level: float = CI_LEVEL
) -> tuple[Floats, Floats]:
    """Limits of shares on the scale log(-log share): share^exp(+-z se / (share log share)).

    They keep within 0 and 1 (Kalbfleisch and Prentice 1980).

    Parameters
    ----------
    share, variance : array
        Of any shape.
    level : float
        Nominal coverage.

    Returns
    -------
    low, high : array
        Equal to a share of 1, and NaN where the share is 0: on that scale it has none.

    Examples
    --------
    >>> low, high = log_log_limits(np.array([0.8, 1.0, 0.0]), np.array([0.032, 0.0, 0.0]))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.2038, 1.0, nan], [0.9692, 1.0, nan])
    """
    z, inside = normal_quantile(level), (share > 0) & (share < 1)
    kept = np.where(inside, share, 0.5)
    error = np.sqrt(variance) / (kept * np.abs(np.log(kept)))
    outside = np.where(share >= 1, share, np.nan)
    # An error so large that its power is infinite leaves the limits at 0 and 1.
    with np.errstate(over="ignore"):
        low = np.where(inside, kept ** np.exp(z * error), outside)
    return low, np.where(inside, kept ** np.exp(-z * error), outside)
