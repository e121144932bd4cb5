"""The median time to a milestone and other quantiles, also where they were not reached."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analysis.estimate import Mask
from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.risk_tables import RiskTable, entry_at, last_place
from analysis.survival_curves import (
    Curve,
    cumulative_incidence,
    effective_visits,
    first_time_at,
    not_reached,
)
from analysis.survival_limits import (
    AALEN_JOHANSEN,
    KAPLAN_MEIER,
    NONE_REACHED,
    log_log_limits,
)
from analysis.wilson import wilson


@dataclass(frozen=True)
class Quantile:
    """The time by which a share of the visits has reached the milestone, for one cell or many.

    Attributes
    ----------
    p : float
        The share, 0.5 for the median.
    value : array (...)
        Seconds; NaN where the quantile was not reached, or there is no visit.
    n, n_censored : array (...)
        Visits, and those of them that are still open.
    beyond : array (...)
        Whether there are visits, but the quantile lies beyond the times observed.
    rule : array (...)
        Which limits the cell has: ``kaplan_meier_log_log``, ``aalen_johansen_log_log`` where other
        ends compete, ``wilson_none_reached`` where nobody has reached the milestone.
    table, curve : RiskTable, Curve
        What it is computed from: the counts, and the share that has not reached the milestone.
    """

    p: float
    value: Floats
    n: Floats
    n_censored: Floats
    beyond: Mask
    rule: npt.NDArray[np.str_]
    table: RiskTable = field(repr=False)
    curve: Curve = field(repr=False)

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Times whose log-log limits hold 1 - p (Brookmeyer and Crowley 1982).

        Where the quantile was not reached, the lower end is the last time until which it can be
        excluded: after the last visit that reached the milestone the curve is level, and its
        variance grows as the effective number of visits shrinks (Dorey and Korn 1987). Before
        anybody has reached it the curve has no log-log limits; in their place stands Wilson's limit
        of 0 of the effective number of visits.

        Parameters
        ----------
        level : float
            Nominal coverage.

        Returns
        -------
        Interval
            One end alone is NaN where the interval is open on that side. Both are where there is no
            interval, and where the whole of it lies beyond all times, see ``is_never``.
        """
        lower, upper = log_log_limits(self.curve.level, self.curve.variance, level)
        low = first_time_at(self.curve.time, lower, 1 - self.p)
        high = first_time_at(self.curve.time, upper, 1 - self.p)
        late = self.beyond & np.isnan(low)
        low = np.where(late, self._last_excluded(level), low)
        return Interval(np.where(self.is_never(level), np.nan, low), high, level, "log_log")

    def is_never(self, level: float = CI_LEVEL) -> Mask:
        """Whether so many end otherwise that the quantile never comes, however long one waits.

        More than 1 - p do, with the whole Wilson interval of their cumulative incidence on the
        effective number of visits at the last such end. Open visits may still reach the milestone;
        they are on neither side.
        """
        last = last_place(self.table.competing > 0)
        share = entry_at(cumulative_incidence(self.table.swapped()).level, last)
        visits = entry_at(effective_visits(self.table), last)
        return wilson(share, visits, level)[0] > 1 - self.p

    def _last_excluded(self, level: float) -> Floats:
        """Until when the quantile is excluded where the curve's limits never fall to 1 - p."""
        visits, steps = effective_visits(self.table), self.table.reached > 0
        last = last_place(steps)
        share, variance, then = (
            entry_at(one, last)[..., np.newaxis]
            for one in (self.curve.level, self.curve.variance, visits)
        )
        tail, _ = log_log_limits(share, variance * then / visits, level)
        none = wilson(1.0, visits, level)[0]
        excluded = np.where(steps.any(axis=-1, keepdims=True), tail, none) > 1 - self.p
        until = entry_at(self.table.time, last_place(excluded))
        return np.where(excluded.any(axis=-1), until, np.nan)


def quantile(table: RiskTable, p: float = 0.5) -> Quantile:
    """The first time at which the share that has not reached the milestone is 1 - p or less.

    Parameters
    ----------
    table : RiskTable
        Of shape (..., T).
    p : float
        The share that has reached it, between 0 and 1.

    Returns
    -------
    Quantile
        With arrays of shape (...). Where the curve equals 1 - p until its next step, the middle
        between the two times.

    Raises
    ------
    ValueError
        If p is not between 0 and 1.

    Examples
    --------
    Visits that reached it at 10, 30 and 40 s, and open ones after 20 and 50 s.

    >>> time = np.array([10.0, 20.0, 30.0, 40.0, 50.0])
    >>> reached = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    >>> median = quantile(RiskTable.count(time, reached, 0 * time, 1 - reached))
    >>> interval = median.interval()
    >>> float(median.value), float(interval.low), float(interval.high), str(median.rule)
    (40.0, 10.0, nan, 'kaplan_meier_log_log')
    """
    if not 0 < p < 1:
        raise ValueError(f"A quantile's share lies between 0 and 1, such as 0.5, not {p}.")
    curve = not_reached(table)
    value = first_time_at(curve.time, curve.level, 1 - p)
    is_reached = table.reached.any(axis=-1)
    return Quantile(
        p,
        value,
        table.n,
        table.n_censored,
        beyond=(table.n > 0) & np.isnan(value),
        rule=np.where(
            is_reached,
            np.where(table.competes, AALEN_JOHANSEN, KAPLAN_MEIER),
            NONE_REACHED,
        ),
        table=table,
        curve=curve,
    )
