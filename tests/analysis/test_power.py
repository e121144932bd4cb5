"""How many answers a group needs to show a difference."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.power import (
    plan_difference_of_means,
    plan_difference_of_shares,
    power_of_means,
    power_of_shares,
)

# scipy's binomial chances overflow for shares next to 0 that nobody has.
PER_CENT = st.integers(0, 100).map(lambda number: number / 100)


def newcombe_excludes_0(x1, x2, n, level):
    """Newcombe's hybrid score interval, from the limits that scipy has."""
    limits = [scipy.stats.binomtest(x, n).proportion_ci(level, method="wilson") for x in (x1, x2)]
    p1, p2 = x1 / n, x2 / n
    low = p1 - p2 - math.hypot(p1 - limits[0].low, limits[1].high - p2)
    high = p1 - p2 + math.hypot(limits[0].high - p1, p2 - limits[1].low)
    return low > 0 or high < 0


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 14), PER_CENT, PER_CENT, st.sampled_from([0.8, 0.95]))
def test_the_power_of_shares_is_the_sum_over_all_pairs_of_counts(n, first, second, level):
    chance = sum(
        scipy.stats.binom.pmf(x1, n, first) * scipy.stats.binom.pmf(x2, n, second)
        for x1, x2 in itertools.product(range(n + 1), repeat=2)
        if newcombe_excludes_0(x1, x2, n, level)
    )
    assert power_of_shares(n, first, second, level) == pytest.approx(chance, abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second", "power"),
    [
        (0.5, 0.3, 0.8),
        (0.3, 0.5, 0.8),
        (0.5, 0.4, 0.8),
        (0.1, 0.02, 0.9),
        (0.9, 0.99, 0.8),
        (0, 1, 0.9),
        # 44 reach it, 45 or 46 do not.
        (0.5, 0.25, 0.7),
    ],
)
def test_shares_have_enough_answers_and_one_less_is_not(first, second, power):
    plan = plan_difference_of_shares(first, second, power)
    assert plan.power == power_of_shares(plan.n, first, second)
    assert plan.power >= power
    assert plan.n == 1 or power_of_shares(plan.n - 1, first, second) < power
    assert min(power_of_shares(plan.n + more, first, second) for more in range(10)) >= power
    assert plan.rule == "newcombe"


def test_shares_need_about_what_the_normal_approximation_says():
    # (1.96 sqrt(2 * 0.4 * 0.6) + 0.8416 sqrt(0.5 * 0.5 + 0.3 * 0.7))^2 / 0.2^2 = 93.0
    assert plan_difference_of_shares(0.5, 0.3).n == pytest.approx(93, abs=3)


@pytest.mark.parametrize(
    ("difference", "power", "n"),
    # R: power.t.test(delta, sd = 1, power) gives 63.77, 22.02, 175.38, 16.71.
    [(0.5, 0.8, 64), (1, 0.9, 23), (0.3, 0.8, 176), (1, 0.8, 17), (-1, 0.8, 17)],
)
def test_means_need_what_r_says(difference, power, n):
    plan = plan_difference_of_means(difference, 1.0, power)
    assert plan.n == n
    assert plan.rule == "student_pooled"
    assert plan_difference_of_means(2 * difference, 2.0, power).n == n


@settings(deadline=None)
@given(st.floats(0.05, 4), st.floats(0.5, 0.99), st.sampled_from([0.9, 0.95]))
def test_means_have_enough_answers_and_one_less_is_not(difference, power, level):
    plan = plan_difference_of_means(difference, 1.0, power, level)
    assert plan.power == power_of_means(plan.n, difference, 1.0, level) >= power
    assert plan.n == 2 or power_of_means(plan.n - 1, difference, 1.0, level) < power


def test_the_power_of_means_is_how_often_a_t_test_finds_the_difference():
    rng = np.random.default_rng(3)
    first, second = rng.normal(0.9, 1, (15, 20000)), rng.normal(0, 1, (15, 20000))
    found = np.mean(scipy.stats.ttest_ind(first, second).pvalue < 0.05)
    assert power_of_means(15, 0.9, 1.0) == pytest.approx(found, abs=0.01)


def test_without_a_difference_the_power_is_the_chance_of_a_false_alarm():
    assert power_of_means(10, 0.0, 1.0, 0.9) == pytest.approx(0.1)


def test_invitations_follow_the_response_rate():
    assert plan_difference_of_means(0.5, 1.0, response_rate=0.5).invite == 128
    plan = plan_difference_of_shares(0.5, 0.3, response_rate=0.1)
    assert plan.invite == 10 * plan.n


def test_impossible_wishes_are_named():
    for difference, sd in ((0, 1), (1, 0), (math.nan, 1)):
        with pytest.raises(ValueError, match="The difference is"):
            plan_difference_of_means(difference, sd)
    for first, second in ((0.5, 0.5), (-0.1, 0.5), (0.5, math.nan)):
        with pytest.raises(ValueError, match="The shares are"):
            plan_difference_of_shares(first, second)
    for wrong, message in (
        ({"power": 1}, "power is 1"),
        ({"level": 95}, "level is 95"),
        ({"response_rate": 0}, "response rate is 0"),
    ):
        with pytest.raises(ValueError, match=message):
            plan_difference_of_means(1, 1, **wrong)
        with pytest.raises(ValueError, match=message):
            plan_difference_of_shares(0.2, 0.4, **wrong)
    with pytest.raises(ValueError, match="more than 1000000000 answers"):
        plan_difference_of_means(1e-5, 1)
    with pytest.raises(ValueError, match="more than 100000 answers"):
        plan_difference_of_shares(0.5, 0.501)
