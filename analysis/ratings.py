"""Statistics of answers: mean, top box, net score, each with its interval, from counts.

Everything is computed from votes. With the answer as unit of analysis an answer casts one vote
(itself; 1 or 0; 1, 0 or -1); with the customer, the mean of the customer's votes is one vote.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtrit

from analysis.cells import Floats, Mask, Tally
from analysis.definitions import Kpi, UnitOfAnalysis
from analysis.estimate import CI_LEVEL, Estimate, Z, wilson
from analysis.votes import NET_SCALE, vote

# Votes closer together than this, relative to their mean, are the same but for rounding.
ALIKE = 1e-12


@dataclass(frozen=True)
class Votes:
    """The votes of every scope, summed up; arrays of one entry a scope.

    ``mean`` and ``variance`` (mean squared distance from it, divisor n) are NaN where n is 0.
    ``independent`` is the number of answers a mean of customers' shares would be worth if all
    answers were independent: n^2 / sum(1 / answers of a customer). Only those ``valued`` have an
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


def estimate_ratings(kpi: Kpi, tally: Tally) -> list[Estimate]:
    """The KPI's statistic in every scope."""
    votes = count_votes(kpi, tally)
    found = (_estimate(kpi, votes, scope) for scope in range(tally.scopes))
    return [replace(one, reason=f"{one.reason} {tally.note}".strip()) for one in found]


def count_votes(kpi: Kpi, tally: Tally) -> Votes:
    """Sum up a tally of answers or of customers, over all scopes at once."""
    count, value = tally.floats("count"), tally.floats("value")
    answered = ~np.isnan(value)
    if kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER:
        voted, shown = answered, np.ones_like(answered)
        cast, answers = np.where(voted, value, 0.0), tally.floats("answers")
        valued = ~np.isnan(tally.floats("scale_low"))
        most = "_most"
    else:
        missing = tally.texts("missing")
        voted = answered | np.isin(missing, kpi.in_denominator)
        shown = missing != "not_shown"
        cast = np.where(answered, vote(kpi, value, np.where), 0.0)
        answers, valued, most = np.ones_like(count), answered, ""
    with np.errstate(invalid="ignore", divide="ignore"):
        n = tally.sums(count, voted)
        mean = tally.sums(count * cast, voted) / n
        distance = cast - mean[tally.scope]
        variance = tally.sums(count * distance**2, voted) / n
        independent = n**2 / tally.sums(count / answers, voted)
    low, lowest = _ends(tally, "scale_low", most, valued)
    high, highest = _ends(tally, "scale_high", most, valued)
    return Votes(
        n,
        mean,
        variance,
        independent,
        shown=tally.sums(count, shown),
        valued=tally.sums(count, valued),
        low=low,
        high=highest,
        mixed=(low < lowest) | (high < highest),
    )


def _ends(tally: Tally, column: str, most: str, rows: Mask) -> tuple[Floats, Floats]:
    """The least of a column and the greatest of its fellow in every scope."""
    least, greatest = np.full(tally.scopes, np.inf), np.full(tally.scopes, -np.inf)
    np.minimum.at(least, tally.scope[rows], tally.floats(column)[rows])
    np.maximum.at(greatest, tally.scope[rows], tally.floats(column + most)[rows])
    return least, greatest


def student_t(mean: float, variance: float, n: float) -> tuple[float, float]:
    """Student's t interval of a mean; ``variance`` with the divisor n, n at least 2."""
    half = float(stdtrit(n - 1, 0.5 + CI_LEVEL / 2)) * math.sqrt(variance / (n - 1))
    return mean - half, mean + half


def adjusted_wald(mean: float, variance: float, n: float) -> tuple[float, float, float]:
    """Interval and standard error of a net score, 100 times a mean of votes from -1 to 1.

    Three imagined votes are added, 3/4 promoter, 3/4 detractor and 3/2 neither (Rocks 2016): with
    p and d the shares among the n + 3, the variance is 100^2 (p + d - (p - d)^2) / (n + 3), and
    the interval is centred on 100 (p - d). Written with moments it holds for votes between -1 and
    1 too, a customer's mean, where p + d is the mean square. The ends stay within -100 and 100.
    """
    enlarged = n + 3
    centre = n * mean / enlarged
    mean_square = (n * (variance + mean**2) + 1.5) / enlarged
    error = 100 * math.sqrt((mean_square - centre**2) / enlarged)
    low, high = 100 * centre - Z * error, 100 * centre + Z * error
    return max(-100.0, low), min(100.0, high), error


