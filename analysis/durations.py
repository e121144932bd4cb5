"""The median time to a milestone when some visits are open, called back or left.

Open visits are censored. Called back and left are competing events: such a visit will never reach
the milestone, so it stays in the denominator for ever.
"""

from dataclasses import dataclass

import numpy as np

from analysis.cells import Tally
from analysis.estimate import Estimate, Z, wilson
from analysis.interval import Floats

# Two curve values closer than this are the same; sums of many steps leave an error far below it.
SAME = 1e-10


@dataclass(frozen=True)
class RiskTable:
    """At each time (seconds, rising): visits still at risk just before it, and what ended then."""

    time: Floats
    at_risk: Floats
    reached: Floats
    competing: Floats

    @classmethod
    def count(
        cls, time: Floats, reached: Floats, competing: Floats, censored: Floats
    ) -> "RiskTable":
        """From the counts of every distinct time; who is censored at a time was at risk then."""
        gone = reached + competing + censored
        at_risk = gone.sum() - np.concatenate([[0.0], np.cumsum(gone)[:-1]])
        return cls(time, at_risk, reached, competing)


@dataclass(frozen=True)
class Curve:
    """A step function of time: ``level`` from each time on, with its ``variance``."""

    time: Floats
    level: Floats
    variance: Floats


def kaplan_meier(table: RiskTable) -> Curve:
    """Kaplan and Meier's (1958) share not yet ended by any event, with Greenwood's variance."""
    ended = table.reached + table.competing
    level = _surviving(ended, table.at_risk)
    left = table.at_risk - ended
    hazard = np.cumsum(_ratio(ended, table.at_risk * left))
    # Where nobody is left the level is 0 and its variance unknown.
    variance = np.full_like(level, np.nan)
    np.multiply(level**2, hazard, out=variance, where=left > 0)
    return Curve(table.time, level, variance)


