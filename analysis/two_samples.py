"""Two groups of ratings compared by their means: tests and sizes of effect.

On a rating scale the counts of its values hold all that is used, so that a tally serves as well as
the ratings themselves. Everything is first minus second.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from analysis.change import Change
from analysis.compare import compare_means


@dataclass(frozen=True)
class Sample:
    """Ratings of one group: the different values, rising, and how often each was given.

    Attributes
    ----------
    values, counts : array
        One entry a value; counts are whole and above 0.

    Examples
    --------
    >>> Sample.of([3, 1, np.nan, 3]) == Sample.counted([1, 2, 3], [1, 0, 2])
    True
    """

    values: tuple[float, ...]
    counts: tuple[float, ...]

    @classmethod
    def of(cls, ratings: npt.ArrayLike) -> "Sample":
        """From single ratings; NaN, which is no rating, is left out."""
        given = np.asarray(ratings, np.float64)
        values, counts = np.unique(given[~np.isnan(given)], return_counts=True)
        return cls.counted(values, counts)

    @classmethod
    def counted(cls, values: npt.ArrayLike, counts: npt.ArrayLike) -> "Sample":
        """From how often each value of a scale was given.

        Raises
        ------
        ValueError
            If a value is not a finite number, comes twice, or has no count, or if a count is
            negative or not whole.
        """
        value, count = np.asarray(values, np.float64), np.asarray(counts, np.float64)
        if value.shape != count.shape or value.ndim != 1:
            raise ValueError("Values and counts differ in number. Give each value its count.")
        if not np.isfinite(value).all() or len(np.unique(value)) < len(value):
            raise ValueError("A value is not a number or comes twice. Add up its counts.")
        if not (np.isfinite(count) & (count >= 0) & (count == np.round(count))).all():
            raise ValueError("A count is negative or not whole. Count ratings, without weights.")
        order = np.argsort(value)
        order = order[count[order] > 0]
        return cls(tuple(value[order].tolist()), tuple(count[order].tolist()))

    @property
    def n(self) -> int:
        return int(sum(self.counts))

    @property
    def mean(self) -> float:
        """NaN without ratings."""
        return moments(self.values, self.counts)[0]

    @property
    def variance(self) -> float:
        """Divisor n - 1; NaN with fewer than 2 ratings."""
        return moments(self.values, self.counts)[1]


def welch(first: Sample, second: Sample) -> Change:
    """Difference of the means by Welch's t; see ``analysis.compare.compare_means``.

    Examples
    --------
    >>> change = welch(Sample.of([4, 5, 5, 3]), Sample.of([2, 3, 3, 4]))
    >>> float(change.difference), round(float(change.p), 4)
    (1.25, 0.0953)
    """
    return compare_means(
        first.mean, first.variance, first.n, second.mean, second.variance, second.n
    )


def student(first: Sample, second: Sample) -> Change:
    """Difference of the means by Student's t, taking both variances for the same.

    Examples
    --------
    >>> round(float(student(Sample.of([4, 5, 5, 3]), Sample.of([2, 3, 3, 4])).p), 4)
    0.0941
    """
    return compare_means(
        first.mean, first.variance, first.n, second.mean, second.variance, second.n, pooled=True
    )


def cohens_d(first: Sample, second: Sample) -> float:
    """Difference of the means in pooled standard deviations (Cohen 1988).

    NaN with fewer than 2 ratings in a group, or without spread in both.

    Examples
    --------
    >>> round(cohens_d(Sample.of([4, 5, 5, 3]), Sample.of([2, 3, 3, 4])), 4)
    1.4049
    """
    change = student(first, second)
    # The standard error is the pooled deviation times sqrt(1/n1 + 1/n2).
    sizes = 1 / first.n + 1 / second.n if first.n and second.n else math.nan
    return float(change.statistic) * math.sqrt(sizes)


def hedges_g(first: Sample, second: Sample) -> float:
    """Cohen's d without its bias in small groups, by the exact factor (Hedges 1981).

    gamma(m/2) / (sqrt(m/2) gamma((m - 1)/2)) with m = n1 + n2 - 2.

    Examples
    --------
    >>> round(hedges_g(Sample.of([4, 5, 5, 3]), Sample.of([2, 3, 3, 4])), 4)
    1.2203
    """
    d = cohens_d(first, second)
    if math.isnan(d):
        return d
    half = (first.n + second.n - 2) / 2
    return d * math.exp(gammaln(half) - gammaln(half - 0.5)) / math.sqrt(half)


def moments(values: npt.ArrayLike, counts: npt.ArrayLike) -> tuple[float, float]:
    """Mean and variance (divisor n - 1) of values that came so often each; NaN with too few.

    Examples
    --------
    >>> moments([1, 2], [1, 3])
    (1.75, 0.25)
    """
    value, count = np.asarray(values, np.float64), np.asarray(counts, np.float64)
    n = float(count.sum())
    mean = float(value @ count) / n if n else math.nan
    variance = float((value - mean) ** 2 @ count) / (n - 1) if n > 1 else math.nan
    return mean, variance
