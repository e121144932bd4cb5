"""Funnel limits of means and shares against scipy and hand calculation."""

import numpy as np
import pytest
from scipy.stats import binom, t

from analysis.funnel import funnel_of_means, funnel_of_shares


def test_limits_of_means_are_students_t_on_the_pooled_variance():
    # All groups have units of variance 4: errors 2 / sqrt(n).
    n = np.array([4, 16, 25, 100])
    funnel = funnel_of_means([5.0, 6, 7, 6.5], 2 / np.sqrt(n), n)
    overall = (20 + 96 + 175 + 650) / 145
    assert float(funnel.overall) == pytest.approx(overall)
    limits = funnel.limits(0.998)
    half = t.ppf(0.999, 141) * 2 / np.sqrt(n)
    assert limits.low == pytest.approx(overall - half)
    assert limits.high == pytest.approx(overall + half)
    assert funnel.z == pytest.approx((np.array([5.0, 6, 7, 6.5]) - overall) / (2 / np.sqrt(n)))
    assert limits.rule == "funnel_student_t"


def test_groups_are_flagged_by_the_outermost_limit_they_cross():
    n, overall = np.full(7, 100), 50.0
    # Errors 1; t limits on 693 degrees of freedom are 1.963 and 3.102.
    away = np.array([0, 1.9, -2.1, 2.5, -3.5, 3.2, -2.0])
    funnel = funnel_of_means(overall + away - away.mean(), np.ones(7), n)
    assert float(funnel.overall) == pytest.approx(overall)
    expected = [0, 2, 0, 2, -3, 3, 0]
    # The mean of the distances is -2 / 70, so that 1.9 is 1.929 and -2.0 is -1.971.
    expected[1], expected[-1], expected[2] = 0, -2, -2
    assert funnel.crossed.tolist() == expected


def test_limits_of_shares_leave_at_most_their_tail_beyond():
    funnel = funnel_of_shares([3, 30, 12, 0, 41], [10, 80, 40, 7, 63])
    overall = float(funnel.overall)
    for level in (0.95, 0.998):
        limits = funnel.limits(level)
        tail = (1 - level) / 2
        for n, low, high in zip(funnel.n, limits.low, limits.high, strict=True):
            counts = np.arange(n + 1)
            below, above = counts[counts / n < low - 1e-12], counts[counts / n > high + 1e-12]
            assert binom.pmf(below, n, overall).sum() <= tail
            assert binom.pmf(above, n, overall).sum() <= tail
            # One count further in would be more than the tail.
            assert binom.pmf(np.arange(len(below) + 1), n, overall).sum() > tail
            assert binom.pmf(counts[::-1][: len(above) + 1], n, overall).sum() > tail


def test_a_limit_of_shares_lies_between_counts_as_worked_by_hand():
    # n = 10, share 1/2: P(R <= 1) = 11/1024, P(R <= 2) = 56/1024; 2.5 % is 0.32444 of the way.
    funnel = funnel_of_shares([5, 50], [10, 100])
    within = (0.025 - 11 / 1024) / (45 / 1024)
    limits = funnel.limits(0.95)
    assert limits.low[0] == pytest.approx((1 + within) / 10)
    assert limits.high[0] == pytest.approx(1 - (1 + within) / 10)


def test_overdispersion_is_the_mean_square_of_winsorised_scores_by_hand():
    n = np.full(11, 100)
    scores = np.array([-9, -4, -3, -2, -1, 0, 1, 2, 3, 4, 9.0])
    plain = funnel_of_means(50 + scores, np.ones(11), n)
    wide = funnel_of_means(50 + scores, np.ones(11), n, overdispersed=True)
    # 10 % and 90 % of eleven are the second and the tenth: the ends become -4 and 4.
    assert float(wide.overdispersion) == pytest.approx((4 * 16 + 2 * (9 + 4 + 1)) / 11)
    assert float(plain.overdispersion) == 1
    ratio = (wide.limits().high - 50) / (plain.limits().high - 50)
    assert ratio == pytest.approx(np.full(11, np.sqrt(92 / 11)))


