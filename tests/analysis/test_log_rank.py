"""Tests of groups: against scipy, against sums in plain Python, and under no difference."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from analysis.cell_buckets import in_cell_order
from analysis.log_rank import gray_test, log_rank
from analysis.risk_tables import RiskTable
from tests.analysis.visiting import rows_of, same, visits

TWO = st.lists(visits(least=1), min_size=2, max_size=2)
THREE = st.lists(visits(most=12), min_size=3, max_size=3)
CELLS = st.lists(THREE, min_size=1, max_size=4)
TESTS = pytest.mark.parametrize("test", [log_rank, gray_test])


def tables_of(cells):
    """The tables of cells, each a list of groups, each a list of visits."""
    rows = [rows_of(groups) for groups in cells]
    cell = np.repeat(np.arange(len(cells)), [len(one[0]) for one in rows])
    columns = [np.concatenate(column) for column in zip(*rows, strict=True)]
    return RiskTable.by_group(cell, *columns, cells=len(cells), groups=len(cells[0]))


def alone(test, groups):
    """The test of one comparison, without an axis of cells."""
    [(_, table)] = tables_of([groups])
    return test(RiskTable(table.time[0], table.at_risk[0], table.reached[0], table.competing[0]))


def statistic_of(differences, covariance):
    """The quadratic form of all groups but the last, which the others determine."""
    kept = np.array(covariance)[:-1, :-1]
    return float(differences[:-1] @ np.linalg.solve(kept, differences[:-1]))


def counted(groups):
    """For each time: of each group those at risk, those who reached it, and those ended else."""
    for moment in sorted({seconds for told in groups for seconds, _ in told}):
        yield (
            np.array([float(sum(seconds >= moment for seconds, _ in told)) for told in groups]),
            np.array([float(told.count((moment, "reached"))) for told in groups]),
            np.array([float(told.count((moment, "competing"))) for told in groups]),
        )


def plain_log_rank(groups):
    """Differences and covariance, summed time by time."""
    differences, covariance = np.zeros(len(groups)), np.zeros((len(groups),) * 2)
    for at_risk, reached, _ in counted(groups):
        n, d = at_risk.sum(), reached.sum()
        differences += reached - d * at_risk / n
        if n > 1:
            p = at_risk / n
            covariance += d * (n - d) / (n - 1) * (np.diag(p) - np.outer(p, p))
    return differences, covariance


def plain_gray(groups):
    """Gray's differences and covariance, time by time and group by group."""
    size = len(groups)
    pending, incidence, common = np.ones(size), np.zeros(size), 0.0
    carried, differences, steps = np.zeros((size, size)), np.zeros(size), []
    for n, reached, others in counted(groups):
        here, d = n > 0, reached.sum()
        r = np.where(here, n / np.where(here, pending, 1), 0)
        waiting = r * (1 - incidence)
        differences += reached - (d * waiting / waiting.sum() if d else 0)
        after = np.where(here, pending * (1 - (reached + others) / np.where(here, n, 1)), pending)
        incidence = incidence + np.where(here, pending * reached / np.where(here, n, 1), 0)
        moved = np.diag(r) - np.outer(r, r) / r.sum()
        if d:
            carried = carried + moved * d / r.sum() / (1 - common)
        common += d / r.sum()
        for k in np.flatnonzero(here):
            left = (1 - common) / after[k] if after[k] > 0 else 0.0
            if d:
                pool = r.sum() * pending[k]
                lessened = 1 - (d - 1) / (pool - 1) if d > 1 else 1
                steps.append(
                    (k, moved[:, k], 1 - left, carried[:, k], d / r.sum() / r[k] * lessened)
                )
            if others[k] and after[k] > 0:
                lessened = 1 - (others[k] - 1) / (n[k] - 1) if others[k] > 1 else 1
                steps.append((k, 0 * r, left, carried[:, k], others[k] / r[k] ** 2 * lessened))
        pending = after
    covariance = np.zeros((size, size))
    for k, moved, share, so_far, variance in steps:
        move = moved + share * (carried[:, k] - so_far)
        covariance += variance * np.outer(move, move)
    return differences, covariance


@settings(deadline=None)
@given(TWO)
def test_log_rank_of_two_groups_is_that_of_scipy(groups):
    assume(any(end == "reached" for told in groups for _, end in told))
    found = alone(log_rank, groups)
    assume(int(found.df) == 1)
    expected = scipy.stats.logrank(
        *(
            scipy.stats.CensoredData(
                [seconds for seconds, end in told if end == "reached"],
                right=[seconds for seconds, end in told if end != "reached"],
            )
            for told in groups
        )
    )
    assert float(found.statistic) == pytest.approx(expected.statistic**2, abs=1e-9)
    assert float(found.p) == pytest.approx(expected.pvalue, abs=1e-9)


