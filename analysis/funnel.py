"""Groups about their overall value: which of them differ by more than chance at their n.

The limits of a funnel plot (Spiegelhalter 2005), for means and for shares. A funnel asks of each
group alone; it makes no ranking.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from analysis.between_variance import one_shape
from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import checked_level, two_sided_t
from analysis.shrinkage import Kind, pool_variance

# Levels of the limits by their distance in standard deviations, as they are called.
LEVELS = {2: 0.95, 3: 0.998}
# Share of the z scores drawn in at each end before overdispersion is measured.
WINSORISED = 0.1


@dataclass(frozen=True)
class Funnel:
    """Groups about their overall value; the groups are the last axis.

    Attributes
    ----------
    kind : {"means", "shares"}
    value, n : array, (..., groups)
    overall : array, (...)
        Mean of all units of all groups.
    z : array, (..., groups)
        Distance from the overall value in standard deviations at the group's n.
    spread, freedom : array, (...)
        Standard deviation of one unit, and its degrees of freedom (infinite for shares).
    overdispersion : array, (...)
        By how much the limits' variance is enlarged, 1 where that was not asked for.
    """

    kind: Kind
    value: Floats
    n: Floats
    overall: Floats
    z: Floats
    spread: Floats
    freedom: Floats
    overdispersion: Floats

    def limits(self, level: float = CI_LEVEL, n: npt.ArrayLike | None = None) -> Interval:
        """Limits that a group crosses by chance with probability 1 - level.

        Means have Student's t limits on the pooled variance. Shares have exact binomial ones,
        interpolated between counts (Spiegelhalter 2005) so that at most half of 1 - level lies
        beyond each. Overdispersion stretches their distance from the overall value by its root.

        Parameters
        ----------
        level : float
        n : array_like, (..., points), optional
            Where to compute them, for drawing the funnel; the groups' own by default.

        Returns
        -------
        Interval
            Ends of the shape of ``n``.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        at = np.asarray(self.n if n is None else n, np.float64)
        at = np.where(at > 0, at, np.nan)
        centre = self.overall[..., None]
        stretch = np.sqrt(self.overdispersion)[..., None]
        if self.kind == "means":
            half = two_sided_t(level, self.freedom)[..., None] * self.spread[..., None]
            half = half / np.sqrt(at) * stretch
            return Interval(centre - half, centre + half, level, "funnel_student_t")
        tail = (1 - checked_level(level)) / 2
        below = centre - _lower_binomial(at, centre, tail)
        above = 1 - centre - _lower_binomial(at, 1 - centre, tail)
        low = np.maximum(centre - stretch * below, 0.0)
        high = np.minimum(centre + stretch * above, 1.0)
        return Interval(low, high, level, "funnel_binomial")

    @property
    def crossed(self) -> Floats:
        """The outermost limit each group lies beyond: -3, -2, 0, 2 or 3; NaN without a value.

        2 stands for the limits of 95 %, 3 for those of 99.8 %; the sign is the side.
        """
        found = np.where(np.isnan(self.limits().low) | np.isnan(self.value), np.nan, 0.0)
        for name, level in LEVELS.items():
            limits = self.limits(level)
            found = np.where(self.value > limits.high, name, found)
            found = np.where(self.value < limits.low, -name, found)
        return found


def _lower_binomial(n: Floats, share: Floats, tail: float) -> Floats:
    """The lower limit of a share of n: (r - a) / n, P(R < r - a) = tail when interpolated."""
    count = binom.ppf(tail, n, share)
    before = np.where(count > 0, binom.cdf(count - 1, n, share), 0.0)
    over = binom.cdf(count, n, share)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.maximum(count - (over - tail) / (over - before), 0.0) / n)


