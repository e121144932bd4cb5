"""Curves over time from risk tables, and their variances; cells on the leading axes.

Visits that end without the milestone stay in the denominator for ever: they compete with it.
"""

from dataclasses import dataclass

import numpy as np

from analysis.interval import Floats
from analysis.risk_tables import RiskTable, entry_at, quotient

# Two curve values closer than this are the same; sums of many steps leave an error far below it.
SAME = 1e-10


@dataclass(frozen=True)
class Curve:
    """A step function of time, for one cell or for many.

    Attributes
    ----------
    time : array (..., T)
        Seconds, rising along the last axis.
    level : array (..., T)
        The share from each time on until the next, 0 to 1.
    variance : array (..., T)
        Of the level; NaN where it is unknown.
    start : float
        The level before the first time.

    Examples
    --------
    >>> curve = Curve(np.array([10.0, 20.0]), np.array([0.8, 0.4]), np.array([0.04, 0.06]), 1.0)
    >>> [float(found) for found in curve.at(15.0)], [float(found) for found in curve.at(5.0)]
    ([0.8, 0.04], [1.0, 0.0])
    """

    time: Floats
    level: Floats
    variance: Floats
    start: float

    def at(self, time: float) -> tuple[Floats, Floats]:
        """Level and variance at a time, arrays (...); what happens at the time is part of it."""
        steps = (self.time <= time).sum(axis=-1)
        level = np.where(steps > 0, entry_at(self.level, steps - 1), self.start)
        return level, np.where(steps > 0, entry_at(self.variance, steps - 1), 0.0)


def kaplan_meier(table: RiskTable) -> Curve:
    """The share that has not yet ended in any way.

    S(t) is the product of 1 - ended / at risk over the times up to t (Kaplan and Meier 1958), with
    Greenwood's (1926) variance S^2 sum of ended / (at risk (at risk - ended)).

    Parameters
    ----------
    table : RiskTable
        Of shape (..., T). All its ends count; for the naive curve of the milestone, which takes
        the other ends for censoring, leave them out of ``competing``.

    Returns
    -------
    Curve
        Of the same shape. The variance is NaN where nobody is left.

    Examples
    --------
    >>> one = np.array([1.0, 1.0])
    >>> curve = kaplan_meier(RiskTable(np.array([3.0, 7.0]), np.array([4.0, 3.0]), one, 0 * one))
    >>> curve.level.tolist(), curve.variance.round(6).tolist()
    ([0.75, 0.5], [0.046875, 0.0625])
    """
    level = _surviving(table)
    hazard = np.cumsum(
        quotient(table.ended, table.at_risk * (table.at_risk - table.ended)), axis=-1
    )
    return Curve(table.time, level, np.where(level > 0, level**2 * hazard, np.nan), start=1.0)


def cumulative_incidence(table: RiskTable) -> Curve:
    """The share that has reached the milestone, where other ends compete.

    F(t) = sum of S(before) reached / at risk (Aalen and Johansen 1978). The variance is the delta
    method's with the events of one time multinomial, which equals the infinitesimal jackknife's,
    and Greenwood's where nothing competes. With S the curve of all ends and
    a = ended / (at risk (at risk - ended)): sum of (F(t) - F)^2 a
    + S(before)^2 reached (at risk - reached) / at risk^3
    - 2 (F(t) - F) S(before) reached / at risk^2.

    Parameters
    ----------
    table : RiskTable
        Of shape (..., T); ``table.swapped()`` gives the incidence of the other ends.

    Returns
    -------
    Curve
        Of the same shape.

    Examples
    --------
    Of four visits one is called back at 3 s, then one reaches the milestone.

    >>> called_back, reached = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    >>> table = RiskTable(np.array([3.0, 7.0]), np.array([4.0, 3.0]), reached, called_back)
    >>> cumulative_incidence(table).level.tolist()
    [0.0, 0.25]
    """
    at_risk, reached, before = table.at_risk, table.reached, shares_before(table)
    level = np.cumsum(quotient(before * reached, at_risk), axis=-1)
    # Once the last visit has ended nothing follows, so that term would meet F(t) - F = 0.
    hazard = quotient(table.ended, at_risk * (at_risk - table.ended))
    joint = quotient(before * reached, at_risk**2)
    own = quotient(before**2 * reached * (at_risk - reached), at_risk**3)
    variance = (
        level**2 * np.cumsum(hazard, axis=-1)
        - 2 * level * np.cumsum(hazard * level + joint, axis=-1)
        + np.cumsum(hazard * level**2 + own + 2 * level * joint, axis=-1)
    )
    return Curve(table.time, level, np.maximum(variance, 0.0), start=0.0)


