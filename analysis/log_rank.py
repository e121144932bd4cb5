"""Whether groups of visits reach a milestone equally soon: the log-rank test and Gray's test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from analysis.estimate import Integers
from analysis.interval import Floats
from analysis.risk_tables import RiskTable, quotient
from analysis.survival_curves import (
    SAME,
    cumulative_incidence,
    just_before,
    kaplan_meier,
    shares_before,
)

# An eigenvalue of a covariance below this share of the largest is 0 but for rounding.
RANK = 1e-10


@dataclass(frozen=True)
class GroupTest:
    """A test that groups do not differ, for one comparison or many.

    Attributes
    ----------
    observed, expected : array (..., groups)
        Visits of each group that reached the milestone, and how many would have reached it if the
        groups did not differ.
    covariance : array (..., groups, groups)
        Of the differences between the two.
    statistic : array (...)
        The differences, squared and weighed by the inverse of their covariance; NaN where there is
        nothing to compare.
    df : array (...)
        Its degrees of freedom: groups - 1 where all are at risk together, 0 where none are.
    p : array (...)
        The chance of a statistic as large, chi-squared.
    """

    observed: Floats
    expected: Floats
    covariance: Floats
    statistic: Floats
    df: Integers
    p: Floats

    def over_strata(self) -> GroupTest:
        """The test stratified by the axis before the groups: differences and covariances add up.

        Returns
        -------
        GroupTest
            With one axis less.

        Examples
        --------
        Two strata; in both the first group is quicker.

        >>> time = np.array([[[1.0, 2.0], [1.0, 2.0]]] * 2)
        >>> reached = np.array([[[1.0, 0.0], [0.0, 1.0]]] * 2)
        >>> table = RiskTable.count(time, reached, 0 * time, 0 * time)
        >>> log_rank(table).statistic.round(4).tolist()
        [1.0, 1.0]
        >>> round(float(log_rank(table).over_strata().statistic), 4)
        2.0
        """
        return _tested(
            self.observed.sum(axis=-2), self.expected.sum(axis=-2), self.covariance.sum(axis=-3)
        )


def log_rank(table: RiskTable) -> GroupTest:
    """Test whether groups reach the milestone at equal rates (Mantel 1966; Peto and Peto 1972).

    At each time the visits that reached it are expected to fall on the groups as those at risk do;
    their covariance is the hypergeometric one. Visits that ended otherwise are at risk no longer:
    what is compared is the rate among those who still wait, whereas ``gray_test`` compares the
    shares that reach the milestone.

    Parameters
    ----------
    table : RiskTable
        Of shape (..., groups, T), the groups of a comparison at the same times, as ``by_group``
        gives it.

    Returns
    -------
    GroupTest
        With a test for each entry of the leading axes. ``over_strata`` makes one of the last of
        them.

    Raises
    ------
    ValueError
        If there is no axis of groups, or the groups have different times.

    Examples
    --------
    >>> group, time, one = np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4)
    >>> tables = RiskTable.by_group(0 * group, group, time, one, 0 * one, 0 * one, 1, 2)
    >>> found = log_rank(tables[0][1])
    >>> found.expected.round(4).tolist(), found.statistic.round(4).tolist(), found.df.tolist()
    ([[0.8333, 3.1667]], [2.8824], [1])
    """
    _check_groups(table)
    at_risk, reached = table.at_risk.sum(axis=-2), table.reached.sum(axis=-2)
    share = quotient(table.at_risk, at_risk[..., np.newaxis, :])
    spread = quotient(reached * (at_risk - reached), at_risk - 1)
    weighed = share * spread[..., np.newaxis, :]
    own = weighed.sum(axis=-1, keepdims=True) * np.eye(share.shape[-2])
    return _tested(
        table.reached.sum(axis=-1),
        (share * reached[..., np.newaxis, :]).sum(axis=-1),
        own - weighed @ np.swapaxes(share, -1, -2),
    )


def gray_test(table: RiskTable) -> GroupTest:
    """Test whether the same share of each group reaches the milestone, where other ends compete.

    A visit that ended otherwise stays among those who have not reached it: at risk in a group are
    at risk / S(before) (1 - F(before)), with S the curve of all ends and F the cumulative incidence
    of the group (Gray 1988, with rho = 0). The covariance is Gray's: with the incidence F0 that
    the groups would have in common, each visit that ends moves the difference of its own group and,
    by way of the estimated curves, all that follow.

    Parameters
    ----------
    table : RiskTable
        Of shape (..., groups, T), the groups of a comparison at the same times, as ``by_group``
        gives it. ``table.swapped()`` tests the other ends.

    Returns
    -------
    GroupTest
        As for ``log_rank``.

    Raises
    ------
    ValueError
        If there is no axis of groups, or the groups have different times.

    Examples
    --------
    Both groups end at once; in the first more are called back.

    >>> time, reached = np.ones((2, 1)), np.array([[2.0], [8.0]])
    >>> found = gray_test(RiskTable(time, 10 * time, reached, 10 - reached))
    >>> found.expected.tolist(), round(float(found.statistic), 4), round(float(found.p), 4)
    ([5.0, 5.0], 6.84, 0.0089)
    """
    _check_groups(table)
    alike = quotient(table.at_risk, shares_before(table))
    waiting = alike * (1 - just_before(cumulative_incidence(table).level, 0.0))
    reached = table.reached.sum(axis=-2)
    expected = quotient(reached, waiting.sum(axis=-2))[..., np.newaxis, :] * waiting
    common = np.cumsum(quotient(reached, alike.sum(axis=-2)), axis=-1)
    return _tested(
        table.reached.sum(axis=-1), expected.sum(axis=-1), _gray_covariance(table, alike, common)
    )


def _gray_covariance(table: RiskTable, alike: Floats, common: Floats) -> Floats:
    """Covariance of Gray's differences, array (..., groups, groups).

    Gray's (1988) variance of a sum over the ends in each group k. With r_k the visits at risk by
    the share of them that has not ended, R their sum over the groups and F0 the common incidence,
    a visit that reaches the milestone at t moves the difference of group i by
    a_ik + (1 - l_k) (c_ik(end) - c_ik(t)), and one that ends otherwise by
    l_k (c_ik(end) - c_ik(t)), both over r_k, where a_ik = r_k (1{i = k} - r_i / R),
    c_ik(t) = sum of a_ik dF0 / (1 - F0(before)) and l_k = (1 - F0) / S_k. The groups share those
    who reach it as r does; the visits that end at one time are drawn without replacement.
    """
    reached, total = table.reached.sum(axis=-2), alike.sum(axis=-2)
    before, after = shares_before(table), kaplan_meier(table).level
    share = quotient(alike, total[..., np.newaxis, :])
    own = np.eye(alike.shape[-2])[..., np.newaxis]
    moved = alike[..., np.newaxis, :, :] * (own - share[..., :, np.newaxis, :])
    pending = 1 - just_before(common, 0.0)
    # Small groups, each at risk when the others have ended, can bring F0 to 1 too early.
    rate = np.where(pending > SAME, quotient(reached, total * pending), np.nan)
    rate = np.where(reached > 0, rate, 0.0)[..., np.newaxis, np.newaxis, :]
    carried = np.cumsum(moved * rate, axis=-1)
    ahead = carried[..., -1:] - carried
    left = quotient(1 - common[..., np.newaxis, :], after)
    by_group = left[..., np.newaxis, :, :]
    reached, total = reached[..., np.newaxis, :], total[..., np.newaxis, :]
    reaching = quotient(reached * _untied(reached, total * before), total * alike)
    ending = quotient(table.competing * _untied(table.competing, table.at_risk), alike**2)
    return _products(moved + (1 - by_group) * ahead, reaching) + _products(by_group * ahead, ending)


def _products(moves: Floats, weights: Floats) -> Floats:
    """Weighed products of two groups' moves (..., group, k, T), summed over the last two axes."""
    moves = moves.reshape(*moves.shape[:-2], -1)
    weights = weights.reshape(*weights.shape[:-2], 1, -1)
    return (moves * weights) @ np.swapaxes(moves, -1, -2)