def worth(share: float, variance: float, n: float, independent: float) -> float:
    """How many independent answers a mean of customers' shares is worth (its effective n).

    The n at which share (1 - share) / n is the observed variance of the mean, but not above
    ``independent``; made smaller by (z / t)^2 with n - 1 degrees of freedom, because that variance
    is itself an estimate (Korn and Graubard 1998), but never below the number of customers: that
    is what it is where every customer's share is 0 or 1, the largest variance there can be.
    """
    if n == 1 or share in (0, 1):
        return n
    few = (Z / float(stdtrit(n - 1, 0.5 + CI_LEVEL / 2))) ** 2 * (n - 1) / n
    observed = n * share * (1 - share) / variance if variance else math.inf
    return max(n, min(independent, observed) * few)


def _estimate(kpi: Kpi, votes: Votes, scope: int) -> Estimate:
    n, shown = int(votes.n[scope]), int(votes.shown[scope])
    if votes.valued[scope] == 0:
        seen = (
            f"none of the {shown} who were shown it answered"
            if shown
            else "nobody has answered yet"
        )
        return Estimate(n=0, n_eligible=shown, reason=f"There is no answer: {seen}.")
    if votes.mixed[scope]:
        return Estimate(
            n=n,
            n_eligible=shown,
            reason="The answers are on different scales, which are never pooled. "
            "Name in the KPI's source the versions that share a scale.",
        )
    scale = (float(votes.low[scope]), float(votes.high[scope]))
    if trouble := _off_scale(kpi, scale):
        return Estimate(n=n, n_eligible=shown, reason=trouble)
    mean, variance = float(votes.mean[scope]), float(votes.variance[scope])
    if kpi.statistic == "mean":
        return _mean(kpi, mean, variance, n, shown)
    if kpi.statistic == "top_box":
        by_customer = kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER
        independent = float(votes.independent[scope])
        effective = worth(mean, variance, n, independent) if by_customer else float(n)
        return _top_box(mean, n, effective, shown)
    return _net_score(kpi, mean, variance, n, shown)


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


def _mean(kpi: Kpi, mean: float, variance: float, n: int, shown: int) -> Estimate:
    if n == 1 or variance <= (ALIKE * max(1.0, abs(mean))) ** 2:
        return _without_spread(kpi, mean, n, shown)
    # The spread is that of the sample (divisor n - 1); it stays when n is imagined larger.
    spread = variance * n / (n - 1)
    low, high = student_t(mean, variance, n)
    return Estimate(
        n=n,
        value=mean,
        low=low,
        high=high,
        std_error=math.sqrt(spread / n),
        ci_method="student_t",
        n_eligible=shown,
        effective_n=float(n),
        at_n=lambda size: student_t(mean, spread * (size - 1) / size, size),
    )


def _without_spread(kpi: Kpi, value: float, n: int, shown: int) -> Estimate:
    """A value without an interval: one vote, or votes that are all the same, show no spread."""
    if kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER:
        votes = (
            "One customer has"
            if n == 1
            else f"The means of all {n} customers are the same; they have"
        )
    else:
        votes = "One answer has" if n == 1 else f"All {n} answers are the same; they have"
    return Estimate(
        n=n,
        value=value,
        n_eligible=shown,
        effective_n=float(n),
        reason=f"{votes} no spread, so there is no interval.",
    )


def _top_box(share: float, n: int, effective: float, shown: int) -> Estimate:
    low, high = wilson(share, effective)
    return Estimate(
        n=n,
        value=share,
        low=low,
        high=high,
        std_error=math.sqrt(share * (1 - share) / effective),
        ci_method="wilson" if effective == n else "wilson_effective_n",
        n_eligible=shown,
        effective_n=effective,
        at_n=lambda size: wilson(share, size * effective / n),
    )


def _net_score(kpi: Kpi, mean: float, variance: float, n: int, shown: int) -> Estimate:
    if n == 1:
        return _without_spread(kpi, 100 * mean, n, shown)
    low, high, error = adjusted_wald(mean, variance, n)
    return Estimate(
        n=n,
        value=100 * mean,
        low=low,
        high=high,
        std_error=error,
        ci_method="adjusted_wald",
        n_eligible=shown,
        effective_n=float(n),
        at_n=lambda size: adjusted_wald(mean, variance, size)[:2],
    )
