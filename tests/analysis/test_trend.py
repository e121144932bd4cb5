"""Trends of many series: against scipy series by series, and by hand."""

import math
import time
from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.trend import mann_kendall, since_break, theil_sen, theil_sen_slopes

NAN = math.nan

# Small whole numbers, so that there are ties, and gaps.
SERIES = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 9)),
    elements=st.one_of(st.integers(0, 6).map(float), st.just(NAN)),
)


def present(row):
    at = np.flatnonzero(~np.isnan(row))
    return at, row[at]


@given(SERIES)
def test_slopes_are_scipys_series_by_series_and_nan_below_three_values(rows):
    found = theil_sen_slopes(rows)
    for slope, row in zip(found, rows, strict=True):
        at, values = present(row)
        expected = scipy.stats.theilslopes(values, at).slope if len(at) >= 3 else NAN
        assert slope == pytest.approx(expected, nan_ok=True)


@given(SERIES)
def test_mann_kendall_counts_pairs_and_is_kendalls_tau_of_scipy(rows):
    found = mann_kendall(rows)
    for cell, row in enumerate(rows):
        at, values = present(row)
        assert found.n[cell] == len(at)
        if len(at) < 3:
            of_cell = [found.s, found.variance, found.tau_b, found.z, found.p]
            assert np.isnan([one[cell] for one in of_cell]).all()
            continue
        s = sum(np.sign(later - earlier) for earlier, later in combinations(values, 2))
        assert found.s[cell] == s
        if len(set(values)) > 1:
            tau = scipy.stats.kendalltau(at, values).statistic
            assert found.tau_b[cell] == pytest.approx(tau)
        else:
            assert np.isnan(found.tau_b[cell])
        _, ties = np.unique(values, return_counts=True)
        n = len(at)
        tied = sum(t * (t - 1) * (2 * t + 5) for t in ties.tolist())
        assert found.variance[cell] == pytest.approx((n * (n - 1) * (2 * n + 5) - tied) / 18)


def test_p_moves_s_by_one_towards_no_trend():
    # 8 rising values: s = 28, variance 8 . 7 . 21 / 18.
    found = mann_kendall(np.arange(8.0))
    z = 27 / math.sqrt(8 * 7 * 21 / 18)
    assert found.z == pytest.approx(z)
    assert found.p == pytest.approx(2 * scipy.stats.norm.sf(z))
    falling = mann_kendall(-np.arange(8.0))
    assert (falling.z, falling.p) == pytest.approx((-z, found.p))


def test_without_rise_or_fall_p_is_1():
    alike, even = mann_kendall([4.0, 4.0, 4.0, 4.0]), mann_kendall([1.0, 3.0, 3.0, 1.0])
    assert (alike.s, alike.z, alike.p) == (even.s, even.z, even.p) == (0, 0, 1)
    assert math.isnan(alike.tau_b)
    assert theil_sen_slopes([4.0, 4.0, 4.0]) == 0


def test_a_gap_keeps_its_length():
    assert theil_sen_slopes([1.0, NAN, NAN, 7.0, 9.0]) == 2


def test_a_wild_value_does_not_carry_the_slope_away():
    assert theil_sen_slopes([1.0, 2.0, 3.0, 4.0, 500.0, 6.0, 7.0]) == pytest.approx(1)


def test_no_trend_is_computed_across_a_break():
    # Falling twice, with a leap between: with the leap the series seems to rise.
    values = [5.0, 4.0, 3.0, 2.0, 60.0, 59.0, 58.0, 57.0]
    assert theil_sen_slopes(values) > 0
    assert theil_sen_slopes(values, breaks=4) == -1
    assert mann_kendall(values, breaks=4).s == -6
    assert theil_sen(values, breaks=4).value == -1
    assert np.isnan(theil_sen_slopes(values, breaks=6))
    assert np.isnan(theil_sen_slopes(values, breaks=8))


def test_each_series_has_its_own_break():
    values = np.array([[9.0, 1.0, 2.0, 3.0], [9.0, 1.0, 2.0, 3.0]])
    # Slopes of the first: -8, -3.5, -2, 1, 1, 1.
    assert theil_sen_slopes(values, breaks=[0, 1]).tolist() == [-0.5, 1]
    assert since_break(values, breaks=[0, 1])[:, 0] == pytest.approx([9, NAN], nan_ok=True)


@pytest.mark.parametrize("shape", [(0, 12), (3, 0), (2, 3, 4), (5, 1), (5, 2)])
def test_any_shape_of_cells_is_kept(shape):
    values = np.zeros(shape)
    assert theil_sen_slopes(values).shape == mann_kendall(values).p.shape == shape[:-1]
    if shape[-1] < 3:
        assert np.isnan(theil_sen_slopes(values)).all()


def test_limits_of_sens_slope_by_hand():
    # 5 values, 10 pairs; slopes in order -1 .5 1 1.33 1.67 2 2 3 3 4 (to 2 places).
    values = [1.0, 4.0, 3.0, 5.0, 9.0]
    slopes = sorted((values[b] - values[a]) / (b - a) for a, b in combinations(range(5), 2))
    trend = theil_sen(values)
    assert trend.value == pytest.approx((slopes[4] + slopes[5]) / 2)
    assert trend.n == 5
    # At 80 %: 1.2816 sqrt(5 . 4 . 15 / 18) = 5.23; ranks round(2.38) and round(7.62 + 1).
    limits = trend.interval(0.8)
    assert (limits.low, limits.high) == (slopes[2 - 1], slopes[9 - 1])
    assert limits.rule == "sen"


def test_limits_beyond_the_slopes_are_open():
    # 4 values, 6 pairs: 1.96 sqrt(4 . 3 . 13 / 18) = 5.77; ranks round(0.11) and round(6.89).
    limits = theil_sen([1.0, 2.0, 4.0, 3.0]).interval()
    assert np.isnan([limits.low, limits.high]).all()
    few = theil_sen([1.0, NAN, 4.0])
    assert few.n == 2
    assert np.isnan([few.value, few.interval().low, few.interval().high]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: theil_sen_slopes(3.0), "single number has no periods"),
        (lambda: theil_sen_slopes([1.0, math.inf, 3.0]), "value is infinite"),
        (lambda: mann_kendall([1.0, 2.0, 3.0], breaks=4), "break is outside the 3 periods"),
        (lambda: mann_kendall([1.0, 2.0, 3.0], breaks=-1), "break is outside the 3 periods"),
        (lambda: theil_sen([[1.0, 2.0, 3.0]]), "More than one series was given"),
        (lambda: theil_sen([1.0, 2.0, 3.0]).interval(95), "level 95 is not between"),
    ],
)
def test_impossible_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_hundred_thousand_series_take_no_loop():
    months = np.random.default_rng(1).normal(size=(100_000, 12))
    months[::7, 3] = NAN
    start = time.perf_counter()
    slopes = theil_sen_slopes(months)
    mann_kendall(months)
    # About 0.3 s on two slow cores; one call of scipy for each series takes over 10 s.
    assert time.perf_counter() - start < 3
    # What is done in parts is the same as alone.
    for cell in (0, 7, 15_151, 15_152, 99_999):
        assert slopes[cell] == theil_sen_slopes(months[cell])
