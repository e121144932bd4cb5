"""How a KPI follows an index of local conditions: the elasticity that adjusted targets need."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import two_sided_t

# A line through fewer points leaves nothing to judge it by.
FEWEST_PAIRS = 3
# An index whose logarithms differ by less than this has not moved.
STILL = 1e-12


@dataclass(frozen=True)
class Elasticity:
    """By how many per cent a KPI moves when the index moves by one; NaN where it is not known.

    Attributes
    ----------
    value : float
        The exponent b in value = a index^b.
    n : int
        Periods that have both a value and an index.
    std_error : float
    reason : str
        Why there is none; '' where there is one.
    """

    value: float
    n: int
    std_error: float
    reason: str = ""

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """value -+ t(n - 2) std_error, Student's t.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        degrees = float(self.n - 2) if self.n > 2 else np.nan
        half = float(two_sided_t(level, degrees)) * self.std_error
        return Interval(self.value - half, self.value + half, level, "student_t")


def estimate_elasticity(values: npt.ArrayLike, index: npt.ArrayLike) -> Elasticity:
    """The elasticity of a KPI to an index, from past periods.

    Least squares of the logarithms, log value = log a + b log index + error:
    b = sum((x - mean x)(y - mean y)) / sum((x - mean x)^2) with x = log index, y = log value, and
    the standard error sqrt(sum(residual^2) / (n - 2) / sum((x - mean x)^2)). A KPI and an index
    that both grow with the years have an elasticity to each other whatever the reason: look at more
    than its interval before a target follows it.

    Parameters
    ----------
    values, index : array (periods,)
        The KPI in its own unit and the index in its own, period by period; NaN where there is none.

    Returns
    -------
    Elasticity
        NaN, with the reason, for fewer than 3 periods that have both, and for an index that is the
        same in all of them.

    Raises
    ------
    ValueError
        For arrays of other or different shapes, and for values and indices that are not above 0 or
        not finite.

    References
    ----------
    Wooldridge (2020), Introductory Econometrics, section 2.4: the constant elasticity model.

    Examples
    --------
    >>> found = estimate_elasticity([100.0, 112.0, 119.0, 131.0], [100.0, 120.0, 144.0, 170.0])
    >>> round(found.value, 3), found.n, round(found.std_error, 3)
    (0.49, 4, 0.039)
    >>> interval = found.interval()
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.322, 0.659)
    """
    y, x = _complete(values, index)
    if len(x) < FEWEST_PAIRS:
        told = "1 period has" if len(x) == 1 else f"{len(x)} periods have"
        reason = f"Only {told} both a value and an index; {FEWEST_PAIRS} are needed."
        return Elasticity(np.nan, len(x), np.nan, reason)
    if np.ptp(x) <= STILL:
        reason = "The index is the same in all periods, so nothing follows from it."
        return Elasticity(np.nan, len(x), np.nan, reason)
    x, y = x - x.mean(), y - y.mean()
    slope = x @ y / (x @ x)
    residual = y - slope * x
    error = np.sqrt(residual @ residual / (len(x) - 2) / (x @ x))
    return Elasticity(float(slope), len(x), float(error))


def _complete(values: npt.ArrayLike, index: npt.ArrayLike) -> tuple[Floats, Floats]:
    """The logarithms of what is there in both."""
    y, x = np.asarray(values, np.float64), np.asarray(index, np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError("values and index must have the same shape (periods,): one of each.")
    for name, column in (("values", y), ("index", x)):
        if np.any(column <= 0) or np.any(np.isinf(column)):
            raise ValueError(
                f"The {name} must be finite and above 0, or NaN where there is none: others have "
                "no logarithm."
            )
    both = ~(np.isnan(x) | np.isnan(y))
    return np.log(y[both]), np.log(x[both])
