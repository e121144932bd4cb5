"""Limits of single values and of shares, and signals, by hand."""

import math
import time

import numpy as np
import pytest

from analysis.control import beyond_limits, p_chart, p_limits, runs_on_one_side, xmr_chart

NAN = math.nan


def of(limits):
    return [float(one) for one in (limits.center, limits.low, limits.high)]


def test_limits_of_single_values_by_hand():
    # Mean 11.2; moving ranges 2 1 2 3, mean 2; 2.66 and 3.267 are the textbooks' constants.
    chart = xmr_chart([10.0, 12.0, 11.0, 13.0, 10.0])
    assert of(chart.values) == pytest.approx([11.2, 11.2 - 2 * 2.66, 11.2 + 2 * 2.66], rel=5e-4)
    assert of(chart.ranges) == pytest.approx([2, 0, 2 * 3.267], rel=5e-4)
    assert chart.values.sigma == pytest.approx(2 * math.sqrt(math.pi) / 2)
    assert chart.n == 5


def test_a_gap_has_no_moving_range():
    # Ranges 2 and 3 remain; over the gap it would be 9.
    chart = xmr_chart([1.0, 3.0, NAN, 12.0, 9.0])
    assert chart.ranges.center == 2.5
    assert chart.values.center == 6.25
    assert chart.n == 4


@pytest.mark.parametrize("values", [[], [5.0], [5.0, NAN, 6.0], [NAN, NAN], [0.1] * 7, [0.0, 0.0]])
def test_without_variation_there_are_no_limits_and_no_signal(values):
    chart = xmr_chart(values)
    for limits in (chart.values, chart.ranges):
        assert np.isnan([limits.low, limits.high, limits.sigma]).all()
    assert not beyond_limits([*values, 1000.0], chart.values).any()


def test_many_series_are_those_one_by_one():
    rows = np.random.default_rng(2).normal(size=(2, 3, 12))
    rows[0, 1, 4] = rows[1, 2, 0] = NAN
    chart = xmr_chart(rows)
    assert chart.n.shape == chart.values.low.shape == (2, 3)
    found = beyond_limits(rows * 3, chart.values)
    for cell in np.ndindex(2, 3):
        alone = xmr_chart(rows[cell])
        assert alone.values.low == chart.values.low[cell]
        assert (beyond_limits(rows[cell] * 3, alone.values) == found[cell]).all()
    assert found.any()


def test_new_values_are_held_against_the_limits_there_are():
    limits = xmr_chart([10.0, 12.0, 11.0, 13.0, 10.0]).values
    # 5.88 to 16.52.
    assert beyond_limits([5.8, 5.9, 16.5, 16.6, NAN], limits).tolist() == [
        True, False, False, True, False,
    ]  # fmt: skip


def test_limits_of_shares_by_hand():
    # 45 of 175; 3 sqrt(c (1 - c) / 50) and, for the smaller sample, / 25.
    center = 45 / 175
    limits = p_chart([12, 15, 8, 10], [50, 50, 50, 25])
    wide, wider = (3 * math.sqrt(center * (1 - center) / size) for size in (50, 25))
    assert limits.center == pytest.approx([center] * 4)
    assert limits.high == pytest.approx([center + wide] * 3 + [center + wider])
    assert limits.low == pytest.approx([center - wide] * 3 + [0])
    assert p_limits(0.9, 30).high == 1


def test_a_sample_of_none_or_unknown_leaves_the_others_alone():
    limits = p_chart([12, NAN, 8, 0], [50, 50, 50, 0])
    assert limits.center == pytest.approx([0.2] * 4)
    assert np.isnan(limits.low).tolist() == [False, False, False, True]
    assert np.isnan(p_chart([0, 0], [0, 0]).center).all()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_shares_that_never_vary_have_no_limits(share):
    limits = p_limits(share, 50)
    assert np.isnan([limits.low, limits.high]).all()
    assert not beyond_limits([0.0, 1.0], limits).any()


def test_the_eighth_in_a_row_is_a_signal_and_each_after_it():
    values = [4.0] + [6.0, 7.0] * 5 + [4.0]
    assert runs_on_one_side(values, 5.0).nonzero()[0].tolist() == [8, 9, 10]
    below = [-value for value in values]
    assert runs_on_one_side(below, -5.0).nonzero()[0].tolist() == [8, 9, 10]


@pytest.mark.parametrize("between", [5.0, 4.0, NAN])
def test_the_centre_the_other_side_and_a_gap_end_a_row(between):
    assert not runs_on_one_side([6.0] * 7 + [between] + [6.0] * 7, 5.0).any()
    assert runs_on_one_side([6.0] * 7 + [between] + [6.0] * 8, 5.0).sum() == 1


def test_equal_values_are_on_their_mean_though_rounding_moved_it():
    assert not runs_on_one_side([0.1] * 11, np.nextafter(0.1, 1)).any()


def test_rows_of_many_series_have_each_their_centre():
    values = np.array([[6.0] * 8, [6.0] * 8, [6.0] * 7 + [NAN]])
    found = runs_on_one_side(values, np.array([5.0, 6.0, 5.0]))
    assert found.sum(axis=1).tolist() == [1, 0, 0]
    assert runs_on_one_side(np.zeros((3, 0)), 5.0).shape == (3, 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: xmr_chart(3.0), "single number has no moving range"),
        (lambda: xmr_chart([1.0, math.inf]), "value is infinite"),
        (lambda: p_chart([6], [5]), "below 0 or above its size"),
        (lambda: p_chart([-1], [5]), "below 0 or above its size"),
        (lambda: p_chart([1, 2], [5, 5, 5]), "do not fit together"),
        (lambda: p_limits(20, 100), "outside 0 to 1"),
        (lambda: p_limits(0.2, -1), "size is below 0"),
        (lambda: beyond_limits(3.0, p_limits(0.2, 100)), "single number has no periods"),
        (lambda: beyond_limits([0.1], p_limits(0.2, [100, 50])), r"shape \(2,\) do not fit"),
        (lambda: runs_on_one_side([[1.0]], np.zeros(3)), r"shape \(3,\) do not fit"),
    ],
)
def test_impossible_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_hundred_thousand_series_take_no_loop():
    months = np.random.default_rng(1).normal(size=(100_000, 12))
    start = time.perf_counter()
    chart = xmr_chart(months)
    beyond_limits(months, chart.values)
    runs_on_one_side(months, chart.values.center)
    assert time.perf_counter() - start < 3
