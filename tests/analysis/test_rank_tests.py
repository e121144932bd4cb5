"""Tests of ranks against scipy's, and the exact one against all permutations."""

import math
from itertools import combinations

import numpy as np
import pytest
import scipy.stats

from analysis.rank_tests import brunner_munzel, kruskal_wallis, mann_whitney
from analysis.two_samples import Sample

ONE, OTHER = [4, 5, 5, 3, 2, 5], [2, 3, 3, 4, 1]
WITHOUT_TIES = [1.5, 2.5, 7.1, 4.4], [3.3, 8.1, 9.2, 10.4, 5.0]
PAIRS = [(ONE, OTHER), (OTHER, ONE), WITHOUT_TIES, ([1, 1, 1], [1, 1, 2])]
NOBODY = Sample.of([])


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.parametrize("continuity", [False, True])
def test_mann_whitney_is_scipys(one, other, continuity):
    expected = scipy.stats.mannwhitneyu(one, other, use_continuity=continuity, method="asymptotic")
    rule = "normal_continuity" if continuity else "normal"
    found = mann_whitney(Sample.of(one), Sample.of(other), rule=rule)
    assert found.u == expected.statistic
    assert found.p == pytest.approx(expected.pvalue)
    assert found.rule == rule


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_exact_test_counts_all_ways_to_deal_the_ratings_out(one, other):
    everything = np.array([*one, *other])
    ranks = scipy.stats.rankdata(everything)
    expected = len(one) * (len(everything) + 1) / 2
    off = abs(ranks[: len(one)].sum() - expected)
    ways = [sum(drawn) for drawn in combinations(ranks.tolist(), len(one))]
    as_far = sum(abs(way - expected) >= off - 1e-9 for way in ways)
    found = mann_whitney(Sample.of(one), Sample.of(other), rule="exact")
    assert found.p == pytest.approx(as_far / len(ways))


def test_effects_count_pairs_with_ties_half():
    # 5 > 4: of the pairs (4, 5), (4, 4), (5, 5), (5, 4) one is higher, one lower, two are tied.
    found = mann_whitney(Sample.of([4, 5]), Sample.of([5, 4]))
    assert (found.u, found.superiority, found.cliffs_delta) == (2, 0.5, 0)
    found = mann_whitney(Sample.of([9, 8]), Sample.of([1, 2, 3]))
    assert (found.u, found.superiority, found.cliffs_delta) == (6, 1, 1)
    # What continuity takes away is at most what there is.
    assert mann_whitney(Sample.of([4, 5]), Sample.of([5, 4])).p == 1


def test_equal_ratings_cannot_be_tested_and_no_ratings_say_nothing():
    for rule in ("normal", "normal_continuity", "exact"):
        alike = mann_whitney(Sample.of([3, 3]), Sample.of([3, 3, 3]), rule=rule)
        assert alike.superiority == 0.5
        assert math.isnan(alike.p)
        nothing = mann_whitney(NOBODY, Sample.of([3, 3]), rule=rule)
        assert np.isnan([nothing.u, nothing.superiority, nothing.cliffs_delta, nothing.p]).all()
        assert not math.isnan(mann_whitney(Sample.of([1]), Sample.of([3]), rule=rule).p)


def test_an_exact_test_of_very_many_is_refused():
    many = Sample.counted([1, 2], [50, 1])
    with pytest.raises(ValueError, match="More than 100 ratings are too many"):
        mann_whitney(many, many, rule="exact")
    with pytest.raises(ValueError, match="rule student is unknown"):
        mann_whitney(many, many, rule="student")


@pytest.mark.parametrize(("one", "other"), [*PAIRS[:3], ([1, 1, 2], [1, 3, 3])])
def test_brunner_munzel_is_scipys_with_the_sign_of_first_minus_second(one, other):
    expected = scipy.stats.brunnermunzel(one, other)
    found = brunner_munzel(Sample.of(one), Sample.of(other))
    # scipy's statistic is above 0 where the second group rates higher.
    assert found.statistic == pytest.approx(-expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    pairs = [(a > b) + (a == b) / 2 for a in one for b in other]
    assert found.value == pytest.approx(np.mean(pairs))
    assert (found.n1, found.n2) == (len(one), len(other))


def test_the_interval_of_a_superiority_is_cut_at_0_and_1_and_leaves_out_half_with_its_p():
    found = brunner_munzel(Sample.of([4, 5, 5, 3]), Sample.of([2, 3, 3, 4]))
    limits = found.interval()
    half = scipy.stats.t.ppf(0.975, found.df) * found.std_error
    assert limits.low == pytest.approx(found.value - half)
    assert limits.high == 1
    assert limits.rule == "brunner_munzel"
    assert found.interval(1 - found.p).low == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [([4, 5], [1, 2], 1.0), ([3, 3], [3, 3], 0.5), ([4], [1, 2, 3], 1.0), ([], [1, 2], math.nan),
     ([], [], math.nan)],
)  # fmt: skip
def test_groups_apart_alike_or_too_small_have_no_interval(one, other, value):
    found = brunner_munzel(Sample.of(one), Sample.of(other))
    assert found.value == pytest.approx(value, nan_ok=True)
    limits = found.interval()
    unknown = [found.std_error, found.df, found.statistic, found.p, limits.low, limits.high]
    assert np.isnan(unknown).all()


def test_kruskal_wallis_is_scipys_and_leaves_out_groups_without_ratings():
    groups = [ONE, OTHER, [1, 1, 2, 5]]
    expected = scipy.stats.kruskal(*groups)
    for samples in ([Sample.of(one) for one in groups], [NOBODY, *map(Sample.of, groups)]):
        found = kruskal_wallis(samples)
        assert found.statistic == pytest.approx(expected.statistic)
        assert found.p == pytest.approx(expected.pvalue)
        assert found.df == 2


@pytest.mark.parametrize(
    ("samples", "df"),
    [([], 0), ([NOBODY, NOBODY], 0), ([Sample.of(ONE), NOBODY], 0),
     ([Sample.of([3]), Sample.of([3, 3])], 1)],
)  # fmt: skip
def test_fewer_than_two_groups_or_equal_ratings_have_no_kruskal_wallis(samples, df):
    found = kruskal_wallis(samples)
    assert found.df == df
    assert math.isnan(found.statistic)
    assert math.isnan(found.p)
