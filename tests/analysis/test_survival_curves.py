"""Curves against scipy, against plain recomputation visit by visit, and by hand."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.risk_tables import RiskTable
from analysis.survival_curves import (
    Curve,
    cumulative_incidence,
    effective_visits,
    first_time_at,
    just_before,
    kaplan_meier,
    not_reached,
    shares_before,
)
from tests.analysis.visiting import one_cell, same, table_of, visits

CELLS = st.lists(visits(), min_size=1, max_size=5)


def weighed_incidence(told, weights, time):
    """Reached by a time, with a weight a visit: Aalen and Johansen's sum in plain Python."""
    pending, reached = 1.0, 0.0
    for moment in sorted({seconds for seconds, _ in told if seconds <= time}):
        at_risk = ended = came = 0.0
        for (seconds, end), weight in zip(told, weights, strict=True):
            at_risk += weight * (seconds >= moment)
            ended += weight * (seconds == moment and end != "open")
            came += weight * (seconds == moment and end == "reached")
        reached += pending * came / at_risk
        pending *= 1 - ended / at_risk
    return reached


def jackknife(told, statistic):
    """The infinitesimal jackknife: the sum of squared derivatives by the visits' weights."""
    total, step = 0.0, 1e-5
    for at in range(len(told)):
        up, down = [1.0] * len(told), [1.0] * len(told)
        up[at], down[at] = 1 + step, 1 - step
        total += ((statistic(told, up) - statistic(told, down)) / (2 * step)) ** 2
    return total


@settings(deadline=None)
@given(CELLS)
def test_many_cells_at_once_are_each_cell_alone(cells):
    table = table_of(cells)
    for curve_of in (kaplan_meier, cumulative_incidence, not_reached):
        curves = curve_of(table)
        for row, cell in enumerate(cells):
            alone = curve_of(one_cell(cell))
            width = len(alone.time)
            assert np.array_equal(curves.level[row, :width], alone.level)
            assert same(curves.variance[row, :width], alone.variance)
            assert (curves.level[row, width:] == alone.level[-1]).all()
            assert curves.start == alone.start
            for name in ("level", "variance", "time"):
                assert getattr(curves, name).shape == table.time.shape


@settings(deadline=None)
@given(visits("reached", "open", least=1))
def test_kaplan_meier_is_that_of_scipy(told):
    reached = [seconds for seconds, end in told if end == "reached"]
    still_open = [seconds for seconds, end in told if end == "open"]
    survival = scipy.stats.ecdf(scipy.stats.CensoredData(reached, right=still_open)).sf
    curve = kaplan_meier(one_cell(told))
    assert curve.level == pytest.approx(survival.evaluate(curve.time), abs=1e-12)
    assert curve.start == 1


def test_greenwoods_variance_by_hand():
    # Of 5 at 10 s one ends, of 3 at 30 s another, of 2 at 40 s both.
    told = [(10.0, "reached"), (20.0, "open"), (30.0, "competing"), *[(40.0, "reached")] * 2]
    curve = kaplan_meier(one_cell(told))
    assert curve.level.tolist() == pytest.approx([4 / 5, 4 / 5, 8 / 15, 0], abs=1e-15)
    first, second = 1 / (5 * 4), 1 / (3 * 2)
    expected = [0.64 * first, 0.64 * first, (8 / 15) ** 2 * (first + second)]
    assert curve.variance[:3].tolist() == pytest.approx(expected, rel=1e-12)
    assert math.isnan(curve.variance[3])


@settings(deadline=None)
@given(visits("reached", "open"))
def test_without_competing_ends_the_incidence_is_kaplan_meier(told):
    table = one_cell(told)
    curve, incidence = kaplan_meier(table), cumulative_incidence(table)
    assert 1 - incidence.level == pytest.approx(curve.level, abs=1e-12)
    known = ~np.isnan(curve.variance)
    assert incidence.variance[known] == pytest.approx(curve.variance[known], abs=1e-12)


