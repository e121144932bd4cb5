"""Intervals: two ends, a level, and the name of the rule that made them."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
# One number, or an array with one entry a cell.
Numbers: TypeAlias = float | np.float64 | Floats

CI_LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Two-sided limits of an estimate.

    Attributes
    ----------
    low, high : float or array
        The ends, in the estimate's own unit; NaN where there is none.
    level : float
        Nominal coverage, between 0 and 1.
    rule : str
        Name of the rule that made the ends, such as ``wilson``.
    """

    low: Numbers
    high: Numbers
    level: float
    rule: str