def funnel_of_means(
    value: npt.ArrayLike, std_error: npt.ArrayLike, n: npt.ArrayLike, *, overdispersed: bool = False
) -> Funnel:
    """Compare means with the overall mean.

    Parameters
    ----------
    value, std_error : array_like, (..., groups)
        Means and their standard errors. NaN in ``value`` is a group without one.
    n : array_like, (..., groups)
        Units of each group.
    overdispersed : bool
        Whether groups are expected to differ somewhat, so that the limits are widened: the
        variance by the mean square of the z scores with 10 % at each end drawn in, if above 1.

    Returns
    -------
    Funnel

    Raises
    ------
    ValueError
        If shapes differ, or a standard error or n is negative.

    Examples
    --------
    >>> funnel = funnel_of_means([7, 7.5, 9, 5], [0.3, 0.5, 0.4, 1.2], [40, 16, 25, 3])
    >>> float(funnel.overall.round(3)), funnel.crossed
    (7.619, array([-2.,  0.,  3., -2.]))
    """
    values, errors, counts = one_shape(value=value, std_error=std_error, n=n)
    if (errors < 0).any() or (counts < 0).any():
        raise ValueError("std_error or n holds a negative number; both are 0 or more.")
    present = ~np.isnan(values) & (counts > 0)
    of = np.where(present, counts, 0.0)
    variance, freedom = pool_variance(values, errors, counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        overall = np.asarray(np.where(present, of * values, 0.0).sum(axis=-1) / of.sum(axis=-1))
        z = (values - overall[..., None]) / np.sqrt(variance)
    spread = np.sqrt(_common(variance * np.where(present, counts, np.nan)))
    wide = _overdispersion(z) if overdispersed else np.ones(overall.shape)
    return Funnel("means", values, counts, overall, z, spread, freedom, wide)


def funnel_of_shares(
    count: npt.ArrayLike, n: npt.ArrayLike, *, overdispersed: bool = False
) -> Funnel:
    """Compare shares with the overall share.

    Parameters
    ----------
    count, n : array_like, (..., groups)
        How many of how many, in whole numbers.
    overdispersed : bool
        As in :func:`funnel_of_means`.

    Returns
    -------
    Funnel

    Raises
    ------
    ValueError
        If shapes differ, a count is negative, above n, or not whole.

    Examples
    --------
    >>> funnel = funnel_of_shares([18, 60, 9, 2], [40, 100, 10, 12])
    >>> float(funnel.overall.round(3)), funnel.crossed
    (0.549, array([ 0.,  0.,  2., -2.]))
    """
    counts, sizes = one_shape(count=count, n=n)
    if (counts < 0).any() or (counts > sizes).any():
        raise ValueError("count holds a number below 0 or above n; give how many of the n.")
    if (counts % 1 > 0).any() or (sizes % 1 > 0).any():
        raise ValueError("count or n is not whole; exact limits are of counts.")
    present = ~np.isnan(counts) & (sizes > 0)
    of = np.where(present, sizes, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        overall = np.asarray(np.nansum(counts * present, axis=-1) / np.nansum(of, axis=-1))
        spread = np.sqrt(overall * (1 - overall))
        z = (counts / of - overall[..., None]) / spread[..., None] * np.sqrt(of)
    wide = _overdispersion(z) if overdispersed else np.ones(overall.shape)
    endless = np.full(overall.shape, np.inf)
    return Funnel("shares", counts / of, sizes, overall, z, spread, endless, wide)


def _common(given: Floats) -> Floats:
    """What all groups that have it share, NaN if none has it."""
    found = np.max(given, axis=-1, where=~np.isnan(given), initial=0.0)
    return np.where(found > 0, found, np.nan)


def _overdispersion(z: Floats) -> Floats:
    """Mean square of the winsorised z scores, at least 1 (Spiegelhalter 2005)."""
    known = ~np.isnan(z)
    count = np.maximum(known.sum(axis=-1), 1)
    some = np.where(known.any(axis=-1, keepdims=True), z, 0.0)
    if not some.shape[-1]:
        return np.ones(count.shape)
    low, high = np.nanquantile(some, [WINSORISED, 1 - WINSORISED], axis=-1, keepdims=True)
    squares = np.where(known, np.clip(some, low, high), 0.0) ** 2
    return np.asarray(np.maximum(squares.sum(axis=-1) / count, 1.0))