@settings(deadline=None)
@given(THREE)
def test_log_rank_of_three_groups_is_the_sum_over_times(groups):
    found = alone(log_rank, groups)
    differences, covariance = plain_log_rank(groups)
    assert found.observed.tolist() == [sum(end == "reached" for _, end in told) for told in groups]
    assert same(found.observed - found.expected, differences)
    assert same(found.covariance, covariance)
    rank = np.linalg.matrix_rank(covariance, tol=1e-9, hermitian=True)
    assert int(found.df) == rank
    if rank == 2:
        statistic = statistic_of(differences, covariance)
        assert float(found.statistic) == pytest.approx(statistic, abs=1e-9)
        assert float(found.p) == pytest.approx(scipy.stats.chi2.sf(statistic, 2), abs=1e-9)
    elif rank == 0:
        assert math.isnan(found.statistic)
        assert math.isnan(found.p)


@settings(deadline=None)
@given(THREE)
@example([[(1.0, "reached")], [(1.0, "reached")], [(0.0, "reached"), (1.0, "reached")]])
def test_grays_test_of_three_groups_is_the_sum_over_times(groups):
    found = alone(gray_test, groups)
    try:
        with np.errstate(all="raise"):
            differences, covariance = plain_gray(groups)
    except (FloatingPointError, ZeroDivisionError):
        assume(False)
    assert same(found.observed - found.expected, differences)
    assume(np.isfinite(found.covariance).all())
    assert same(found.covariance, covariance, rel=1e-7)
    variances = np.linalg.eigvalsh(covariance)
    if (variances < -1e-6).any():
        # Of tiny groups the estimate may be no covariance: then nothing is tested.
        assert int(found.df) == 0
        assert math.isnan(found.p)
    elif (variances > 1e-6).sum() == 2:
        statistic = statistic_of(differences, covariance)
        assert int(found.df) == 2
        assert float(found.statistic) == pytest.approx(statistic, rel=1e-6)


@TESTS
@settings(deadline=None)
@given(cells=CELLS)
def test_many_comparisons_at_once_are_each_alone(test, cells):
    found = in_cell_order((numbers, test(table)) for numbers, table in tables_of(cells))
    for row, groups in enumerate(cells):
        expected = alone(test, groups)
        for name in ("observed", "expected", "covariance", "statistic", "df", "p"):
            assert same(getattr(found, name)[row], getattr(expected, name), rel=1e-7)


@TESTS
@settings(deadline=None)
@given(groups=TWO)
def test_the_order_of_the_groups_and_an_empty_one_change_nothing(test, groups):
    found = alone(test, groups)
    for others, place in ((groups[::-1], [1, 0]), ([groups[0], [], groups[1]], [0, 2])):
        again = alone(test, others)
        assert same(again.observed[place], found.observed)
        assert same(again.expected[place], found.expected)
        assert same(again.statistic, found.statistic, rel=1e-7)
        assert int(again.df) == int(found.df)


@settings(deadline=None)
@given(st.lists(visits("reached", "open", most=12), min_size=3, max_size=3))
def test_where_nothing_competes_grays_differences_are_those_of_the_log_rank_test(groups):
    assert same(alone(gray_test, groups).expected, alone(log_rank, groups).expected)


@settings(deadline=None)
@given(st.lists(visits("reached", "competing", least=1), min_size=2, max_size=2))
def test_as_long_as_none_is_censored_who_ended_otherwise_waits_for_ever(groups):
    groups = [[*told, (99.0, "open")] for told in groups]
    for_ever = [
        [(seconds, end) if end == "reached" else (99.0, "open") for seconds, end in told]
        for told in groups
    ]
    assert same(alone(gray_test, groups).expected, alone(log_rank, for_ever).expected)


def cell_of(groups):
    """One comparison by chance: groups of visits with the same three ends."""
    random = np.random.default_rng(7)
    cells = []
    for _ in range(groups):
        told = []
        for _ in range(3):
            reached, others, seen = random.exponential(10, 40), random.exponential(15, 40), 20.0
            first = np.minimum(np.minimum(reached, others), random.uniform(5, seen, 40)).round(1)
            ends = np.where(reached.round(1) == first, "reached", "open")
            ends = np.where((ends == "open") & (others.round(1) == first), "competing", ends)
            told.append([(float(one), str(end)) for one, end in zip(first, ends, strict=True)])
        cells.append(told)
    return cells


@TESTS
def test_of_groups_that_do_not_differ_one_in_twenty_is_found_to(test):
    cells = cell_of(400)
    found = in_cell_order((numbers, test(table)) for numbers, table in tables_of(cells))
    assert set(found.df.tolist()) == {2}
    # Chi-squared on 2: mean 2 with a standard error of 2 / 20; shares with one of 0.011.
    assert found.statistic.mean() == pytest.approx(2, abs=0.3)
    assert (found.p < 0.05).mean() == pytest.approx(0.05, abs=0.033)
    assert (found.p < 0.5).mean() == pytest.approx(0.5, abs=0.08)