def not_reached(table: RiskTable) -> Curve:
    """The share that has not reached the milestone.

    Kaplan-Meier in a cell where nothing competes, else 1 - cumulative incidence.

    Parameters
    ----------
    table : RiskTable
        Of shape (..., T).

    Returns
    -------
    Curve
        Of the same shape.

    Examples
    --------
    Of two visits one is called back at once and never reaches it.

    >>> one, none = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    >>> not_reached(RiskTable(np.array([3.0, 7.0]), one + 1, none, one)).level.tolist()
    [1.0, 0.5]
    """
    competes = table.competes[..., np.newaxis]
    pending, incidence = kaplan_meier(table), cumulative_incidence(table)
    return Curve(
        table.time,
        np.where(competes, 1 - incidence.level, pending.level),
        np.where(competes, incidence.variance, pending.variance),
        start=1.0,
    )


def shares_before(table: RiskTable) -> Floats:
    """The share that has not ended in any way just before each time; array (..., T).

    Examples
    --------
    >>> one = np.array([1.0, 1.0])
    >>> shares_before(RiskTable(np.array([3.0, 7.0]), 3 - one.cumsum(), one, 0 * one)).tolist()
    [1.0, 0.5]
    """
    return just_before(_surviving(table), 1.0)


def just_before(level: Floats, start: float) -> Floats:
    """What a curve that begins at ``start`` is just before each of its times; array (..., T).

    Examples
    --------
    >>> just_before(np.array([0.8, 0.4]), 1.0).tolist()
    [1.0, 0.8]
    """
    return np.concatenate([np.full_like(level[..., :1], start), level[..., :-1]], axis=-1)


def effective_visits(table: RiskTable) -> Floats:
    """How many visits a curve rests on at each time: at risk / share of all not yet ended.

    All of them as long as none is censored, and fewer with each that is: the effective sample size
    of Dorey and Korn (1987).

    Parameters
    ----------
    table : RiskTable
        Of shape (..., T).

    Returns
    -------
    array (..., T)
        NaN where nobody is at risk.

    Examples
    --------
    One of four visits reaches it at 3 s, another is censored at 5 s.

    >>> time, reached = np.array([3.0, 5.0, 7.0]), np.array([1.0, 0.0, 2.0])
    >>> table = RiskTable(time, np.array([4.0, 3.0, 2.0]), reached, 0 * time)
    >>> effective_visits(table).round(4).tolist()
    [4.0, 4.0, 2.6667]
    """
    visits = quotient(table.at_risk, shares_before(table))
    return np.where(table.at_risk > 0, visits, np.nan)


def first_time_at(time: Floats, level: Floats, share: float) -> Floats:
    """The first time at which falling curves are at a share or below.

    Where a curve equals the share until its next step down, the middle between the two times.
    Without another step it is the first time: that many have reached it, and nobody knows of more.

    Parameters
    ----------
    time, level : array (..., T)
        The curves; a level of NaN is neither above nor below.
    share : float
        What to come down to.

    Returns
    -------
    array (...)
        NaN where a curve never does.

    Examples
    --------
    >>> time = np.array([1.0, 2.0, 4.0])
    >>> [float(first_time_at(time, np.array([0.9, 0.5, 0.2]), share)) for share in (0.5, 0.4, 0.1)]
    [3.0, 4.0, nan]
    """
    reached, below = level <= share + SAME, level < share - SAME
    first = entry_at(time, np.argmax(reached, axis=-1))
    end = np.where(below.any(axis=-1), entry_at(time, np.argmax(below, axis=-1)), first)
    return np.where(reached.any(axis=-1), (first + end) / 2, np.nan)


def _surviving(table: RiskTable) -> Floats:
    """The product of the shares that lived through each time."""
    product: Floats = np.cumprod(
        1 - quotient(table.ended, table.at_risk), axis=-1, dtype=np.float64
    )
    return product
