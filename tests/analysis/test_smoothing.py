"""Simple exponential smoothing by its recursion, and its best weights by search."""

import math

import numpy as np
import pytest
import scipy.optimize

from analysis.smoothing import forecast_level, smooth, smooth_best

VALUES = [10.0, 12.0, 11.0, 13.0, 12.0, 14.0, 13.0, 15.0, 14.0, 13.0]


def errors(values, alpha, level):
    """The errors one period ahead and the last level, value by value."""
    found = []
    for value in values:
        found.append(value - level)
        level += alpha * found[-1]
    return np.array(found), level


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_each_level_is_the_one_before_moved_by_a_share_of_the_error(alpha):
    left, last = errors(VALUES[1:], alpha, VALUES[0])
    found = smooth(VALUES, alpha)
    assert found.value == pytest.approx(last)
    assert found.sse == pytest.approx((left**2).sum())
    assert len(found.levels) == found.n == 10


def test_the_best_weight_leaves_the_least_of_all():
    found = smooth_best(VALUES)
    least = min((errors(VALUES[1:], alpha, 10.0)[0] ** 2).sum() for alpha in np.linspace(0, 1, 501))
    assert found.sse == pytest.approx(least, rel=1e-4)
    assert found.sse <= least
    # A level that walks is followed at once, one that stays is not.
    assert smooth_best(np.arange(20.0)).alpha > 0.99
    assert smooth_best([5.0, 4.0, 6.0] * 8).alpha < 0.1


def test_the_state_space_forecast_is_the_maximum_of_its_likelihood():
    def sse(parameters):
        return (errors(VALUES, *parameters)[0] ** 2).sum()

    # A search over both parameters at once, by another method.
    best = scipy.optimize.minimize(sse, [0.5, 11.0], method="Nelder-Mead", tol=1e-10)
    found = forecast_level(VALUES)
    assert (found.alpha, found.start) == pytest.approx(best.x, rel=1e-3)
    assert found.value == pytest.approx(errors(VALUES, *best.x)[1], rel=1e-4)
    assert found.std_error == pytest.approx(math.sqrt(best.fun / 8), rel=1e-6)
    limits = found.interval(0.8)
    assert limits.high - found.value == pytest.approx(1.2815516 * found.std_error)
    assert found.value - limits.low == pytest.approx(1.2815516 * found.std_error)
    assert limits.rule == "ets_ann"


def test_further_ahead_the_value_stays_and_its_error_grows():
    one, five = forecast_level(VALUES), forecast_level(VALUES, ahead=5)
    assert five.value == one.value
    assert five.std_error == pytest.approx(one.std_error * math.sqrt(1 + 4 * one.alpha**2))


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0, 3.0]])
def test_too_few_values_have_no_best_weight(values):
    best, ahead = smooth_best(values), forecast_level(values)
    assert best.n == ahead.n == len(values)
    assert np.isnan([best.value, best.alpha, ahead.value, ahead.std_error]).all()
    assert np.isnan(ahead.interval().low)
    assert smooth(values, 0.5).n == len(values)


def test_equal_values_are_forecast_without_an_interval():
    found = forecast_level([0.1] * 8)
    assert found.value == pytest.approx(0.1)
    assert np.isnan([found.std_error, found.interval().low]).all()
    assert smooth([0.1], 0.5).sse == 0
    assert math.isnan(smooth([], 0.5).value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: smooth([1.0, math.nan, 2.0], 0.5), "without gaps"),
        (lambda: smooth_best([[1.0, 2.0]]), "one series without gaps"),
        (lambda: forecast_level([1.0, math.inf]), "without gaps"),
        (lambda: smooth([1.0], 1.5), r"weight 1\.5 is outside 0 to 1"),
        (lambda: smooth([1.0], math.nan), "weight nan is outside"),
        (lambda: forecast_level(VALUES, ahead=0), "0 periods ahead is none"),
        (lambda: forecast_level(VALUES).interval(2), "level 2 is not between"),
    ],
)
def test_impossible_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
