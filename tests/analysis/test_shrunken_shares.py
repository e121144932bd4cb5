"""Shrunken shares against a dense sum over both parameters, and their coverage."""

import numpy as np
import pytest
from scipy.stats import beta, betabinom

from analysis.shrunken_shares import shrink_shares

COUNT = np.array([3, 12, 8, 0, 20, 4])
N = np.array([10, 15, 20, 4, 25, 9])


@pytest.mark.parametrize(
    ("counts", "sizes"), [(COUNT, N), (np.array([0, 1, 0, 0, 2]), np.array([3, 4, 5, 2, 6]))]
)
def test_values_and_errors_are_those_of_a_dense_sum(counts, sizes):
    # The correlation of two answers in a group, 1 / (1 + M), is uniform; so is, with Jeffreys'
    # prior of m, the angle whose squared sine is m.
    step = 1 / 300
    rho, turn = np.meshgrid(np.arange(step / 2, 1, step), np.arange(step / 2, 1, step))
    mean, size = np.sin(turn * np.pi / 2) ** 2, 1 / rho - 1
    a, b = mean * size, (1 - mean) * size
    weight = np.ones_like(rho)
    for count, n in zip(counts, sizes, strict=True):
        weight = weight * betabinom.pmf(count, n, a, b)
    weight /= weight.sum()
    found = shrink_shares(counts, sizes)
    for group, (count, n) in enumerate(zip(counts, sizes, strict=True)):
        own = beta(count + a, n - count + b)
        value = (weight * own.mean()).sum()
        square = (weight * (own.var() + own.mean() ** 2)).sum()
        assert found.value[group] == pytest.approx(value, abs=3e-3)
        assert found.std_error[group] == pytest.approx(np.sqrt(square - value**2), rel=0.03)
        toward = (weight * size / (size + n)).sum()
        assert found.shrinkage[group] == pytest.approx(toward, rel=0.03)


@pytest.mark.parametrize(("share", "spread"), [(0.5, 1.0), (0.9, 0.6), (0.05, 0.7)])
def test_intervals_of_95_percent_hold_the_truth_in_93_to_98(share, spread):
    generator = np.random.default_rng(3)
    n = generator.integers(3, 40, (120, 20))
    odds = np.log(share / (1 - share)) + generator.normal(0, spread, n.shape)
    truth = 1 / (1 + np.exp(-odds))
    limits = shrink_shares(generator.binomial(n, truth), n).interval()
    assert 0.93 <= np.mean((limits.low <= truth) & (truth <= limits.high)) <= 0.98
    assert (limits.low >= 0).all()
    assert (limits.high <= 1).all()
    assert limits.rule == "empirical_bayes_beta"


def test_reliability_is_the_share_of_the_variance_that_is_true_by_hand():
    # Shares .2 .4 .6 .8 of 50: variance 1/15; chance alone 0.25 / 50 = 0.005.
    found = shrink_shares([10, 20, 30, 40], [50] * 4)
    assert float(found.mean) == 0.5
    assert float(found.between_variance) == pytest.approx(1 / 15 - 0.005)
    assert float(found.reliability) == pytest.approx(1 - 0.075)
    assert found.is_rankable
    assert found.raw.tolist() == [0.2, 0.4, 0.6, 0.8]


def test_nobody_of_few_is_not_a_share_of_nothing():
    found = shrink_shares(COUNT, N)
    assert found.raw[3] == 0
    assert 0.1 < found.value[3] < 0.4
    assert found.interval().low[3] > 0


def test_all_or_none_in_every_group_has_values_and_intervals_but_no_ranking():
    for count in ([0] * 5, [6] * 5):
        found = shrink_shares(count, [6] * 5)
        assert ((found.value > 0) & (found.value < 1)).all()
        assert np.isfinite(found.interval().low).all()
        assert not found.is_rankable


def test_fewer_than_four_groups_are_jeffreys_each_by_itself():
    found = shrink_shares([0, 3], [5, 8])
    limits = found.interval()
    for group, (above, below) in enumerate([(0.5, 5.5), (3.5, 5.5)]):
        expected = beta(above, below).ppf([0.025, 0.975])
        assert (limits.low[group], limits.high[group]) == pytest.approx(expected)
    assert found.raw.tolist() == [0, 3 / 8]


def test_tables_and_missing_groups_stand_for_themselves():
    both = shrink_shares([np.append(COUNT, 0), np.append(COUNT[::-1], 3)], [[*N, 0], [*N[::-1], 5]])
    assert both.value[0, :-1] == pytest.approx(shrink_shares(COUNT, N).value)
    assert np.isnan(both.value[0, -1])
    assert np.isnan(shrink_shares([np.nan, 2], [4, 4]).value).tolist() == [True, False]
    assert shrink_shares([], []).value.shape == (0,)
    assert np.isnan(shrink_shares([0, 0], [0, 0]).value).all()


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="below 0 or above n"):
        shrink_shares([5], [4])
    with pytest.raises(ValueError, match="below 0 or above n"):
        shrink_shares([-1], [4])
    with pytest.raises(ValueError, match="level -1 is not between"):
        shrink_shares([1], [4]).interval(-1)
