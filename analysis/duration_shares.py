"""The share of visits that have reached a milestone, or have ended otherwise, within a time."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.risk_tables import RiskTable, entry_at, last_place
from analysis.survival_curves import (
    Curve,
    cumulative_incidence,
    effective_visits,
    kaplan_meier,
)
from analysis.survival_limits import (
    AALEN_JOHANSEN,
    ALL_REACHED,
    KAPLAN_MEIER,
    NONE_REACHED,
    log_log_limits,
)
from analysis.wilson import wilson


@dataclass(frozen=True)
class Share:
    """The share of the visits that reached the milestone within a time, for one cell or many.

    Attributes
    ----------
    within : float
        The time, in seconds.
    value : array (...)
        0 to 1; NaN where it is not known.
    n, n_censored : array (...)
        Visits, and those of them that are still open.
    effective_n : array (...)
        What the share rests on: the visits seen until then, by the share of all not yet ended.
    std_error : array (...)
        Of the value; NaN where that is 0, 1 or not known.
    rule : array (...)
        Which limits the cell has: ``kaplan_meier_log_log``, ``aalen_johansen_log_log`` where other
        ends compete, ``wilson_none_reached``, ``wilson_all_reached``, or none.
    reason : array (...)
        Why there is no value, or nothing.
    """

    within: float
    value: Floats
    n: Floats
    n_censored: Floats
    effective_n: Floats
    std_error: Floats
    rule: npt.NDArray[np.str_]
    reason: npt.NDArray[np.str_]

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Limits on the log-log scale.

        Of 1 - S on the curve S where nothing competes, and of a cumulative incidence on the
        incidence itself (Choudhury 2002). A share of none or of all has no such limits; in their
        place stand Wilson's of 0 or all of the effective number of visits.

        Parameters
        ----------
        level : float
            Nominal coverage.

        Returns
        -------
        Interval
            NaN where there is no value.
        """
        share, variance = self.value, self.std_error**2
        pending = log_log_limits(1 - share, variance, level)
        incidence = log_log_limits(share, variance, level)
        competes = self.rule == AALEN_JOHANSEN
        of_all = wilson(1.0, self.effective_n, level)[0]
        low = np.where(competes, incidence[0], 1 - pending[1])
        high = np.where(competes, incidence[1], 1 - pending[0])
        extreme = [self.rule == NONE_REACHED, self.rule == ALL_REACHED]
        return Interval(
            np.select(extreme, [0.0, of_all], low),
            np.select(extreme, [1 - of_all, 1.0], high),
            level,
            "log_log",
        )


def share_within(table: RiskTable, within: float) -> Share:
    """The share that has reached the milestone by a time.

    1 - S(t) of Kaplan and Meier (1958) where nothing competes, else the cumulative incidence of
    Aalen and Johansen (1978). Once no visit has been seen until the time while some were still
    pending, the share is not known: the curve's last level is not taken for it. Where every visit
    seen until then has ended, but not all visits, the variance is at least that of a share of the
    effective number of visits.

    Parameters
    ----------
    table : RiskTable
        Of shape (..., T). ``table.swapped()`` gives the share that ended otherwise; both shares
        and the share still pending add up to 1.
    within : float
        The time, in seconds; what happens at it is part of the share.

    Returns
    -------
    Share
        With arrays of shape (...).

    Raises
    ------
    ValueError
        If the time is negative or not finite.

    Examples
    --------
    Of five visits two are finished within a minute, one was called back, two go on.

    >>> time, none = np.array([20.0, 40.0, 50.0, 90.0]), np.zeros(4)
    >>> finished, called_back = none.copy(), none.copy()
    >>> finished[[0, 2]], called_back[1] = 1.0, 1.0
    >>> table = RiskTable.count(time, finished, called_back, np.array([0.0, 0.0, 0.0, 2.0]))
    >>> found = share_within(table, 60.0)
    >>> interval = found.interval()
    >>> [round(float(one), 4) for one in (found.value, interval.low, interval.high)]
    [0.4, 0.052, 0.7528]
    >>> float(share_within(table.swapped(), 60.0).value.round(4))
    0.2
    """
    if not (within >= 0 and math.isfinite(within)):
        raise ValueError(f"A time to finish within is finite and not negative, not {within}.")
    incidence, pending = cumulative_incidence(table), kaplan_meier(table)
    level = np.where(table.competes[..., np.newaxis], incidence.level, 1 - pending.level)
    share, variance = Curve(table.time, level, incidence.variance, start=0.0).at(within)
    known = table.is_known_at(within)
    value = np.where(known, share, np.nan)
    inside = (value > 0) & (value < 1)
    steps = (table.time < within).sum(axis=-1)
    place = np.minimum(steps, last_place(table.at_risk > 0))
    visits = np.where(known, entry_at(effective_visits(table), place), np.nan)
    # How the last visits end is how all end that were still pending then: certain to the curve,
    # whose variance grows no more, however few they were.
    emptied = pending.at(within)[0] == 0
    variance = np.where(emptied, np.maximum(variance, value * (1 - value) / visits), variance)
    return Share(
        within,
        value,
        table.n,
        table.n_censored,
        effective_n=visits,
        std_error=np.sqrt(np.where(inside, variance, np.nan)),
        rule=np.select(
            [~known, value == 0, value == 1, table.competes],
            ["", NONE_REACHED, ALL_REACHED, AALEN_JOHANSEN],
            KAPLAN_MEIER,
        ),
        reason=np.select(
            [table.n == 0, ~known],
            ["There is no visit.", f"No visit was seen as long as {within:.15g} s."],
            "",
        ),
    )
