"""Statistics of answers: mean, top box, net score, each with its interval, from sums of votes.

Everything is computed from votes. With the answer as unit of analysis an answer casts one vote
(itself; 1 or 0; 1, 0 or -1); with the customer, the mean of the customer's votes is one vote.
Sums of votes add up over places and months, so one pass over the answers serves every cell.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.special import stdtrit

from analysis.definitions import Kpi, UnitOfAnalysis
from analysis.estimate import Estimates, Mask, Resized, Z
from analysis.interval import CI_LEVEL, Floats
from analysis.rating_intervals import (
    ResizedMean,
    ResizedNetScore,
    ResizedShare,
    adjusted_wald,
    student_t,
)
from analysis.scale_means import RULE, ResizedScaleMean, quasi_binomial
from analysis.votes import NET_SCALE, VoteSums
from analysis.weighting import WeightedSums
from analysis.wilson import wilson

# Votes whose standard deviation is below this share of their size are the same but for rounding.
ALIKE = 1e-7


@dataclass(frozen=True)
class Votes:
    """The votes of every cell, summed up; arrays of one entry a cell.

    ``mean`` and ``variance`` (mean squared distance from it, divisor n) are NaN where n is 0.
    ``independent`` is the number of answers a mean of customers' shares would be worth if all
    answers were independent: n² / sum(1 / answers of a customer). Only those ``valued`` have an
    answer with a value; missing codes may vote beside them, never alone.
    """

    n: Floats
    mean: Floats
    variance: Floats
    independent: Floats
    shown: Floats
    valued: Floats
    low: Floats
    high: Floats
    mixed: Mask
    weighted: WeightedSums | None = None

    @classmethod
    def of(cls, sums: VoteSums, weighted: WeightedSums | None = None) -> Self:
        """From sums of votes, cell by cell."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = sums.votes / sums.n
            square = sums.squares / sums.n
            variance = np.maximum(square - mean**2, 0.0)
            variance = np.where(variance <= ALIKE**2 * square, 0.0, variance)
            independent = sums.n**2 / sums.inverse
        return cls(
            sums.n,
            mean,
            variance,
            independent,
            sums.shown,
            sums.valued,
            sums.low_least,
            sums.high_most,
            (sums.low_least < sums.low_most) | (sums.high_least < sums.high_most),
            weighted,
        )

    @property
    def effective(self) -> Floats:
        """How many answers with equal weights the weighted ones are worth (Kish 1965)."""
        if self.weighted is None:
            return self.n
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.weighted.weight**2 / self.weighted.weight2

    def reweighted(self, statistic: str) -> "Votes":
        """The same with weighted mean and variance.

        Of a ``mean`` the variance is such that the t interval on n - 1 degrees of freedom has the
        linearised variance of a weighted mean, n / (n - 1) · sum w² (v - mean)² / (sum w)². It
        takes the weights for given, which is cautious: margins that the answers were fitted to
        take some of the chance away.
        """
        if self.weighted is None:
            return self
        sums = self.weighted
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = sums.votes / sums.weight
            square = sums.squares / sums.weight
            variance = square - mean**2
            if statistic in ("mean", "gap"):
                around = sums.squares2 - 2 * mean * sums.votes2 + mean**2 * sums.weight2
                variance = self.n * np.maximum(around, 0.0) / sums.weight**2
        variance = np.where(variance <= ALIKE**2 * square, 0.0, variance)
        return replace(self, mean=mean, variance=variance)


def estimate_ratings(kpi: Kpi, votes: Votes) -> Estimates:
    """The KPI's statistic in every cell: its value, interval and what stands in their way."""
    estimate = ESTIMATES[kpi.statistic]
    found = estimate(kpi, votes.reweighted(kpi.statistic))
    if votes.weighted is not None:
        points = 100.0 if kpi.statistic == "net_score" else 1.0
        _tell_unweighted(found, votes.n > 0, points * votes.mean)
    found.n[...] = votes.n
    found.n_eligible[...] = votes.shown
    _withdraw(kpi, votes, found)
    return found


