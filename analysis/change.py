"""A change: difference, test and interval of one comparison or of one for each of many cells."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analysis.interval import CI_LEVEL, Floats, Interval, Numbers

Limits = Callable[[float], tuple[Numbers, Numbers]]


@dataclass(frozen=True)
class Change:
    """A difference with its test and interval; arrays of one shape, one entry a cell.

    Attributes
    ----------
    difference : float or array
        First minus second, in the statistic's own unit.
    std_error : float or array
        Standard error of the difference; NaN where there is no interval.
    statistic : float or array
        The t or z whose tails ``p`` is.
    p : float or array
        Two-sided p of no difference; NaN where that cannot be tested.
    rule : str
        Name of the rule of the interval.
    limits : callable
        The two ends at a level; ``interval`` is made of it.
    df : float or array, optional
        Degrees of freedom, where the rule has them.
    """

    difference: Numbers
    std_error: Numbers
    statistic: Numbers
    p: Numbers
    rule: str
    limits: Limits = field(repr=False, compare=False)
    df: Numbers | None = None

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Limits of the difference at a level.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1, or not the only one that the limits are known at.
        """
        low, high = self.limits(level)
        return Interval(low, high, level, self.rule)


def recover_limits(
    value1: Floats, low1: Floats, high1: Floats, value2: Floats, low2: Floats, high2: Floats
) -> tuple[Floats, Floats]:
    """Limits of value1 - value2 from the limits of both, their variances recovered from these.

    Zou and Donner (2008): difference - sqrt((value1 - low1)^2 + (high2 - value2)^2), and
    difference + sqrt((high1 - value1)^2 + (value2 - low2)^2). All arrays are of one shape; an end
    that needs a NaN is NaN.

    Examples
    --------
    >>> low, high = recover_limits(30.0, 26.0, 35.0, 22.0, 10.0, 25.0)
    >>> float(low), float(high)
    (3.0, 21.0)
    """
    difference = value1 - value2
    low = difference - np.hypot(value1 - low1, high2 - value2)
    return low, difference + np.hypot(high1 - value1, value2 - low2)


def as_cells(*given: Numbers) -> list[Floats]:
    """Numbers and arrays as floats of one shape, one entry a cell.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> as_cells([1, 2], 3)
    [array([1., 2.]), array([3., 3.])]
    """
    try:
        return list(np.broadcast_arrays(*(np.asarray(one, np.float64) for one in given)))
    except ValueError:
        shapes = ", ".join(str(np.shape(one)) for one in given)
        raise ValueError(
            f"The shapes {shapes} do not fit together. Give one entry a cell in each."
        ) from None


def refuse(*wrong: npt.NDArray[np.bool_] | np.bool_, because: str) -> None:
    """Raise ValueError with the sentence if any cell of any mask is true.

    Examples
    --------
    >>> refuse(np.array([1.0, 2.0]) < 0, because="An n is below 0.")
    """
    if any(np.any(one) for one in wrong):
        raise ValueError(because)