def test_groups_less_spread_than_chance_do_not_narrow_the_limits():
    n = np.full(5, 100)
    calm = funnel_of_means(50 + np.array([-0.2, 0.1, 0, 0.1, 0]), np.ones(5), n, overdispersed=True)
    assert float(calm.overdispersion) == 1
    shares = funnel_of_shares([48, 52, 50, 51], [100] * 4, overdispersed=True)
    exact = funnel_of_shares([48, 52, 50, 51], [100] * 4)
    assert shares.limits().low.tolist() == exact.limits().low.tolist()


def test_overdispersed_shares_are_stretched_and_stay_shares():
    wide = funnel_of_shares([1, 90, 20, 70, 8], [50, 100, 100, 90, 10], overdispersed=True)
    exact = funnel_of_shares([1, 90, 20, 70, 8], [50, 100, 100, 90, 10])
    assert float(wide.overdispersion) > 5
    assert (wide.limits().high > exact.limits().high).all()
    assert (wide.limits(0.998).high <= 1).all()
    assert (wide.limits(0.998).low >= 0).all()


def test_the_funnel_is_drawn_at_any_n():
    funnel = funnel_of_shares([3, 30], [10, 80])
    limits = funnel.limits(0.95, [10, 80, 1000])
    assert limits.low[:2].tolist() == funnel.limits(0.95).low.tolist()
    assert (np.diff(limits.high - limits.low) < 0).all()


def test_chance_flags_one_in_twenty():
    generator = np.random.default_rng(4)
    n = generator.integers(5, 60, (400, 20))
    value = generator.normal(5, 2 / np.sqrt(n))
    error = 2 * np.sqrt(generator.chisquare(n - 1) / (n - 1) / n)
    flags = funnel_of_means(value, error, n).crossed
    assert np.mean(flags != 0) == pytest.approx(0.05, abs=0.01)
    assert np.mean(np.abs(flags) == 3) == pytest.approx(0.002, abs=0.002)


def test_edges_have_no_flag_or_none_that_is_known():
    missing = funnel_of_means([3.0, np.nan, 4], [0.2, 0.3, np.nan], [10, 10, 1])
    assert missing.crossed == pytest.approx([0, np.nan, 0], nan_ok=True)
    still = funnel_of_means([2.0, 3], [0.0, 0], [10, 10])
    assert np.isnan(still.crossed).all()
    assert funnel_of_means([], [], [], overdispersed=True).crossed.shape == (0,)
    none = funnel_of_shares([0, 0, np.nan, 0], [10, 12, 3, 0], overdispersed=True)
    assert none.crossed == pytest.approx([0, 0, np.nan, np.nan], nan_ok=True)
    everybody = funnel_of_shares([10, 12], [10, 12])
    assert everybody.limits().high.tolist() == [1, 1]
    assert everybody.crossed.tolist() == [0, 0]


def test_tables_are_computed_each_for_itself():
    both = funnel_of_means([[1.0, 2, 9], [4, 4, 4]], np.ones((2, 3)), [[9, 9, 9], [4, 5, 6]])
    one = funnel_of_means([1.0, 2, 9], np.ones(3), [9, 9, 9])
    assert both.crossed[0].tolist() == one.crossed.tolist()
    assert both.limits().low[0] == pytest.approx(one.limits().low)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="not whole"):
        funnel_of_shares([1.5], [4])
    with pytest.raises(ValueError, match="below 0 or above n"):
        funnel_of_shares([5], [4])
    with pytest.raises(ValueError, match="negative"):
        funnel_of_means([1.0], [1.0], [-4])
    with pytest.raises(ValueError, match="level 95 is not between"):
        funnel_of_shares([1], [4]).limits(95)
