"""Change points, straight lines and autocorrelation against scipy, definitions and by hand."""

import math

import numpy as np
import pytest
import scipy.stats

from analysis.single_series import autocorrelation, least_squares, pettitt

NAN = math.nan
FLOW = [5.0, 7.0, 6.0, 6.0, 9.0, 11.0, 8.0, 12.0]


def test_a_change_point_is_where_the_signs_of_differences_sum_up_highest():
    # Pettitt's own definition, sum of sign(x_i - x_j) over the pairs that the cut parts.
    sums = [
        abs(sum(np.sign(one - other) for one in FLOW[:cut] for other in FLOW[cut:]))
        for cut in range(1, len(FLOW))
    ]
    found = pettitt(FLOW)
    assert found.statistic == max(sums) == 16
    assert found.index == sums.index(16) + 1 == 4
    assert found.p == pytest.approx(2 * math.exp(-6 * 16**2 / (8**3 + 8**2)))
    assert found.n == 8


def test_a_change_point_is_told_by_period_where_some_have_no_value():
    found = pettitt([5.0, NAN, 7.0, 6.0, NAN, 6.0, NAN, 9.0, 11.0, 8.0, 12.0])
    assert (found.index, found.statistic, found.n) == (7, 16, 8)


def test_level_series_have_no_change_point_and_short_ones_no_test():
    alike = pettitt([4.0, 4.0, 4.0, 4.0])
    assert (alike.index, alike.statistic, alike.p) == (None, 0, 1)
    for short in ([], [1.0], [1.0, NAN, 9.0]):
        found = pettitt(short)
        assert found.index is None
        assert np.isnan([found.statistic, found.p]).all()


def test_lines_are_scipys_over_the_periods_with_a_value():
    values = [5.0, NAN, 7.0, 6.0, 6.5, NAN, 9.0]
    at = [0, 2, 3, 4, 6]
    expected = scipy.stats.linregress(at, [values[one] for one in at])
    line = least_squares(values)
    assert line.value == pytest.approx(expected.slope)
    assert line.start == pytest.approx(expected.intercept)
    assert line.std_error == pytest.approx(expected.stderr)
    assert line.p == pytest.approx(expected.pvalue)
    assert line.r_squared == pytest.approx(expected.rvalue**2)
    assert (line.n, line.df) == (5, 3)
    half = scipy.stats.t.ppf(0.9, 3) * expected.stderr
    limits = line.interval(0.8)
    assert limits.low == pytest.approx(expected.slope - half)
    assert limits.high == pytest.approx(expected.slope + half)
    assert limits.rule == "student_t"


@pytest.mark.parametrize(
    ("values", "slope", "r_squared"),
    [
        ([], NAN, NAN), ([3.0], NAN, NAN), ([3.0, NAN, 4.0], 0.5, NAN),
        ([4.0, 4.0, 4.0], 0.0, NAN), ([0.1, 0.2, 0.3, 0.4, 0.5], 0.1, 1.0),
    ],
)  # fmt: skip
def test_without_scatter_a_line_has_no_error(values, slope, r_squared):
    line = least_squares(values)
    assert line.value == pytest.approx(slope, nan_ok=True)
    assert line.r_squared == pytest.approx(r_squared, nan_ok=True)
    limits = line.interval()
    assert np.isnan([line.std_error, line.statistic, line.p, limits.low, limits.high]).all()


def test_autocorrelation_by_hand():
    # Around the mean 3: -2 -1 0 1 2, squares 10; lag 1: 2 + 0 + 0 + 2, lag 4: -4.
    found = autocorrelation([1.0, 2.0, 3.0, 4.0, 5.0], lags=4)
    assert found == pytest.approx([0.4, -0.1, -0.4, -0.4])


def test_autocorrelation_of_no_spread_is_unknown():
    assert np.isnan(autocorrelation([4.0, 4.0, 4.0], lags=2)).all()
    assert autocorrelation([], lags=0).shape == autocorrelation([4.0], lags=0).shape == (0,)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pettitt([[1.0, 2.0]]), "One series of finite values"),
        (lambda: least_squares([1.0, math.inf]), "One series of finite values"),
        (lambda: autocorrelation([1.0, NAN, 2.0], 1), "period has no value"),
        (lambda: autocorrelation([1.0, 3.0, 2.0], 3), "3 periods do not have 3 lags"),
        (lambda: autocorrelation([1.0, 3.0, 2.0], -1), "do not have -1 lags"),
        (lambda: least_squares(FLOW).interval(1.5), "level 1.5 is not between"),
    ],
)
def test_impossible_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
