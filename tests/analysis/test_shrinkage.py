"""Shrunken means against a direct integral, and the coverage of their intervals."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import t

from analysis.shrinkage import beta_of_moments, pool_variance, shrink_means

# Coaching in eight schools (Rubin 1981): effects and their standard errors.
EFFECT = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERROR = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def schools():
    return shrink_means(EFFECT, ERROR, np.full(8, 30), pooled=False)


def test_values_and_errors_are_those_of_a_direct_integral():
    def at(between):
        weight = 1 / (between + ERROR**2)
        mean = np.average(EFFECT, weights=weight)
        squares = (weight * (EFFECT - mean) ** 2).sum()
        height = np.sqrt(weight.prod() / weight.sum()) * np.exp(-squares / 2)
        toward = ERROR**2 * weight
        value = EFFECT - toward * (EFFECT - mean)
        return height * 1e8, value, ERROR**2 * (1 - toward) + toward**2 / weight.sum(), toward

    def mean_of(what):
        whole = quad(lambda a: at(a)[0], 0, np.inf, limit=200)[0]
        return quad(lambda a: at(a)[0] * what(at(a)), 0, np.inf, limit=200)[0] / whole

    found = schools()
    for group in (0, 2, 7):
        value = mean_of(lambda one, group=group: one[1][group])
        square = mean_of(lambda one, group=group: one[2][group] + one[1][group] ** 2)
        assert found.value[group] == pytest.approx(value, rel=1e-3)
        assert found.std_error[group] == pytest.approx(np.sqrt(square - value**2), rel=1e-3)
        share = mean_of(lambda one, group=group: one[3][group])
        assert found.shrinkage[group] == pytest.approx(share, rel=1e-3)


def test_schools_that_differ_by_chance_are_not_rankable():
    found = schools()
    # Published: Q = 4.7 on 7 degrees of freedom, so that no variance between schools is seen.
    assert float(found.between_variance) == 0
    assert float(found.reliability) == 0
    assert not found.is_rankable
    assert found.raw.tolist() == EFFECT.tolist()
    assert np.ptp(found.value) < np.ptp(EFFECT) / 2


def test_reliability_is_the_share_of_the_variance_that_is_true_by_hand():
    # Variance of 1..5 is 2.5, of which 0.5 is error: 2 / 2.5.
    found = shrink_means([1, 2, 3, 4, 5], [np.sqrt(0.5)] * 5, [10] * 5)
    assert float(found.reliability) == pytest.approx(0.8)
    assert found.is_rankable
    assert float(found.mean) == pytest.approx(3)


def test_one_variance_is_pooled_from_all_groups_by_hand():
    # Variances of units 4 x 0.25 = 1 on 3 and 9 x 1 = 9 on 8 degrees of freedom: 75 / 11.
    variance, freedom = pool_variance(
        np.array([1.0, 2, 3, np.nan]), np.array([0.5, 1, np.nan, 1]), np.array([4.0, 9, 1, 5])
    )
    assert variance == pytest.approx([75 / 44, 75 / 99, 75 / 11, np.nan], nan_ok=True)
    assert float(freedom) == 11


def test_pooled_intervals_are_students_t_on_what_was_pooled():
    found = shrink_means([1.0, 2, 3, 4, 8], [0.5, 0.6, 0.4, 0.5, 0.7], [4, 5, 6, 3, 4])
    limits = found.interval(0.9)
    half = t.ppf(0.95, 17) * found.std_error
    assert limits.low == pytest.approx(found.value - half)
    assert limits.high == pytest.approx(found.value + half)
    assert limits.rule == "empirical_bayes_t"


def test_a_group_without_spread_of_its_own_is_weighed_by_the_pooled_variance():
    found = shrink_means([6.0, 7, 8, 9, 5], [0.5, 0.4, 0, 0.4, np.nan], [10, 12, 2, 11, 1])
    assert np.isfinite(found.value).all()
    assert found.shrinkage[4] > found.shrinkage[2] > found.shrinkage[0]
    apart = shrink_means(
        [6.0, 7, 8, 9, 5], [0.5, 0.4, 0, 0.4, np.nan], [10, 12, 2, 11, 1], pooled=False
    )
    assert np.isnan(apart.value).tolist() == [False, False, True, False, True]
    assert apart.raw.tolist() == [6, 7, 8, 9, 5]


def coverage(groups, between, seed):
    """How often intervals of 95 % hold the truth, units of variance 1, 3 to 24 of them a group."""
    generator = np.random.default_rng(seed)
    n = generator.integers(3, 25, (400, groups))
    truth = generator.normal(3, np.sqrt(between), n.shape)
    value = truth + generator.normal(0, 1 / np.sqrt(n))
    error = np.sqrt(generator.chisquare(n - 1) / (n - 1) / n)
    limits = shrink_means(value, error, n).interval()
    return np.mean((limits.low <= truth) & (truth <= limits.high))


@pytest.mark.parametrize("groups", [10, 20, 50])
@pytest.mark.parametrize("between", [0.1, 0.3, 1.0])
def test_intervals_of_95_percent_hold_the_truth_in_93_to_97(groups, between):
    assert 0.93 <= coverage(groups, between, seed=groups) <= 0.97


@pytest.mark.parametrize("groups", [10, 20, 50])
@pytest.mark.parametrize("between", [0.0, 0.02, 0.04])
def test_intervals_are_rather_too_wide_where_groups_hardly_differ(groups, between):
    assert coverage(groups, between, seed=groups) >= 0.94


def test_shrunken_means_are_nearer_to_the_truth_than_raw_ones():
    generator = np.random.default_rng(9)
    truth = generator.normal(3, 0.3, (300, 20))
    value = truth + generator.normal(0, 0.3, truth.shape)
    found = shrink_means(value, np.full(truth.shape, 0.3), np.full(truth.shape, 11))
    assert np.mean((found.value - truth) ** 2) < 0.65 * np.mean((value - truth) ** 2)


def test_tables_are_computed_each_for_itself():
    both = shrink_means([EFFECT, EFFECT[::-1] * 3], [ERROR, ERROR], np.full((2, 8), 30))
    other = shrink_means(EFFECT[::-1] * 3, ERROR, np.full(8, 30))
    assert both.value[1] == pytest.approx(other.value)
    assert both.interval().high[1] == pytest.approx(other.interval().high)
    assert both.is_rankable.shape == (2,)


def test_a_missing_group_is_missing_alone():
    value, error = np.append(EFFECT, np.nan), np.append(ERROR, 3)
    found = shrink_means(value, error, np.full(9, 30), pooled=False)
    assert found.value[:-1] == pytest.approx(schools().value)
    assert np.isnan(found.value[-1])
    assert float(found.groups) == 8


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_fewer_than_four_groups_stay_as_they_are(groups):
    found = shrink_means(EFFECT[:groups], ERROR[:groups], [30] * groups, pooled=False)
    assert found.value.tolist() == EFFECT[:groups].tolist()
    assert found.std_error == pytest.approx(ERROR[:groups])
    assert (found.shrinkage == 0).all()


def test_nothing_is_known_where_nobody_spreads_or_nobody_is():
    still = shrink_means([2.0, 3, 4, 5], [0.0] * 4, [5] * 4)
    assert np.isnan(still.value).all()
    assert np.isnan(still.reliability)
    assert not still.is_rankable
    assert still.raw.tolist() == [2, 3, 4, 5]
    empty = shrink_means([], [], [])
    assert (empty.value.shape, float(empty.groups)) == ((0,), 0)
    missing = shrink_means([np.nan] * 5, [np.nan] * 5, [0] * 5)
    assert np.isnan(missing.value).all()


def test_equal_values_are_known_better_together_than_alone():
    found = shrink_means([2.0] * 5, [0.5] * 5, [5] * 5)
    assert found.value == pytest.approx(np.full(5, 2.0))
    assert (found.std_error < 0.45).all()


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="std_error holds a negative"):
        shrink_means([1.0], [-1.0], [3])
    with pytest.raises(ValueError, match="n holds a negative"):
        shrink_means([1.0], [1.0], [-3])
    with pytest.raises(ValueError, match="one shape"):
        shrink_means([1.0, 2], [1.0], [3])
    with pytest.raises(ValueError, match="level 2 is not between"):
        schools().interval(2)


def test_a_beta_distribution_has_the_moments_it_was_made_from():
    above, below = beta_of_moments(np.array([0.25, 0.5]), np.array([0.1, 0.5]))
    assert above[0] / (above[0] + below[0]) == pytest.approx(0.25)
    assert above[0] * below[0] / (above[0] + below[0]) ** 2 / (above[0] + below[0] + 1) == (
        pytest.approx(0.01)
    )
    assert np.isnan(above[1])
