"""Quantiles by hand, against their definition, and of many cells at once."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.duration_quantiles import quantile
from analysis.survival_curves import cumulative_incidence
from tests.analysis.visiting import one_cell, same, table_of, visits

CELLS = st.lists(visits(), min_size=1, max_size=5)
SHARES = st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9])
LEVELS = st.sampled_from([0.5, 0.95, 0.99])


def told(*ends):
    """Visits that reached it at 1, 2 ... for a number; else pairs of (how many, time, end)."""
    listed = []
    for one in ends:
        if isinstance(one, int):
            listed += [(float(at), "reached") for at in range(1, one + 1)]
        else:
            number, time, end = one
            listed += [(time, end)] * number
    return listed


def ends_of(interval):
    return [float(interval.low), float(interval.high)]


@settings(deadline=None)
@given(CELLS, SHARES, LEVELS)
def test_many_cells_at_once_are_each_cell_alone(cells, p, level):
    found = quantile(table_of(cells), p)
    interval, never = found.interval(level), found.is_never(level)
    for row, cell in enumerate(cells):
        alone = quantile(one_cell(cell), p)
        for name in ("value", "n", "n_censored", "beyond"):
            assert same(getattr(found, name)[row], getattr(alone, name))
        assert found.rule[row] == alone.rule
        assert same([interval.low[row], interval.high[row]], ends_of(alone.interval(level)))
        assert never[row] == alone.is_never(level)
    assert found.p == p


@settings(deadline=None)
@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=40), SHARES)
def test_of_finished_visits_a_quantile_is_the_averaged_inverse_of_their_distribution(times, p):
    found = quantile(one_cell([(time, "reached") for time in times]), p)
    assert float(found.value) == np.quantile(times, p, method="averaged_inverted_cdf")
    assert (float(found.n), float(found.n_censored), bool(found.beyond)) == (len(times), 0, False)


def test_quantiles_by_hand():
    # 1 - F is 0.8 from 10 s on, 8/15 from 30 s, 4/15 from 40 s.
    cell = [(10.0, "reached"), (20.0, "open"), (30.0, "reached"), (40.0, "reached"), (50.0, "open")]
    for p, value in ((0.1, 10), (0.2, 20), (0.3, 30), (0.47, 40), (0.7, 40), (0.74, math.nan)):
        assert same(float(quantile(one_cell(cell), p).value), value)


@settings(deadline=None)
@given(visits(least=1), SHARES)
def test_the_interval_holds_the_quantile_and_shrinks_with_its_level(cell, p):
    found = quantile(one_cell(cell), p)
    low, high = ends_of(found.interval(0.5))
    wide_low, wide_high = ends_of(found.interval(0.95))
    assert not low > float(found.value)
    assert not high < float(found.value)
    assert not wide_low > low
    assert not wide_high < high
    assert found.interval(0.5).level == 0.5
    assert found.interval().level == 0.95
    assert found.interval().rule == "log_log"


def test_limits_of_a_quantile_are_where_the_limits_of_the_curve_come_down_to_it():
    # 20 reached it one a second; the curve at t is 1 - t/20 with the binomial variance.
    def limit(at, z):
        share = 1 - at / 20
        error = math.sqrt(share * (1 - share) / 20) / (share * -math.log(share))
        return share ** math.exp(z * error)

    for p, level, z in ((0.5, 0.95, 1.959964), (0.25, 0.5, 0.6744898)):
        low = min(at for at in range(1, 20) if limit(at, z) <= 1 - p)
        high = min(at for at in range(1, 20) if limit(at, -z) <= 1 - p)
        assert ends_of(quantile(one_cell(told(20)), p).interval(level)) == [low, high]


def test_the_rule_is_told_cell_by_cell():
    table = table_of([told(2), told(2, (1, 1.0, "competing")), told((1, 1.0, "competing")), []])
    assert quantile(table).rule.tolist() == [
        "kaplan_meier_log_log",
        "aalen_johansen_log_log",
        "wilson_none_reached",
        "wilson_none_reached",
    ]


def test_beyond_is_said_of_visits_that_did_not_reach_it_and_not_where_there_are_none():
    found = quantile(table_of([told(2), told((1, 5.0, "open")), []]))
    assert found.beyond.tolist() == [False, True, False]
    assert same(found.value, [1.5, np.nan, np.nan])
    assert same(found.interval().low, [1, np.nan, np.nan])
    assert same(found.interval().high, [np.nan] * 3)


def test_too_few_different_times_have_no_interval():
    found = quantile(one_cell(told((30, 7.0, "reached"))))
    assert float(found.value) == 7
    assert same(ends_of(found.interval()), [math.nan, math.nan])


def test_where_nobody_reached_it_wilsons_limit_of_none_excludes_it():
    # Of m none reached it: at most z^2 / (m + z^2) have, below 0.25 from m = 12 on (3 x 3.84).
    cell = told((5, 9.0, "open"), (11, 20.0, "open"), (1, 30.0, "open"))
    assert ends_of(quantile(one_cell(cell), 0.25).interval())[0] == 20
    assert ends_of(quantile(one_cell(cell[:-1]), 0.25).interval())[0] == 9
    # Below 0.5 from m = 4 on; at the level 0.5 (z^2 = 0.455) a single one is enough.
    assert ends_of(quantile(one_cell(cell)).interval())[0] == 20
    assert ends_of(quantile(one_cell(cell)).interval(0.5))[0] == 30


def test_after_the_last_that_reached_it_the_quantile_is_excluded_while_enough_are_seen():
    # At 20 s as if 30 / 0.75 = 40 visits were known, at 100 s 1 / 0.75.
    cell = told(10, (29, 20.0, "open"), (1, 100.0, "open"))

    def lower(share, n, z=1.959964):
        error = math.sqrt(share * (1 - share) / n) / (share * -math.log(share))
        return share ** math.exp(z * error)

    assert lower(0.75, 40) > 0.5 > lower(0.75, 1 / 0.75)
    assert ends_of(quantile(one_cell(cell)).interval()) == pytest.approx(
        [20, math.nan], nan_ok=True
    )
    # Five and a third visits, as which four count, are enough to exclude it after none, not after
    # ten.
    few = told(10, (26, 20.0, "open"), (4, 100.0, "open"))
    assert 16 / 3 / (16 / 3 + 1.959964**2) > 0.5 > lower(0.75, 16 / 3)
    assert ends_of(quantile(one_cell(few)).interval())[0] == 20
    # A third quartile is excluded for longer: even one visit is enough at the level 0.5.
    assert lower(0.75, 1 / 0.75, 0.6744898) > 0.25
    assert ends_of(quantile(one_cell(cell), 0.75).interval(0.5))[0] == 100


def test_a_lower_limit_that_came_down_is_not_put_off():
    cell = told(14, (26, 100.0, "open"))
    found = quantile(one_cell(cell))
    assert bool(found.beyond)
    assert ends_of(found.interval())[0] == 14


@pytest.mark.parametrize(
    ("cell", "p", "level", "never"),
    [
        (told((100, 60.0, "competing")), 0.5, 0.95, True),
        # 70 of 100 ended otherwise, with Wilson's lower end 0.604 (0.569 at 0.99).
        (told(30, (70, 60.0, "competing")), 0.5, 0.95, True),
        (told(30, (70, 60.0, "competing")), 0.4, 0.95, True),
        (told(30, (70, 60.0, "competing")), 0.4, 0.99, False),
        (told(30, (70, 60.0, "competing")), 0.39, 0.95, False),
        (told(30, (70, 60.0, "competing")), 0.2, 0.95, False),
        # 3 of 3: Wilson's lower end is 0.438.
        (told((3, 60.0, "competing")), 0.5, 0.95, False),
        (told((3, 60.0, "competing")), 0.6, 0.95, True),
        # Few left early; the others may still reach it.
        (told((4, 60.0, "competing"), (996, 300.0, "open")), 0.5, 0.95, False),
        (told((9, 60.0, "open")), 0.9, 0.5, False),
        (told(9), 0.9, 0.5, False),
        ([], 0.5, 0.95, False),
    ],
)
def test_a_quantile_never_comes_where_too_many_have_ended_otherwise(cell, p, level, never):
    found = quantile(one_cell(cell), p)
    assert bool(found.is_never(level)) is never
    if never:
        assert same(ends_of(found.interval(level)), [math.nan, math.nan])
        assert bool(found.beyond)


def test_ends_that_rounding_adds_up_to_more_than_all_are_all():
    cells = [[(float(at), "competing") for at in range(n)] for n in range(2, 60)]
    table = table_of(cells)
    assert cumulative_incidence(table.swapped()).level.max() > 1
    assert quantile(table).is_never().tolist() == [len(cell) >= 4 for cell in cells]


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 50.0, math.nan])
def test_a_share_of_none_or_all_is_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile(one_cell(told(3)), p)
