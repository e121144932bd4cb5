"""Intervals of means and net scores, and those that another n would give."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from scipy.special import stdtrit

from analysis.estimate import Z
from analysis.interval import CI_LEVEL, Floats, Interval, Numbers
from analysis.wilson import wilson


def student_t(mean: Numbers, variance: Numbers, n: Numbers) -> tuple[Floats, Floats]:
    """Student's t interval of a mean.

    Parameters
    ----------
    mean, variance, n : float or array
        Mean, variance with the divisor n, and n of at least 2.

    Returns
    -------
    low, high : float or array
        mean ± t(n - 1) · sqrt(variance / (n - 1)).

    Examples
    --------
    >>> low, high = student_t(4.0, 2.0, 5.0)
    >>> float(low.round(4)), float(high.round(4))
    (2.0368, 5.9632)
    """
    half = stdtrit(np.asarray(n) - 1, 0.5 + CI_LEVEL / 2) * np.sqrt(variance / (np.asarray(n) - 1))
    return mean - half, mean + half


def adjusted_wald(mean: Numbers, variance: Numbers, n: Numbers) -> tuple[Floats, Floats, Floats]:
    """Interval and standard error of a net score, 100 times a mean of votes from -1 to 1.

    Three imagined votes are added, 3/4 promoter, 3/4 detractor and 3/2 neither (Rocks 2016): with
    p and d the shares among the n + 3, the variance is 100² (p + d - (p - d)²) / (n + 3), and
    the interval is centred on 100 (p - d). Written with moments it holds for votes between -1 and
    1 too, a customer's mean, where p + d is the mean square. The ends stay within -100 and 100.

    Parameters
    ----------
    mean, variance, n : float or array
        Mean of the votes, their variance with the divisor n, and n.

    Returns
    -------
    low, high, std_error : float or array
        In points.

    Examples
    --------
    >>> low, high, error = adjusted_wald(0.2, 0.76, 10.0)
    >>> float(low.round(2)), float(high.round(2)), float(error.round(2))
    (-30.33, 61.1, 23.32)
    """
    enlarged = np.asarray(n) + 3
    centre = n * mean / enlarged
    mean_square = (n * (variance + mean**2) + 1.5) / enlarged
    error = 100 * np.sqrt((mean_square - centre**2) / enlarged)
    low, high = 100 * centre - Z * error, 100 * centre + Z * error
    return np.maximum(-100.0, low), np.minimum(100.0, high), error


@dataclass(frozen=True)
class ResizedMean:
    """Student's t at another n; ``spread`` is the variance with the divisor n - 1."""

    mean: Floats
    spread: Floats

    def take(self, index: Any) -> Self:
        return type(self)(*(getattr(self, one.name)[index] for one in fields(self)))

    def interval(self, n: Floats) -> Interval:
        low, high = student_t(self.mean, self.spread * (n - 1) / n, n)
        return Interval(low, high, CI_LEVEL, "student_t")


@dataclass(frozen=True)
class ResizedShare:
    """Wilson's interval at another n, of which each is worth ``factor`` independent answers."""

    share: Floats
    factor: Floats

    def take(self, index: Any) -> Self:
        return type(self)(*(getattr(self, one.name)[index] for one in fields(self)))

    def interval(self, n: Floats) -> Interval:
        return Interval(*wilson(self.share, n * self.factor), CI_LEVEL, "wilson")


@dataclass(frozen=True)
class ResizedNetScore:
    """The adjusted Wald interval at another n, of which each is worth ``factor`` answers."""

    mean: Floats
    variance: Floats
    factor: Floats

    def take(self, index: Any) -> Self:
        return type(self)(*(getattr(self, one.name)[index] for one in fields(self)))

    def interval(self, n: Floats) -> Interval:
        low, high, _ = adjusted_wald(self.mean, self.variance, n * self.factor)
        return Interval(low, high, CI_LEVEL, "adjusted_wald")