def cumulative_incidence(table: RiskTable) -> Curve:
    """The share that has reached the milestone (Aalen-Johansen), with its variance.

    F(t) = sum of S(before) reached / at risk. The variance is the delta method's with the events
    of one time multinomial, which equals the infinitesimal jackknife's, and Greenwood's where
    nothing competes. With S the curve of all events and a = events / (at risk (at risk - events)):
    sum of (F(t) - F)^2 a + S^2 reached (at risk - reached) / at risk^3
    - 2 (F(t) - F) S reached / at risk^2.
    """
    ended = table.reached + table.competing
    survival = _surviving(ended, table.at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    level = np.cumsum(before * table.reached / table.at_risk)
    # Once the last visit has ended nothing follows, so that term would meet F(t) - F = 0.
    hazard = _ratio(ended, table.at_risk * (table.at_risk - ended))
    joint = before * table.reached / table.at_risk**2
    own = before**2 * table.reached * (table.at_risk - table.reached) / table.at_risk**3
    variance = (
        level**2 * np.cumsum(hazard)
        - 2 * level * np.cumsum(hazard * level + joint)
        + np.cumsum(hazard * level**2 + own + 2 * level * joint)
    )
    return Curve(table.time, level, np.maximum(variance, 0.0))


def _surviving(ended: Floats, at_risk: Floats) -> Floats:
    """The product of the shares that lived through each time."""
    return np.cumprod(1 - ended / at_risk).astype(np.float64, copy=False)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Quotients, 0 where the divisor is 0."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def not_reached(table: RiskTable) -> Curve:
    """The share that has not reached the milestone: Kaplan-Meier where no events compete."""
    if not table.competing.any():
        return kaplan_meier(table)
    incidence = cumulative_incidence(table)
    return Curve(table.time, 1 - incidence.level, incidence.variance)


def log_log_limits(curve: Curve) -> tuple[Floats, Floats]:
    """Pointwise limits of a curve on the scale log(-log level).

    They equal the curve while it is 1 and are NaN where it is 0, which has no such limits.
    """
    inside = (curve.level > 0) & (curve.level < 1)
    level = np.where(inside, curve.level, 0.5)
    error = np.sqrt(np.where(inside, curve.variance, 0.0)) / (level * np.abs(np.log(level)))
    undefined = np.where(curve.level >= 1, curve.level, np.nan)
    low = np.where(inside, level ** np.exp(Z * error), undefined)
    high = np.where(inside, level ** np.exp(-Z * error), undefined)
    return low, high


def time_at_half(time: Floats, level: Floats) -> float | None:
    """The first time at which a falling curve is 0.5 or less; None if it never is.

    Where the curve equals 0.5 until its next step down, the middle between the two times. Without
    another step it is the first time: half have reached it, and nobody knows of more.
    """
    reached = np.flatnonzero(level <= 0.5 + SAME)
    if not reached.size:
        return None
    first = reached[0]
    if level[first] < 0.5 - SAME:
        return float(time[first])
    below = np.flatnonzero(level < 0.5 - SAME)
    end = time[below[0]] if below.size else time[first]
    return float((time[first] + end) / 2)


def estimate_durations(tally: Tally) -> list[Estimate]:
    """The median time to the milestone in every scope, in seconds."""
    return [_median(tally.only(tally.cell(scope))) for scope in range(tally.scopes)]


def _median(cell: Tally) -> Estimate:
    """Median with Brookmeyer and Crowley's (1982) interval: times whose limits hold one half."""
    reached, censored = cell.floats("reached"), cell.floats("open")
    competing = cell.floats("called_back") + cell.floats("left")
    n, n_censored = int((reached + competing + censored).sum()), int(censored.sum())
    if n == 0:
        return Estimate(n=0, n_censored=0, reason="There is no visit.")
    table = RiskTable.count(cell.floats("seconds"), reached, competing, censored)
    curve = not_reached(table)
    lower, upper = log_log_limits(curve)
    value = time_at_half(curve.time, curve.level)
    low, high = time_at_half(curve.time, lower), time_at_half(curve.time, upper)
    method = "aalen_johansen_log_log" if competing.any() else "kaplan_meier_log_log"
    never, reason = False, ""
    if value is None:
        visits = "visit" if n == 1 else "visits"
        reason = (
            f"Of {n} {visits} {int(reached.sum())} reached it, {int(competing.sum())} ended before "
            f"and {n_censored} are open; the median lies beyond the times observed."
        )
        never = is_out_of_reach(table)
        if low is None:
            low = last_excluded(table, curve)
        if not reached.any():
            method = "wilson_none_reached"
    elif low is None and high is None:
        reason = "It was reached at too few different times for an interval."
    return Estimate(
        n=n,
        value=value,
        low=None if never else low,
        high=high,
        ci_method="" if low is None and high is None and not never else method,
        n_eligible=n,
        n_censored=n_censored,
        effective_n=float(n),
        beyond=value is None,
        never=never,
        reason=reason,
    )


def effective_visits(table: RiskTable) -> Floats:
    """How many visits a curve rests on at each time: at risk / share of all not yet ended.

    All of them as long as none is censored, and fewer with each that is: the effective sample size
    of Dorey and Korn (1987).
    """
    survival = _surviving(table.reached + table.competing, table.at_risk)
    visits: Floats = table.at_risk / np.concatenate([[1.0], survival[:-1]])
    return visits


def last_excluded(table: RiskTable, curve: Curve) -> float | None:
    """Until when the median is excluded where the limits of the curve never fall to one half.

    After the last visit that reached the milestone the curve is level, and its variance grows as
    the effective number of visits shrinks. Before anybody has reached it the curve has no limits on
    the log-log scale; in their place stands Wilson's upper limit of 0 of n, z^2 / (n + z^2).
    """
    visits = effective_visits(table)
    reached = np.flatnonzero(table.reached)
    if not reached.size:
        excluded = Z**2 / (visits + Z**2) < 0.5
    else:
        last = reached[-1]
        level = np.full_like(visits, curve.level[last])
        tail = Curve(curve.time, level, curve.variance[last] * visits[last] / visits)
        excluded = log_log_limits(tail)[0] > 0.5
        excluded[: last + 1] = True
    until = np.flatnonzero(excluded)
    return float(curve.time[until[-1]]) if until.size else None


def is_out_of_reach(table: RiskTable) -> bool:
    """Whether more than half end before the milestone, so that its median never comes.

    The share that has ended otherwise (Aalen-Johansen) has Wilson's limits, on the effective number
    of visits at the last such end. Open visits may still reach it; they are on neither side.
    """
    others = np.flatnonzero(table.competing)
    if not others.size:
        return False
    swapped = RiskTable(table.time, table.at_risk, table.competing, table.reached)
    share = min(1.0, float(cumulative_incidence(swapped).level[others[-1]]))
    return wilson(share, float(effective_visits(table)[others[-1]]))[0] > 0.5
