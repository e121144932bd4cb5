"""Shares of weighted rows, with intervals that stay between 0 and 1."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from analysis.interval import CI_LEVEL, Floats, Interval, Numbers
from analysis.quantiles import two_sided_t
from analysis.sampling import Design, add_up
from analysis.weighted import WeightedEstimate, weighted_mean
from analysis.wilson import wilson


@dataclass(frozen=True)
class WeightedShare(WeightedEstimate):
    """A weighted share, between 0 and 1; its standard error is 0 where it is 0 or 1.

    Attributes
    ----------
    least_n : float or array
        What the share is worth where its standard error says nothing: Kish's effective n of the
        weights of sampling units.
    most_n : float or array
        The most that it may be worth: n, divided by the share of the population not drawn.
    """

    least_n: Numbers = field(kw_only=True, repr=False)
    most_n: Numbers = field(kw_only=True, repr=False)

    def interval(
        self,
        level: float = CI_LEVEL,
        rule: Literal["wilson_effective_n", "logit"] = "wilson_effective_n",
    ) -> Interval:
        """Limits within 0 and 1.

        ``wilson_effective_n``: Wilson's (1927), with n / design_effect for n, at most ``most_n``,
        times (t(n - 1) / t(df))^2 since the design effect is itself an estimate (Korn and Graubard
        1998); with ``least_n`` where the share is 0 or 1 or there is no standard error.
        ``logit``: log-odds -+ t std_error / (share (1 - share)), back on the scale of shares; NaN
        where the share is 0 or 1.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1, or the rule is unknown.
        """
        share, error = np.asarray(self.value), np.asarray(self.std_error)
        quantile = two_sided_t(level, self.df)
        spread = share * (1 - share)
        with np.errstate(invalid="ignore", divide="ignore"):
            if rule == "logit":
                half = quantile * error / spread
                low, high = expit(logit(share) - half), expit(logit(share) + half)
                return self._limits(low, high, level, rule)
            if rule != "wilson_effective_n":
                raise ValueError(f"There is no rule {rule!r}. Use wilson_effective_n or logit.")
            few = (two_sided_t(level, np.asarray(self.n) - 1) / quantile) ** 2
            worth = np.minimum(self.n / np.asarray(self.design_effect), self.most_n)
            worth = np.where(np.isnan(worth * few), self.least_n, worth * np.minimum(few, 1))
        return self._limits(*wilson(share, worth, level), level, rule)

    def _limits(self, low: Floats, high: Floats, level: float, rule: str) -> Interval:
        return Interval(_like(self.value, low), _like(self.value, high), level, rule)


def weighted_share(hits: npt.ArrayLike, design: Design) -> WeightedShare:
    """Weighted share of rows that are 1.

    Parameters
    ----------
    hits : array of shape (rows,) or (rows, cells)
        1 or 0 (or booleans); NaN where a row is outside the cell or has no answer.
    design : Design

    Raises
    ------
    ValueError
        As ``weighted_mean``, and for values other than 0 and 1.

    Examples
    --------
    >>> found = weighted_share([1, 0, 1, 1, 0, 0], Design([1, 1, 1, 3, 1, 1]))
    >>> interval = found.interval()
    >>> round(found.value, 4), round(interval.low, 4), round(interval.high, 4), interval.rule
    (0.625, 0.2593, 0.8881, 'wilson_effective_n')
    """
    given = np.asarray(hits, float)
    if not (np.isnan(given) | (given == 0) | (given == 1)).all():
        raise ValueError("A value is neither 0 nor 1. A share counts rows; use weighted_mean.")
    mean = weighted_mean(given, design)
    sure = (np.asarray(mean.value) == 0) | (np.asarray(mean.value) == 1)
    columns = given[:, None] if given.ndim == 1 else given
    within = ~np.isnan(columns) & (design.weight[:, None] > 0)
    by_unit = add_up(within * design.weight[:, None], design.unit)
    with np.errstate(invalid="ignore", divide="ignore"):
        least = by_unit.sum(axis=0) ** 2 / (by_unit**2).sum(axis=0)
        most = within.sum(axis=0) / np.float64(1 - design.sampled_share)
    return WeightedShare(
        **vars(replace(mean, std_error=_like(mean.value, np.where(sure, 0.0, mean.std_error)))),
        least_n=_like(mean.value, least),
        most_n=_like(mean.value, most),
    )


def _like(value: Numbers, found: Floats) -> Numbers:
    """A float where the value is one, else the array."""
    return float(found.item()) if np.ndim(value) == 0 else found
