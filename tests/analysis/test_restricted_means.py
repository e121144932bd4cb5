"""Restricted means: against the means of finished visits, the jackknife, and by hand."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.cell_buckets import in_cell_order
from analysis.restricted_means import difference, restricted_mean
from analysis.risk_tables import RiskTable
from tests.analysis.test_survival_curves import jackknife, weighed_incidence
from tests.analysis.visiting import one_cell, rows_of, same, table_of, visits

CELLS = st.lists(visits(), min_size=1, max_size=6)
HORIZONS = st.sampled_from([0.5, 3.0, 6.25, 12.0, 20.0])
NUMBERS = ("value", "n", "n_censored", "std_error")
NO_SPREAD = "The visits show no spread, so there is no interval."


@settings(deadline=None)
@given(CELLS, HORIZONS)
def test_many_cells_at_once_are_each_cell_alone(cells, tau):
    tables = RiskTable.from_rows(*rows_of(cells), cells=len(cells))
    parts = [(numbers, restricted_mean(table, tau)) for numbers, table in tables]
    found = in_cell_order(parts)
    for row, cell in enumerate(cells):
        alone = restricted_mean(one_cell(cell), tau)
        assert all(same(getattr(found, name)[row], getattr(alone, name)) for name in NUMBERS)
        assert found.reason[row] == alone.reason
    assert found.tau == tau


@settings(deadline=None)
@given(visits("reached", "competing", least=1), HORIZONS)
def test_without_open_visits_it_is_the_mean_with_tau_for_those_that_never_come(told, tau):
    times = [min(seconds, tau) if end == "reached" else tau for seconds, end in told]
    found = restricted_mean(one_cell(told), tau)
    assert float(found.value) == pytest.approx(np.mean(times), rel=1e-12)
    spread = np.std(times) / math.sqrt(len(times))
    if spread > 0:
        assert float(found.std_error) == pytest.approx(spread, rel=1e-9)
        assert found.reason == ""
    else:
        assert math.isnan(found.std_error)
        assert found.reason == NO_SPREAD


@settings(deadline=None, max_examples=50)
@given(visits(least=1, most=12), HORIZONS)
def test_it_is_the_area_and_its_variance_the_jackknifes(told, tau):
    table = one_cell(told)
    assume(table.is_known_at(tau))

    def area(rows, weights):
        moments = sorted({seconds for seconds, _ in rows if seconds < tau})
        edges = [0.0, *moments, tau]
        levels = [1.0] + [1 - weighed_incidence(rows, weights, moment) for moment in moments]
        return float(np.dot(levels, np.diff(edges)))

    found = restricted_mean(table, tau)
    assert float(found.value) == pytest.approx(area(told, [1.0] * len(told)), abs=1e-9)
    variance = 0.0 if math.isnan(found.std_error) else float(found.std_error) ** 2
    assert variance == pytest.approx(jackknife(told, area), abs=1e-6)


def test_an_area_by_hand():
    # 1 until 10, 4/5 until 30, 8/15 until 40, 4/15 until 45.
    told = [(10.0, "reached"), (20.0, "open"), (30.0, "reached"), (40.0, "reached"), (50.0, "open")]
    found = restricted_mean(one_cell(told), 45.0)
    areas = [10, 0.8 * 20, 8 / 15 * 10, 4 / 15 * 5]
    assert float(found.value) == pytest.approx(sum(areas), rel=1e-12)
    # Greenwood's: squared areas after each step, by ended / (at risk x left).
    variance = (
        sum(areas[1:]) ** 2 / (5 * 4) + sum(areas[2:]) ** 2 / (3 * 2) + areas[3] ** 2 / (2 * 1)
    )
    assert float(found.std_error) == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert [float(found.n), float(found.n_censored)] == [5, 2]


def test_its_interval_is_normal_and_keeps_within_0_and_tau():
    cells = [
        [(10.0, "reached"), (20.0, "reached"), (30.0, "reached")],
        [(1.0, "reached"), (2.0, "reached"), (2.0, "reached"), (60.0, "reached")],
        [(99.0, "reached")] * 3 + [(90.0, "reached"), (20.0, "reached")],
    ]
    found = restricted_mean(table_of(cells), 100.0)
    interval = found.interval()
    assert (interval.level, interval.rule) == (0.95, "normal")
    expected = scipy.stats.norm(found.value[0], found.std_error[0]).interval(0.95)
    assert [interval.low[0], interval.high[0]] == pytest.approx(expected)
    assert (interval.low[1], interval.high[2]) == (0.0, 100.0)
    assert (interval.low[2] > 0, interval.high[1] < 100) == (True, True)
    narrow = found.interval(0.5)
    expected = scipy.stats.norm(found.value[0], found.std_error[0]).interval(0.5)
    assert [narrow.low[0], narrow.high[0]] == pytest.approx(expected)


def test_beyond_the_times_observed_it_is_not_known_unless_all_have_ended():
    cells = [
        [(5.0, "reached"), (9.0, "open")],
        [],
        [(5.0, "reached"), (9.0, "reached")],
        [(5.0, "reached"), (9.0, "competing")],
        [(9.0, "open"), (20.0, "reached"), (30.0, "open")],
    ]
    found = restricted_mean(table_of(cells), 20.0)
    assert same(found.value, [np.nan, np.nan, 7, 12.5, 20])
    assert found.reason.tolist() == [
        "tau, 20 s, lies beyond the times observed.",
        "There is no visit.",
        "",
        "",
        NO_SPREAD,
    ]
    assert np.isnan(found.std_error).tolist() == [True, True, False, False, True]
    assert np.isnan(found.interval().low).tolist() == [True, True, False, False, True]
    assert same(restricted_mean(one_cell(cells[0]), 9.0).value, 7)


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ([(5.0, "reached")], 5),
        ([(5.0, "reached")] * 40, 5),
        ([(0.0, "reached")] * 2, 0),
        ([(9.0, "open")] * 3, 8),
        ([(0.1, "open"), (0.3, "open"), (3.3, "competing"), (9.0, "competing")], 8),
        ([(3.0, "open"), (5.0, "reached"), (5.0, "reached")], 5),
    ],
)
def test_visits_without_spread_have_a_mean_and_no_interval(told, value):
    found = restricted_mean(one_cell(told), 8.0)
    assert float(found.value) == value
    assert math.isnan(found.std_error)
    assert found.reason == NO_SPREAD


def test_a_far_horizon_costs_no_digits():
    told = [(float(at), "reached") for at in range(1, 50)]
    near, far = (restricted_mean(one_cell(told), tau) for tau in (50.0, 1e12))
    assert float(far.value) == pytest.approx(float(near.value), rel=1e-12)
    assert float(far.std_error) == pytest.approx(float(near.std_error), rel=1e-12)


@pytest.mark.parametrize("tau", [0.0, -1.0, math.nan, math.inf])
def test_a_horizon_that_cannot_be_is_refused(tau):
    with pytest.raises(ValueError, match="positive"):
        restricted_mean(one_cell([(5.0, "open")]), tau)


QUICK = [(10.0, "reached"), (20.0, "reached"), (30.0, "reached"), (30.0, "open")]
SLOW = [(35.0, "reached"), (45.0, "reached"), (60.0, "open")]


def test_the_difference_of_two_means_has_both_variances():
    first, second = (restricted_mean(one_cell(told), 50.0) for told in (SLOW, QUICK[:3]))
    found = difference(first, second)
    # Means of 35, 45 and 50, and of 10, 20 and 30.
    assert float(found.value) == pytest.approx(130 / 3 - 20)
    error = math.sqrt(np.var([35, 45, 50]) / 3 + np.var([10, 20, 30]) / 3)
    assert float(found.std_error) == pytest.approx(error)
    assert float(found.p) == pytest.approx(2 * scipy.stats.norm.sf(float(found.value) / error))
    assert [float(found.n), float(found.n_censored), found.tau] == [6, 1, 50]
    for level in (0.95, 0.5):
        interval = found.interval(level)
        expected = scipy.stats.norm(float(found.value), error).interval(level)
        assert [float(interval.low), float(interval.high)] == pytest.approx(expected)
        assert (interval.level, interval.rule) == (level, "normal")
    assert found.interval().level == 0.95


def test_a_difference_turned_round_is_its_negative():
    first, second = (restricted_mean(one_cell(told), 30.0) for told in (SLOW, QUICK))
    assert math.isnan(difference(first, second).p)
    first, second = (restricted_mean(one_cell(told), 60.0) for told in (SLOW, QUICK[:3]))
    there, back = difference(first, second), difference(second, first)
    assert float(back.value) == -float(there.value)
    assert float(back.p) == float(there.p)
    assert float(back.interval().low) == -float(there.interval().high)


def test_a_difference_keeps_within_what_the_horizon_allows():
    early = [(1.0, "reached"), (2.0, "reached")] * 2
    late = [(9.0, "reached"), (9.0, "competing"), (1.0, "reached")]
    first, second = (restricted_mean(one_cell(told), 10.0) for told in (late, early))
    assert float(difference(first, second).interval(0.99).high) == 10
    assert float(difference(second, first).interval(0.99).low) == -10


def test_differences_are_those_of_each_pair_of_cells():
    first = restricted_mean(table_of([SLOW, [], SLOW]), 50.0)
    second = restricted_mean(table_of([QUICK[:3], QUICK, SLOW]), 50.0)
    found = difference(first, second)
    assert same(found.value, [130 / 3 - 20, np.nan, 0])
    assert same(found.p[1:], [np.nan, 1])
    assert found.n.tolist() == [6, 4, 6]
    assert found.n_censored.tolist() == [1, 1, 2]


def test_means_to_two_horizons_do_not_compare():
    first, second = (restricted_mean(one_cell(QUICK), tau) for tau in (20.0, 25.0))
    with pytest.raises(ValueError, match=r"to 20 and to 25 s do not compare"):
        difference(first, second)
