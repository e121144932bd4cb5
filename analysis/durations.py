"""The median time to a milestone when some visits are open, called back or left.

Open visits are censored. Called back and left are competing events: such a visit will never reach
the milestone, so it stays in the denominator for ever.
"""

from dataclasses import dataclass

import numpy as np

from analysis.cells import Floats, Tally
from analysis.estimate import Estimate, Z

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
    if not reached.any():
        return _reached_by_none(table, n, n_censored)
    curve = not_reached(table)
    lower, upper = log_log_limits(curve)
    value = time_at_half(curve.time, curve.level)
    low, high = time_at_half(curve.time, lower), time_at_half(curve.time, upper)
    never, reason = False, ""
    if value is None:
        reason = _words_beyond(reached, competing, n, n_censored)
        if low is None:
            low, never = _beyond_the_last(curve, table, censored)
    elif low is None and high is None:
        reason = "It was reached at too few different times for an interval."
    method = "aalen_johansen_log_log" if competing.any() else "kaplan_meier_log_log"
    return Estimate(
        n=n,
        value=value,
        low=None if never else low,
        high=high,
        ci_method="" if low is None and high is None else method,
        n_eligible=n,
        n_censored=n_censored,
        effective_n=float(n),
        beyond=value is None,
        never=never,
        reason=reason,
    )


def _beyond_the_last(curve: Curve, table: RiskTable, censored: Floats) -> tuple[float, bool]:
    """Until when the median is excluded where even the lower limit never falls to one half.

    Gives the latest such time, and whether it is excluded for ever. After the last visit to reach
    the milestone the curve is level, but it rests on fewer visits with each that is censored: its
    variance grows as the number of those whose lot is known shrinks (the effective sample size of
    Dorey and Korn 1987). Who called back or left is known for ever.
    """
    last = int(np.flatnonzero(table.reached)[-1])
    left = table.at_risk[last] - table.reached[last] - censored[last] + table.competing[:last].sum()
    later = censored[last + 1 :]
    # One entry a time after the last, and one for ever.
    known = left - np.concatenate([[0.0], np.cumsum(later)])
    variance = np.full(len(known), np.inf)
    np.divide(curve.variance[last] * left, known, out=variance, where=known > 0)
    tail = Curve(known, np.full(len(known), curve.level[last]), variance)
    excluded = log_log_limits(tail)[0] > 0.5
    until = last + int(np.argmin(excluded[:-1])) if not excluded[:-1].all() else len(curve.time) - 1
    return float(curve.time[until]), bool(excluded[-1])


def _reached_by_none(table: RiskTable, n: int, n_censored: int) -> Estimate:
    """Nobody has reached it, and a curve without a step has no limits on the log-log scale.

    Of m visits whose lot at a time is known (seen until then, or ended before it) none had reached
    it: the share that has is at most Wilson's upper limit of 0 of m, z^2 / (m + z^2). As long as
    that is below one half the median is later.
    """
    censored = table.at_risk - np.append(table.at_risk[1:], 0.0) - table.competing
    known = n - np.concatenate([[0.0], np.cumsum(censored)[:-1]])
    excluded = np.flatnonzero(Z**2 / (known + Z**2) < 0.5)
    low = float(table.time[excluded[-1]]) if excluded.size else None
    ended = float(table.competing.sum())
    never = bool(Z**2 / (ended + Z**2) < 0.5)
    return Estimate(
        n=n,
        low=None if never else low,
        ci_method="wilson_none_reached" if never or low is not None else "",
        n_eligible=n,
        n_censored=n_censored,
        effective_n=float(n),
        beyond=True,
        never=never,
        reason=_words_beyond(table.reached, table.competing, n, n_censored),
    )


def _words_beyond(reached: Floats, competing: Floats, n: int, n_censored: int) -> str:
    visits = "visit" if n == 1 else "visits"
    return (
        f"Of {n} {visits} {int(reached.sum())} reached it, {int(competing.sum())} ended before "
        f"and {n_censored} are open; the median lies beyond the times observed."
    )