def test_strata_add_up_and_a_difference_between_strata_is_none_between_groups():
    strata = cell_of(4)
    [(numbers, table)] = tables_of(strata)
    assert numbers.tolist() == [0, 1, 2, 3]
    for test, plain in ((log_rank, plain_log_rank), (gray_test, plain_gray)):
        found = test(table).over_strata()
        parts = [plain(groups) for groups in strata]
        differences = sum(one for one, _ in parts)
        assert same(found.observed - found.expected, differences)
        assert same(found.covariance, sum(one for _, one in parts))
        statistic = statistic_of(differences, sum(one for _, one in parts))
        assert float(found.statistic) == pytest.approx(statistic)
        assert float(found.p) == pytest.approx(scipy.stats.chi2.sf(statistic, 2))
        assert int(found.df) == 2
    # Two comparisons of two strata each, through the cells of one table.
    parts = ((rows, log_rank(part)) for rows, part in tables_of(strata))
    paired = in_cell_order(parts, (2, 2)).over_strata()
    assert paired.statistic.shape == (2,)
    assert same(paired.observed.sum(axis=0), log_rank(table).over_strata().observed)


@TESTS
@pytest.mark.parametrize(
    "groups",
    [
        [[], []],
        [[(5.0, "reached"), (7.0, "reached")], []],
        [[(5.0, "open")], [(7.0, "open")]],
        [[(5.0, "competing")], [(7.0, "competing")]],
        [[(5.0, "open")], [(7.0, "reached")]],
        [[(5.0, "reached")] * 3],
        [[(3.0, "reached"), (4.0, "competing"), (6.0, "reached"), (7.0, "reached")]],
    ],
)
def test_where_there_is_nothing_to_compare_there_is_no_statistic(test, groups):
    found = alone(test, groups)
    assert int(found.df) == 0
    assert math.isnan(found.statistic)
    assert math.isnan(found.p)


def test_all_that_end_at_once_have_nothing_to_tell_by_the_hypergeometric_variance():
    assert int(alone(log_rank, [[(5.0, "reached")] * 3, [(5.0, "reached")] * 2]).df) == 0


def test_large_groups_have_no_more_degrees_of_freedom_than_small_ones():
    time = np.array([[1.0, 2.0, 3.0]] * 3)
    reached = np.array([[3e6, 1e6, 0.0], [2e6, 2e6, 1.0], [1e6, 1e6, 1e6]])
    others = np.array([[1e5, 1e6, 0.0], [2e5, 1e6, 0.0], [1e6, 1e4, 1e6]])
    table = RiskTable.count(time, reached, others, reached + 1)
    assert [int(test(table).df) for test in (log_rank, gray_test)] == [2, 2]


def test_groups_one_after_the_other_are_beyond_grays_variance():
    # When the first has ended their common incidence is 3/5, then 11/10, and one is still to come.
    torn = [[(1.0, "reached")] * 3, [(2.0, "reached"), (3.0, "reached")], []]
    sound = [[(1.0, "reached"), (4.0, "open")], [(2.0, "competing"), (3.0, "reached")], []]
    [(_, table)] = tables_of([torn, sound])
    found = gray_test(table)
    assert np.isnan(found.covariance).any(axis=(1, 2)).tolist() == [True, False]
    assert np.isnan(found.statistic).tolist() == [True, False]
    assert found.df.tolist() == [0, 1]
    # Where nobody reaches it after that, the variance is not concerned.
    assert int(alone(gray_test, [torn[0], [(2.0, "reached"), (3.0, "open")]]).df) == 1


def test_a_common_incidence_of_1_at_the_last_end_is_no_trouble():
    groups = [[(1.0, "reached"), (2.0, "reached")], [(1.0, "reached"), (2.0, "reached")]]
    groups = [[*told, (1.0, "open")] for told in groups]
    found = alone(gray_test, groups)
    assert np.isfinite(found.covariance).all()
    assert float(found.statistic) == 0


def test_a_group_that_is_not_at_risk_does_not_warn_when_many_reach_it_at_once():
    # Of the first one ends and one is censored; its share 1/2 makes the other two 1 in its kind.
    groups = [[(1.0, "reached"), (2.0, "open")], [(3.0, "reached")] * 2]
    assert np.isfinite(alone(gray_test, groups).statistic)


@TESTS
def test_groups_need_an_axis_and_the_same_times(test):
    time, one = np.array([[1.0, 2.0], [1.0, 3.0]]), np.ones((2, 2))
    with pytest.raises(ValueError, match="share their times"):
        test(RiskTable.count(time, one, 0 * one, 0 * one))
    with pytest.raises(ValueError, match="axis before time"):
        test(RiskTable.count(time[0], one[0], 0 * one[0], 0 * one[0]))
