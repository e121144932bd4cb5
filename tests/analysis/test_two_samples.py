"""Samples, t tests and standardised differences against scipy and by hand."""

import math

import numpy as np
import pytest
import scipy.stats

from analysis.two_samples import Sample, cohens_d, hedges_g, moments, student, welch

ONE, OTHER = [4, 5, 5, 3, 2, 5], [2, 3, 3, 4, 1]
NOBODY = Sample.of([])


def test_counts_of_a_scale_and_the_ratings_are_the_same_sample():
    assert Sample.of([5, 1, np.nan, 5, 3]) == Sample.counted([5, 4, 3, 2, 1], [2, 0, 1, 0, 1])
    sample = Sample.of([5, 1, np.nan, 5, 3])
    assert (sample.values, sample.counts, sample.n) == ((1, 3, 5), (1, 1, 2), 4)
    assert (sample.mean, sample.variance) == pytest.approx((3.5, 11 / 3))


def test_without_enough_ratings_there_are_no_moments():
    assert math.isnan(NOBODY.mean)
    assert math.isnan(NOBODY.variance)
    assert Sample.of([4]).mean == 4
    assert math.isnan(Sample.of([4]).variance)
    assert np.isnan(moments([], [])).all()


@pytest.mark.parametrize(("test", "equal"), [(welch, False), (student, True)])
def test_t_tests_are_scipys(test, equal):
    expected = scipy.stats.ttest_ind(ONE, OTHER, equal_var=equal)
    change = test(Sample.of(ONE), Sample.of(OTHER))
    assert change.statistic == pytest.approx(expected.statistic)
    assert change.p == pytest.approx(expected.pvalue)
    limits, found = expected.confidence_interval(0.9), change.interval(0.9)
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))


def test_standardised_differences_by_hand():
    # Squared distances add up to 8 and 5.2: pooled variance 13.2 / 9; means 4 and 2.6.
    d = 1.4 / math.sqrt(13.2 / 9)
    assert cohens_d(Sample.of(ONE), Sample.of(OTHER)) == pytest.approx(d)
    assert cohens_d(Sample.of(OTHER), Sample.of(ONE)) == pytest.approx(-d)
    # With m = 9, gamma(4.5) = 105 sqrt(pi) / 16 and gamma(4) = 6.
    factor = 105 * math.sqrt(math.pi) / 16 / (math.sqrt(4.5) * 6)
    assert hedges_g(Sample.of(ONE), Sample.of(OTHER)) == pytest.approx(d * factor)


@pytest.mark.parametrize(
    ("first", "second"),
    [(NOBODY, Sample.of(ONE)), (Sample.of([4]), Sample.of(ONE)), (NOBODY, NOBODY),
     (Sample.of([4, 4]), Sample.of([3, 3, 3]))],
)  # fmt: skip
def test_without_spread_or_ratings_there_is_no_effect_size(first, second):
    assert math.isnan(cohens_d(first, second))
    assert math.isnan(hedges_g(second, first))


@pytest.mark.parametrize(
    ("values", "counts", "words"),
    [
        ([1, 2], [3], "differ in number"),
        ([1, 1], [3, 4], "comes twice"),
        ([1, np.nan], [3, 4], "is not a number"),
        ([1, 2], [3, -4], "negative or not whole"),
        ([1, 2], [3, 0.5], "negative or not whole"),
        ([1, 2], [3, np.nan], "negative or not whole"),
    ],
)
def test_what_is_no_count_of_ratings_is_refused(values, counts, words):
    with pytest.raises(ValueError, match=words):
        Sample.counted(values, counts)