def _untied(ended: Floats, pool: Floats) -> Floats:
    """By how much drawing without replacement lessens the variance of those ended at one time."""
    return 1 - quotient(ended - 1, pool - 1)


def _tested(observed: Floats, expected: Floats, covariance: Floats) -> GroupTest:
    """The test by the differences that the covariance leaves free: their sum is always 0."""
    is_sound = np.isfinite(covariance).all(axis=(-2, -1), keepdims=True)
    values, vectors = np.linalg.eigh(np.where(is_sound, covariance, 0.0))
    least = RANK * np.maximum(values.max(axis=-1, keepdims=True), 1.0)
    # Gray's estimate for tiny groups may come out as no covariance at all: some variance below 0.
    kept = (values > least) & (values >= -least).all(axis=-1, keepdims=True)
    along = ((observed - expected)[..., np.newaxis, :] @ vectors)[..., 0, :]
    squares = quotient(along**2, np.where(kept, values, 0.0))
    df = kept.sum(axis=-1)
    statistic = np.where(df > 0, squares.sum(axis=-1), np.nan)
    return GroupTest(observed, expected, covariance, statistic, df, chdtrc(df, statistic))


def _check_groups(table: RiskTable) -> None:
    if table.time.ndim < 2 or not (table.time == table.time[..., :1, :]).all():
        raise ValueError(
            "Groups stand on the axis before time and share their times; RiskTable.by_group "
            "makes such a table."
        )
