"""The mean time to a milestone up to a horizon, and the difference of two such means."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import normal_quantile
from analysis.risk_tables import RiskTable, quotient
from analysis.survival_curves import shares_before


@dataclass(frozen=True)
class RestrictedMean:
    """The mean time without the milestone up to tau, for one cell or many.

    Attributes
    ----------
    tau : float
        The horizon, in seconds.
    value : array (...)
        Seconds, 0 to tau; NaN where it is not known.
    n, n_censored : array (...)
        Visits, and those of them that are still open.
    std_error : array (...)
        Of the value; NaN where the visits show no spread.
    reason : array (...)
        Why value or interval are absent, or nothing.
    """

    tau: float
    value: Floats
    n: Floats
    n_censored: Floats
    std_error: Floats
    reason: npt.NDArray[np.str_]

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Normal limits, kept within 0 and tau; NaN where there is no standard error.

        Parameters
        ----------
        level : float
            Nominal coverage.
        """
        return _normal(self.value, self.std_error, 0.0, self.tau, level)


@dataclass(frozen=True)
class RestrictedMeanDifference:
    """The first of two restricted means less the second, for one pair of cells or many.

    Attributes
    ----------
    tau : float
        The horizon of both, in seconds.
    value : array (...)
        Seconds; NaN where one of the two is not known.
    n, n_censored : array (...)
        Visits of both together, and those of them that are still open.
    std_error : array (...)
        Of the value; NaN where one of the two has none.
    p : array (...)
        Two-sided, of no difference; NaN where there is no standard error.
    """

    tau: float
    value: Floats
    n: Floats
    n_censored: Floats
    std_error: Floats
    p: Floats

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Normal limits, kept within -tau and tau; NaN where there is no standard error.

        Parameters
        ----------
        level : float
            Nominal coverage.
        """
        return _normal(self.value, self.std_error, -self.tau, self.tau, level)


def restricted_mean(table: RiskTable, tau: float) -> RestrictedMean:
    """The mean of the time to the milestone, or of tau if that is less.

    The area to tau under the share that has not reached the milestone. A visit that ended
    otherwise never reaches it and counts with the whole of tau; to have the time spent until any
    end, count every end as reached.

    The variance is Greenwood's carried through the area (Irwin 1949; Andersen 2013 where other
    ends compete): the sum over the times before tau of
    S(before)^2 reached competing (tau - t)^2 / at risk^3
    + (reached P^2 + competing L^2) / (at risk (at risk - ended)), where of the visits that go on
    after t, P is the area still to come and L what is left of (tau - t) beside it. Without other
    ends P is the area under the curve from t to tau.

    Where no visit was seen until tau while some were still pending, the mean is not known: the
    curve is not carried on.

    Parameters
    ----------
    table : RiskTable
        Of shape (..., T).
    tau : float
        The horizon, in seconds.

    Returns
    -------
    RestrictedMean
        With arrays of shape (...).

    Raises
    ------
    ValueError
        If tau is not positive and finite.

    Examples
    --------
    Finished after 10, 20 and 40 s, of which the last counts as 30: the mean is 20.

    >>> time, one = np.array([10.0, 20.0, 40.0]), np.ones(3)
    >>> found = restricted_mean(RiskTable.count(time, one, 0 * one, 0 * one), tau=30.0)
    >>> round(float(found.value), 4), round(float(found.std_error), 4)
    (20.0, 4.714)
    """
    if not (tau > 0 and math.isfinite(tau)):
        raise ValueError(f"tau, the horizon of a restricted mean, is positive, not {tau}.")
    at_risk, before = table.at_risk, shares_before(table)
    time = np.minimum(table.time, tau)
    left = tau - time
    # The share that each visit at risk stands for.
    each = quotient(before, at_risk)
    pending = _following(each * (at_risk - table.ended) * np.diff(time, append=tau))
    others, reached = each * table.competing * left, each * table.reached * left
    value = time[..., 0] + (pending + _following(others))[..., 0]
    to_come = pending + _following(others) - others
    beside = _following(reached) - reached
    going_on = at_risk * (at_risk - table.ended)
    within = each**2 * table.reached * table.competing * left**2
    across = table.reached * to_come**2 + table.competing * beside**2
    variance = (quotient(within, at_risk) + quotient(across, going_on)).sum(axis=-1)
    known = table.is_known_at(tau)
    spreads = known & (variance > 0)
    return RestrictedMean(
        tau,
        np.where(known, value, np.nan),
        table.n,
        table.n_censored,
        np.sqrt(np.where(spreads, variance, np.nan)),
        reason=np.select(
            [table.n == 0, ~known, ~spreads],
            [
                "There is no visit.",
                f"tau, {tau:.15g} s, lies beyond the times observed.",
                "The visits show no spread, so there is no interval.",
            ],
            "",
        ),
    )


def difference(first: RestrictedMean, second: RestrictedMean) -> RestrictedMeanDifference:
    """The first restricted mean less the second, of different visits (Royston and Parmar 2013).

    Parameters
    ----------
    first, second : RestrictedMean
        To the same tau, with arrays of one shape.

    Returns
    -------
    RestrictedMeanDifference
        The variances add up; p is the normal one.

    Raises
    ------
    ValueError
        If the horizons differ.

    Examples
    --------
    >>> time, one = np.array([10.0, 20.0]), np.ones(2)
    >>> quick = restricted_mean(RiskTable.count(time, one, 0 * one, 0 * one), tau=30.0)
    >>> slow = restricted_mean(RiskTable.count(time + 8, one, 0 * one, 0 * one), tau=30.0)
    >>> found = difference(slow, quick)
    >>> round(float(found.value), 4), round(float(found.std_error), 4), round(float(found.p), 4)
    (8.0, 5.0, 0.1096)
    """
    if first.tau != second.tau:
        raise ValueError(
            f"Restricted means to {first.tau:.15g} and to {second.tau:.15g} s do not compare; "
            "take one tau for both."
        )
    value = first.value - second.value
    std_error = np.hypot(first.std_error, second.std_error)
    return RestrictedMeanDifference(
        first.tau,
        value,
        first.n + second.n,
        first.n_censored + second.n_censored,
        std_error,
        p=2 * ndtr(-np.abs(value) / std_error),
    )


def _following(values: Floats) -> Floats:
    """The sum from each place on the last axis to its end."""
    return np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]


def _normal(value: Floats, error: Floats, least: float, most: float, level: float) -> Interval:
    half = normal_quantile(level) * error
    low, high = np.clip(value - half, least, most), np.clip(value + half, least, most)
    return Interval(low, high, level, "normal")
