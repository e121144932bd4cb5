"""Shares done within a time: against scipy and by hand, and where they are not known."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cell_buckets import in_cell_order
from analysis.duration_shares import share_within
from analysis.risk_tables import RiskTable
from analysis.survival_curves import cumulative_incidence, kaplan_meier
from tests.analysis.visiting import one_cell, rows_of, same, table_of, visits

CELLS = st.lists(visits(), min_size=1, max_size=6)
TIMES = st.integers(0, 14).map(float)
NUMBERS = ("value", "n", "n_censored", "effective_n", "std_error")


@settings(deadline=None)
@given(CELLS, TIMES)
def test_many_cells_at_once_are_each_cell_alone(cells, within):
    tables = RiskTable.from_rows(*rows_of(cells), cells=len(cells))
    parts = [(numbers, share_within(table, within)) for numbers, table in tables]
    found = in_cell_order(parts)
    interval = in_cell_order((numbers, one.interval(0.9)) for numbers, one in parts)
    for row, cell in enumerate(cells):
        alone = share_within(one_cell(cell), within)
        assert all(same(getattr(found, name)[row], getattr(alone, name)) for name in NUMBERS)
        assert (found.rule[row], found.reason[row]) == (alone.rule, alone.reason)
        limits = alone.interval(0.9)
        assert same([interval.low[row], interval.high[row]], [limits.low, limits.high])
    assert found.within == within
    assert (interval.level, interval.rule) == (0.9, "log_log")


@settings(deadline=None)
@given(visits("reached", "open", least=1), TIMES, st.sampled_from([0.5, 0.95]))
@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
def test_where_nothing_competes_it_is_what_scipy_says_has_not_survived(told, within, level):
    table = one_cell(told)
    found, interval = share_within(table, within), share_within(table, within).interval(level)
    reached = [seconds for seconds, end in told if end == "reached"]
    still_open = [seconds for seconds, end in told if end == "open"]
    survival = scipy.stats.ecdf(scipy.stats.CensoredData(reached, right=still_open)).sf
    expected = 1 - float(survival.evaluate(within))
    if math.isnan(found.value):
        assert within > max(still_open)
        return
    assert float(found.value) == pytest.approx(expected, abs=1e-12)
    if 0 < float(found.value) < 1:
        limits = survival.confidence_interval(level, method="log-log")
        assert float(interval.low) == pytest.approx(1 - float(limits.high.evaluate(within)))
        assert float(interval.high) == pytest.approx(1 - float(limits.low.evaluate(within)))


@settings(deadline=None)
@given(visits(least=1), TIMES)
def test_reached_ended_otherwise_and_pending_add_up(told, within):
    table = one_cell(told)
    both = RiskTable(table.time, table.at_risk, table.ended, 0 * table.ended)
    reached, others, ended = (
        float(share_within(one, within).value) for one in (table, table.swapped(), both)
    )
    assert same(reached + others, ended)


@settings(deadline=None)
@given(visits(least=1), TIMES)
def test_the_interval_holds_the_share_and_keeps_within_0_and_1(told, within):
    found = share_within(one_cell(told), within)
    interval = found.interval()
    low, high = float(interval.low), float(interval.high)
    if math.isnan(found.value):
        assert (math.isnan(low), math.isnan(high)) == (True, True)
    else:
        assert 0 <= low <= float(found.value) <= high <= 1
    assert interval.level == 0.95


def test_a_share_with_competing_ends_by_hand():
    # Ten visits: 3 reach it at 1, 2, 3 s, 2 are called back at 2 s, 5 are open at 9 s.
    told = [(1.0, "reached"), (2.0, "reached"), (3.0, "reached")]
    told += [(2.0, "competing")] * 2 + [(9.0, "open")] * 5
    found = share_within(one_cell(told), 3.0)
    assert float(found.value) == pytest.approx(0.3, rel=1e-12)
    # Nobody was censored until then: a share of 10, limits on the scale of log(-log 0.3).
    assert float(found.std_error) == pytest.approx(math.sqrt(0.3 * 0.7 / 10), rel=1e-12)
    error = math.sqrt(0.3 * 0.7 / 10) / (0.3 * -math.log(0.3))
    expected = [0.3 ** math.exp(1.959964 * error), 0.3 ** math.exp(-1.959964 * error)]
    interval = found.interval()
    assert [float(interval.low), float(interval.high)] == pytest.approx(expected, rel=1e-6)
    assert (str(found.rule), str(found.reason)) == ("aalen_johansen_log_log", "")
    assert [float(getattr(found, name)) for name in ("n", "n_censored", "effective_n")] == (
        pytest.approx([10, 5, 10])
    )


def test_what_happens_at_the_time_is_within_it():
    cell = one_cell([(5.0, "reached"), (9.0, "open")])
    assert float(share_within(cell, 5.0).value) == 0.5
    assert float(share_within(cell, 4.999).value) == 0
    assert float(share_within(one_cell([(0.0, "reached"), (9.0, "open")]), 0.0).value) == 0.5


def test_of_none_and_of_all_wilsons_limits_stand_in():
    none = [(20.0, "reached")] * 6 + [(30.0, "open")] * 2
    left = [(5.0, "competing")] * 3 + none
    all_of = [(float(at), "reached") for at in range(1, 9)]
    found = share_within(table_of([none, left, all_of]), 10.0)
    interval = found.interval(0.9)
    assert found.value.tolist() == [0, 0, 1]
    assert found.rule.tolist() == ["wilson_none_reached"] * 2 + ["wilson_all_reached"]
    assert np.isnan(found.std_error).all()
    assert found.effective_n == pytest.approx([8, 11, 8])
    limits = [
        scipy.stats.binomtest(count, n).proportion_ci(0.9, method="wilson")
        for count, n in ((0, 8), (0, 11), (8, 8))
    ]
    assert interval.low == pytest.approx([one.low for one in limits], abs=1e-15)
    assert interval.high == pytest.approx([one.high for one in limits])
    assert (interval.low[0], interval.low[1], interval.high[2]) == (0, 0, 1)
    assert set(found.reason) == {""}


def test_all_are_all_however_many_steps_they_took():
    cells = [[(float(at), "reached") for at in range(n)] for n in range(1, 80)]
    found = share_within(table_of(cells), 100.0)
    assert (found.value == 1).all()
    assert set(found.rule) == {"wilson_all_reached"}


def test_visits_that_are_censored_before_lessen_what_a_share_rests_on():
    # 4 of 10 are censored at 3 s, one of the other 6 ends: at 8 s 5 are at risk where 5/6 pend.
    told = [(3.0, "open")] * 4 + [(5.0, "competing")] + [(12.0, "open")] * 5
    for within, visits_then in ((2.0, 10), (3.0, 10), (4.0, 6), (5.0, 6), (8.0, 6), (12.0, 6)):
        found = share_within(one_cell(told), within)
        assert float(found.effective_n) == pytest.approx(visits_then)
        assert str(found.rule) == "wilson_none_reached"
    # Once all have ended, the last to end count.
    ended = share_within(one_cell([(3.0, "open"), *[(5.0, "competing")] * 6]), 99.0)
    assert float(ended.effective_n) == 6


@settings(deadline=None)
@given(visits(least=1), TIMES)
def test_the_standard_error_is_that_of_the_incidence(told, within):
    table = one_cell(told)
    found = share_within(table, within)
    _, variance = cumulative_incidence(table).at(within)
    if 0 < float(found.value) < 1:
        expected = math.sqrt(variance)
        if kaplan_meier(table).at(within)[0] == 0:
            # All have ended: no less than of a share of what it rests on.
            least = math.sqrt(found.value * (1 - found.value) / found.effective_n)
            expected = max(expected, least)
        assert float(found.std_error) == pytest.approx(expected, abs=1e-12)
    else:
        assert math.isnan(found.std_error)


def test_beyond_the_last_visit_seen_a_share_is_not_known():
    told = [(5.0, "reached"), (9.0, "open"), (9.0, "reached")]
    longer = [(float(at), "reached") for at in range(1, 20)] + [(20.0, "competing")]
    found = share_within(table_of([told, [], longer, [(9.0, "reached")]]), 60.0)
    interval = found.interval()
    assert same(found.value, [np.nan, np.nan, 0.95, 1])
    assert same(found.effective_n, [np.nan, np.nan, 20, 1])
    assert found.reason.tolist() == [
        "No visit was seen as long as 60 s.",
        "There is no visit.",
        "",
        "",
    ]
    assert found.rule.tolist() == ["", "", "aalen_johansen_log_log", "wilson_all_reached"]
    for column in (interval.low, interval.high, found.std_error):
        assert np.isnan(column[:2]).all()
    assert float(share_within(one_cell(told), 9.0).value) == pytest.approx(2 / 3)


@pytest.mark.parametrize("within", [-1.0, math.nan, math.inf])
def test_a_time_that_cannot_be_is_refused(within):
    with pytest.raises(ValueError, match="finite and not negative"):
        share_within(one_cell([(5.0, "open")]), within)


def test_the_last_visit_alone_does_not_settle_the_share_of_those_cut_short():
    # Of ten visits one reached it at 1, one was called back at 2, seven were cut short at 3; the
    # last reached it at 4. The incidence is 1/10 + 8/10 = 0.9, resting on 1 / 0.8 = 1.25 visits.
    cut_short = [(3.0, "open")] * 7
    told = [(1.0, "reached"), (2.0, "competing"), *cut_short, (4.0, "reached")]
    found = share_within(one_cell(told), 5.0)
    assert float(found.value) == pytest.approx(0.9)
    assert float(found.effective_n) == pytest.approx(1.25)
    assert float(found.std_error) == pytest.approx(math.sqrt(0.9 * 0.1 / 1.25))
    # That of the curve alone is the error of one call-back among ten.
    assert float(found.std_error) > 2 * math.sqrt(0.9 * 0.1 / 10)
    interval = found.interval()
    assert float(interval.low) < 0.02
    # Where none was cut short nothing changes: a share of ten.
    told = [(1.0, "reached"), (2.0, "competing"), *[(3.0, "reached")] * 8]
    assert float(share_within(one_cell(told), 5.0).std_error) == pytest.approx(math.sqrt(0.009))


def test_shares_beyond_nearly_all_visits_hold_the_truth():
    # The milestone comes at a rate of 1, calls at 0.25: by 2 it is 0.8 (1 - exp(-2.5)). Visits
    # are cut short at up to 1.8, so only those cells know it in which the last one ended by chance.
    random, cells, n = np.random.default_rng(6), 4000, 20
    times = random.exponential(1, (cells, n)), random.exponential(4, (cells, n))
    cut = random.uniform(0, 1.8, (cells, n))
    time, end = np.minimum.reduce([*times, cut]), np.argmin([*times, cut], axis=0)
    order = np.argsort(time, axis=1)
    end = np.take_along_axis(end, order, axis=1)
    counts = [(end == one).astype(float) for one in range(3)]
    table = RiskTable.count(np.take_along_axis(time, order, axis=1), *counts)
    interval = share_within(table, 2.0).interval()
    given_one = ~np.isnan(interval.low)
    truth = 0.8 * (1 - math.exp(-2.5))
    covered = (interval.low <= truth) & (truth <= interval.high)
    assert 200 < given_one.sum() < cells / 2
    assert covered[given_one].mean() > 0.93