def worth(share: Floats, variance: Floats, n: Floats, independent: Floats) -> Floats:
    """How many independent answers a mean of customers' shares is worth (its effective n).

    The n at which share (1 - share) / n is the observed variance of the mean, but not above
    ``independent``; made smaller by (z / t)² with n - 1 degrees of freedom, because that variance
    is itself an estimate (Korn and Graubard 1998), but never below the number of customers: that
    is what it is where every customer's share is 0 or 1, the largest variance there can be.

    Parameters
    ----------
    share, variance, n, independent : array
        Mean of the shares, their variance (divisor n), the customers, and see ``Votes``.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        few = (Z / stdtrit(n - 1, 0.5 + CI_LEVEL / 2)) ** 2 * (n - 1) / n
        observed = np.where(variance > 0, n * share * (1 - share) / variance, np.inf)
        found = np.maximum(n, np.minimum(independent, observed) * few)
    return np.where((n <= 1) | (share == 0) | (share == 1), n, found)


def _mean(kpi: Kpi, votes: Votes) -> Estimates:
    found = Estimates.blank(votes.n.shape)
    n, on_scale = votes.n, kpi.interval == RULE
    spreads = (n > 1) & (votes.variance > 0)
    given = n > 1 if on_scale else spreads
    with np.errstate(invalid="ignore", divide="ignore"):
        # The spread is that of the sample (divisor n - 1); it stays when n is imagined larger.
        spread = np.where(given, votes.variance * n / (n - 1), np.nan)
        if on_scale:
            low, high = quasi_binomial(votes.mean, votes.variance, n, votes.low, votes.high)
        else:
            low, high = student_t(votes.mean, votes.variance, n)
    found.value[...] = votes.mean
    found.low[...], found.high[...] = np.where(given, low, np.nan), np.where(given, high, np.nan)
    found.std_error[...] = np.sqrt(np.where(spreads, spread, np.nan) / np.maximum(n, 1))
    found.ci_method[given] = kpi.interval + ("" if votes.weighted is None else "_linearised")
    found.effective_n[...] = votes.effective
    _without_spread(kpi, votes, found, ~given)
    resized: Resized = ResizedMean(votes.mean, spread)
    if on_scale:
        resized = ResizedScaleMean(votes.mean, spread, votes.low, votes.high)
    return replace(found, resized=resized)


def _top_box(kpi: Kpi, votes: Votes) -> Estimates:
    found = Estimates.blank(votes.n.shape)
    by_customer = kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER
    effective = (
        worth(votes.mean, votes.variance, votes.n, votes.independent)
        if by_customer
        else votes.effective
    )
    low, high = wilson(votes.mean, effective)
    with np.errstate(invalid="ignore", divide="ignore"):
        error, factor = np.sqrt(votes.mean * (1 - votes.mean) / effective), effective / votes.n
    found.value[...], found.low[...], found.high[...] = votes.mean, low, high
    found.std_error[...], found.effective_n[...] = error, effective
    found.ci_method[...] = np.where(effective == votes.n, "wilson", "wilson_effective_n")
    return replace(found, resized=ResizedShare(votes.mean, factor))


def _net_score(kpi: Kpi, votes: Votes) -> Estimates:
    found = Estimates.blank(votes.n.shape)
    several, effective = votes.n > 1, votes.effective
    low, high, error = adjusted_wald(votes.mean, votes.variance, effective)
    found.value[...], found.effective_n[...] = 100 * votes.mean, effective
    found.low[...], found.high[...] = (
        np.where(several, low, np.nan),
        np.where(several, high, np.nan),
    )
    found.std_error[...] = np.where(several, error, np.nan)
    found.ci_method[several] = (
        "adjusted_wald" if votes.weighted is None else "adjusted_wald_effective_n"
    )
    _without_spread(kpi, votes, found, ~several)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = effective / votes.n
    return replace(found, resized=ResizedNetScore(votes.mean, votes.variance, factor))


# A gap is the mean of differences, one of each respondent: its t interval is the paired one.
ESTIMATES = {"mean": _mean, "gap": _mean, "top_box": _top_box, "net_score": _net_score}


def _tell_unweighted(found: Estimates, cells: Mask, value: Floats) -> None:
    """The unweighted figure stays beside the weighted one."""
    found.reason[cells] = [
        f"{reason} Weighted; unweighted it is {one:.6g}.".strip()
        for reason, one in zip(found.reason[cells], value[cells].tolist(), strict=True)
    ]


def _without_spread(kpi: Kpi, votes: Votes, found: Estimates, cells: Mask) -> None:
    """A value without an interval: one vote, or votes that are all the same, show no spread."""
    by_customer = kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER
    for n in np.unique(votes.n[cells & (votes.n > 0)]):
        if n == 1:
            told = "One customer has" if by_customer else "One answer has"
        elif by_customer:
            told = f"The means of all {int(n)} customers are the same; they have"
        else:
            told = f"All {int(n)} answers are the same; they have"
        found.reason[cells & (votes.n == n)] = f"{told} no spread, so there is no interval."


def _withdraw(kpi: Kpi, votes: Votes, found: Estimates) -> None:
    """Take the statistic away where there is no answer, or scales do not fit; say why."""
    silent = votes.valued == 0
    found.n[silent] = 0
    _take_away(found, silent, "There is no answer: nobody has answered yet.")
    for shown in np.unique(votes.shown[silent & (votes.shown > 0)]):
        told = f"none of the {int(shown)} who were shown it answered"
        found.reason[silent & (votes.shown == shown)] = f"There is no answer: {told}."
    mixed = ~silent & votes.mixed
    _take_away(
        found,
        mixed,
        "The answers are on different scales, which are never pooled. "
        "Name in the KPI's source the versions that share a scale.",
    )
    answered = ~silent & ~mixed
    for low, high in {
        *zip(votes.low[answered].tolist(), votes.high[answered].tolist(), strict=True)
    }:
        if trouble := _off_scale(kpi, (low, high)):
            _take_away(found, answered & (votes.low == low) & (votes.high == high), trouble)


def _take_away(found: Estimates, cells: Mask, reason: str) -> None:
    for column in (found.value, found.low, found.high, found.std_error, found.effective_n):
        column[cells] = np.nan
    found.ci_method[cells] = ""
    found.reason[cells] = reason


def _off_scale(kpi: Kpi, scale: tuple[float, float]) -> str:
    """What is wrong with the KPI's cuts on the scale that was answered on; '' if nothing is."""
    lowest, highest = scale
    if kpi.statistic == "net_score" and kpi.promoters_from is None and scale != NET_SCALE:
        return (
            f"The scale is {lowest:g} to {highest:g}. Give the KPI its own promoters_from and "
            "detractors_to; 9 and 6 belong to a scale of 0 to 10."
        )
    for name in ("cut", "promoters_from", "detractors_to"):
        value = getattr(kpi, name)
        if value is not None and not lowest <= value <= highest:
            words = f"The scale is {lowest:g} to {highest:g}, and {name} {value:g} is not on it."
            return f"{words} Correct the KPI."
    return ""
