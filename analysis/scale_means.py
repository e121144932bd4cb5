"""The interval of a mean of answers on a scale with two ends, for answers that are few and skewed.

Student's t takes answers for normal. Where most of them are near one end of the scale, a small
sample whose mean is too near to that end has too little spread as well, and the interval does not
reach back to the truth often enough; where all answers are the same there is none.
"""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from scipy.special import stdtrit

from analysis.interval import CI_LEVEL, Floats, Interval, Numbers

RULE = "quasi_binomial"
# Imagined answers that the dispersion is estimated with, and theirs: spread evenly over the scale.
IMAGINED, EVEN = 3.0, 1 / 3


def quasi_binomial(
    mean: Numbers, variance: Numbers, n: Numbers, lowest: Numbers, highest: Numbers
) -> tuple[Floats, Floats]:
    """Score interval of a mean of answers between the ends of a scale.

    With p = (mean - lowest) / (highest - lowest), the mean is taken for a share of the scale whose
    variance is D p (1 - p) / n (Wedderburn 1974). The dispersion D is 1 where every answer is at
    one of the ends, 1/3 where answers are spread evenly, and little where they are close together.
    The interval holds all p' with |p - p'| <= t sqrt(D p' (1 - p') / n): Wilson's (1927) of n / D
    independent yes or no, with t for z. It lies within the scale and, like the answers, farther to
    the side where there is more room.

    D is estimated from the answers, s^2 / (p (1 - p)) with the variance s^2 on n - 1, and is made
    steadier by three imagined answers spread evenly: D = ((n - 1) D' + 3 / 3) / (n - 1 + 3), with t
    on n + 2 degrees of freedom, as variances of small samples are moderated (Smyth 2004). All
    answers at one end tell nothing of it; D' is 1/3 then.

    Parameters
    ----------
    mean, variance, n : float or array
        Mean, variance with the divisor n, and n of at least 2.
    lowest, highest : float or array
        The ends of the scale.

    Returns
    -------
    low, high : float or array

    Examples
    --------
    Five answers of 10, 10, 9, 8 and 10 on a scale from 0 to 10:

    >>> low, high = quasi_binomial(9.4, 0.64, 5, 0, 10)
    >>> float(low.round(2)), float(high.round(2))
    (7.14, 9.9)

    Five times 10:

    >>> low, high = quasi_binomial(10.0, 0.0, 5, 0, 10)
    >>> float(low.round(2)), float(high.round(2))
    (7.28, 10.0)
    """
    n, width = np.asarray(n, np.float64), np.asarray(highest, np.float64) - lowest
    share = np.clip((mean - np.asarray(lowest)) / width, 0.0, 1.0)
    room = share * (1 - share)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.where(room > 0, variance / width**2 / room * n / (n - 1), EVEN)
        freedom = n - 1 + IMAGINED
        dispersion = ((n - 1) * own + IMAGINED * EVEN) / freedom
        reach = stdtrit(freedom, 0.5 + CI_LEVEL / 2) ** 2 * dispersion / n
    centre = (share + reach / 2) / (1 + reach)
    half = np.sqrt(reach * room + reach**2 / 4) / (1 + reach)
    low = np.where(share == 0, 0.0, np.maximum(0.0, centre - half))
    high = np.where(share == 1, 1.0, np.minimum(1.0, centre + half))
    return (lowest + width * low)[()], (lowest + width * high)[()]


@dataclass(frozen=True)
class ResizedScaleMean:
    """The quasi-binomial interval at another n; ``spread`` is the variance with divisor n - 1."""

    mean: Floats
    spread: Floats
    lowest: Floats
    highest: Floats

    def take(self, index: Any) -> Self:
        return type(self)(*(getattr(self, one.name)[index] for one in fields(self)))

    def interval(self, n: Floats) -> Interval:
        variance = self.spread * (n - 1) / n
        low, high = quasi_binomial(self.mean, variance, n, self.lowest, self.highest)
        return Interval(low, high, CI_LEVEL, RULE)