@settings(deadline=None)
@given(visits())
def test_the_incidences_of_all_ends_add_up_to_what_has_ended(told):
    table = one_cell(told)
    ended = cumulative_incidence(table).level + cumulative_incidence(table.swapped()).level
    assert ended == pytest.approx(1 - kaplan_meier(table).level, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(visits(least=1, most=12), st.integers(0, 12))
def test_incidence_and_its_variance_are_those_of_weighed_visits(told, time):
    level, variance = cumulative_incidence(one_cell(told)).at(float(time))

    def statistic(rows, weights):
        return weighed_incidence(rows, weights, time)

    assert float(level) == pytest.approx(statistic(told, [1.0] * len(told)), abs=1e-12)
    assert float(variance) == pytest.approx(jackknife(told, statistic), abs=1e-8)


def test_incidence_by_hand():
    # Four at 10 s: one reaches it, one is called back. Two at 20 s: one reaches it.
    told = [(10.0, "reached"), (10.0, "competing"), (20.0, "reached"), (30.0, "open")]
    curve = cumulative_incidence(one_cell(told))
    assert curve.level.tolist() == [1 / 4, 1 / 2, 1 / 2]
    # Nobody is censored before, so these are shares of 4: p (1 - p) / 4.
    assert curve.variance.tolist() == pytest.approx([3 / 64, 1 / 16, 1 / 16], rel=1e-12)
    assert curve.start == 0


def test_a_variance_that_is_nothing_is_not_less_than_nothing():
    """Rounding would leave some of these below 0, of which there is no square root."""
    for n in range(1, 60):
        told = [(float(at), "competing") for at in range(n)] + [(float(n), "reached")]
        assert (cumulative_incidence(one_cell(told)).variance >= 0).all()
        all_at_last = [(float(at), "open") for at in range(n)] + [(float(n), "reached")] * 3
        assert (cumulative_incidence(one_cell(all_at_last)).variance >= 0).all()
        all_one_by_one = [(float(at), "reached") for at in range(n)]
        assert (cumulative_incidence(one_cell(all_one_by_one)).variance >= 0).all()


def test_who_has_not_reached_it_is_kaplan_meier_only_where_nothing_competes():
    free = [(float(at), "reached") for at in range(9)]
    torn = [(1.0, "reached"), (2.0, "competing"), (3.0, "reached")]
    table = table_of([free, torn])
    curve, pending = not_reached(table), kaplan_meier(table)
    incidence = cumulative_incidence(table)
    assert np.array_equal(curve.level[0], pending.level[0])
    assert not np.array_equal(curve.level[0], 1 - incidence.level[0]), "rounding tells them apart"
    assert np.array_equal(curve.variance[0], pending.variance[0], equal_nan=True)
    assert np.array_equal(curve.level[1], 1 - incidence.level[1])
    assert np.array_equal(curve.variance[1], incidence.variance[1])
    assert curve.start == 1


def test_a_curve_begins_at_its_start_and_a_step_belongs_to_its_time():
    curve = Curve(
        np.array([[2.0, 4.0], [3.0, np.inf]]),
        np.array([[0.7, 0.3], [0.6, 0.6]]),
        np.array([[0.01, 0.02], [0.03, 0.03]]),
        start=1.0,
    )
    for time, level, variance in (
        (1.9, [1, 1], [0, 0]),
        (2.0, [0.7, 1], [0.01, 0]),
        (3.0, [0.7, 0.6], [0.01, 0.03]),
        (9.0, [0.3, 0.6], [0.02, 0.03]),
    ):
        found = curve.at(time)
        assert (found[0].tolist(), found[1].tolist()) == (level, variance)


def test_shares_before_are_the_curve_one_step_late():
    table = table_of([[(1.0, "reached"), (2.0, "competing"), (3.0, "open"), (4.0, "open")], []])
    assert shares_before(table).tolist() == [[1, 0.75, 0.5, 0.5], [1, 1, 1, 1]]
    assert just_before(np.array([[0.2, 0.4]]), 0.0).tolist() == [[0, 0.2]]


def test_a_curve_rests_on_all_visits_until_some_are_censored():
    told = [(1.0, "reached"), (1.0, "competing"), (2.0, "open"), (3.0, "reached"), (4.0, "open")]
    # Of 5, none censored at 1 and 2; then 2 at risk where 3/5 have not ended.
    assert effective_visits(one_cell(told)).tolist() == pytest.approx([5, 5, 2 / 0.6, 1 / 0.3])
    padded = effective_visits(table_of([told, [(1.0, "open")], []]))
    assert same(padded[1], [1, np.nan, np.nan, np.nan])
    assert np.isnan(padded[2]).all()


@pytest.mark.parametrize(
    ("level", "share", "expected"),
    [
        ([0.9, 0.5, 0.4], 0.5, 3.0),
        ([0.9, 0.5 + 1e-11, 0.5 - 1e-11, 0.4], 0.5, 5.0),
        ([0.9, 0.5 + 1e-9, 0.5 - 1e-9, 0.4], 0.5, 4.0),
        ([0.9, 0.5, 0.5, 0.5], 0.5, 2.0),
        ([0.5, 0.5, 0.5, 0.1], 0.5, 4.5),
        ([0.5, 0.5, 0.5, 0.5], 0.5, 1.0),
        ([0.4, 0.3, 0.2, 0.1], 0.5, 1.0),
        ([0.9, 0.8, 0.7, 0.6], 0.5, math.nan),
        ([0.9, 0.8, math.nan, math.nan], 0.5, math.nan),
        ([0.9, 0.8, 0.3, math.nan], 0.25, math.nan),
        ([0.9, 0.75, 0.3, 0.1], 0.75, 3.0),
    ],
)
def test_the_first_time_at_a_share_is_below_it_or_in_the_middle_of_a_level_stretch(
    level, share, expected
):
    time = np.array([1.0, 2.0, 4.0, 8.0])[: len(level)]
    found = first_time_at(time, np.array(level), share)
    assert same(float(found), expected)
    # The same beside another cell, and padded.
    beside = np.array([[*level, level[-1]], [0.2] * (len(level) + 1)])
    times = np.array([[*time, np.inf], [*time, 16.0]])
    assert same(first_time_at(times, beside, share), [expected, 1.0])


def test_no_table_warns_about_what_nobody_reached():
    table = RiskTable(*np.zeros((4, 2, 1)))
    assert kaplan_meier(table).level.tolist() == [[1], [1]]
    assert cumulative_incidence(table).level.tolist() == [[0], [0]]
