"""Ranks over the sampling distributions, and when none is given."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import beta, norm

from analysis.ranking import rank_groups
from analysis.shrinkage import shrink_means
from analysis.shrunken_shares import shrink_shares


def table(values, errors):
    """Shrunken values as given, known well enough to be ranked."""
    values, errors = np.array(values, float), np.array(errors, float)
    found = shrink_means(values, errors, np.full(len(values), 20), pooled=False)
    return replace(found, value=values, std_error=errors, reliability=np.array(0.9))


def test_the_chance_of_two_groups_to_be_best_is_that_of_their_difference():
    ranking = rank_groups(table([5, 6], [0.6, 0.8]), seed=1, draws=40_000)
    chance = norm.cdf(-1)
    assert ranking.chance_best == pytest.approx([chance, 1 - chance], abs=0.008)
    assert ranking.value == pytest.approx([2 - chance, 1 + chance], abs=0.008)
    assert ranking.std_error == pytest.approx(np.sqrt(chance * (1 - chance)), abs=0.008)
    assert ranking.interval().low.tolist() == [1, 1]
    assert ranking.interval(0.6).high.tolist() == [2, 1]


def test_groups_far_apart_have_the_ranks_of_their_values():
    found = table([5, 9, 1, 7], [0.01] * 4)
    up, down = rank_groups(found, seed=1), rank_groups(found, seed=1, higher_is_better=False)
    assert up.value.tolist() == [3, 1, 4, 2]
    assert down.value.tolist() == [2, 4, 1, 3]
    assert up.interval().low.tolist() == up.interval().high.tolist() == [3, 1, 4, 2]
    assert up.chance_best.tolist() == [0, 1, 0, 0]
    # The worst quarter of four is one.
    assert up.chance_among_worst.tolist() == [0, 0, 1, 0]
    assert up.interval().rule == "monte_carlo_rank"


def test_groups_alike_may_have_any_rank():
    ranking = rank_groups(table([5] * 8, [1] * 8), seed=1)
    assert ranking.chances == pytest.approx(np.full((8, 8), 1 / 8), abs=0.02)
    assert ranking.chance_among_worst == pytest.approx(np.full(8, 2 / 8), abs=0.02)
    assert ranking.interval().low.tolist() == [1] * 8
    assert ranking.interval().high.tolist() == [8] * 8
    # One fifth lies below rank 2.6 and above 6.4.
    assert ranking.interval(0.6).low.tolist() == [2] * 8
    assert ranking.interval(0.6).high.tolist() == [7] * 8


def test_chances_add_up_for_each_group_and_each_rank():
    ranking = rank_groups(table([5, 6, 7, 6], [1, 2, 1, 0.5]), seed=1)
    assert ranking.chances.sum(axis=0) == pytest.approx(np.ones(4))
    assert ranking.chances.sum(axis=1) == pytest.approx(np.ones(4))


def test_the_same_seed_gives_the_same_ranking_and_another_one_another():
    found = table([5, 6, 7, 6], [1, 2, 1, 0.5])
    one, again, other = (rank_groups(found, seed=seed).chances for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert rank_groups(found, seed=7).seed == 7


def test_raw_ranks_are_drawn_from_the_raw_values():
    found = shrink_means([6.0, 7, 8, 9, 5], [0.5, 0.4, 0.5, 0.4, 0.9], [10, 12, 9, 11, 3])
    raw = rank_groups(found, seed=1, drawn="raw", draws=40_000)
    direct = table(found.raw, found.raw_std_error)
    assert raw.value == pytest.approx(rank_groups(direct, seed=2, draws=40_000).value, abs=0.05)
    assert raw.drawn == "raw"


def test_raw_shares_are_drawn_from_jeffreys_distribution():
    found = replace(shrink_shares([1, 30], [2, 100]), reliability=np.array(0.9))
    ranking = rank_groups(found, seed=1, drawn="raw", draws=40_000)
    grid = (np.arange(20_000) + 0.5) / 20_000
    chance = np.mean(beta(30.5, 70.5).cdf(beta(1.5, 1.5).ppf(grid)))
    assert ranking.chance_best[0] == pytest.approx(chance, abs=0.008)


def test_shrunken_shares_are_drawn_from_their_beta_distribution():
    found = shrink_shares([10, 20, 30, 40], [50] * 4)
    ranking = rank_groups(found, seed=1)
    assert ranking.value == pytest.approx([4, 3, 2, 1], abs=0.1)


def test_no_ranking_is_given_below_a_reliability_of_070():
    found = shrink_means([2.0, 2.1, 2, 2.05, 2], [0.5, 0.4, 0.4, 0.4, 0.5], [15] * 5)
    ranking = rank_groups(found, seed=1)
    assert "reliability is 0.00, below 0.7" in ranking.reason
    for numbers in (ranking.value, ranking.std_error, ranking.chance_best, ranking.chances):
        assert np.isnan(numbers).all()
    assert np.isnan(ranking.chance_among_worst).all()
    assert np.isnan(ranking.interval().low).all()
    at_most = replace(found, reliability=np.array(0.7))
    assert rank_groups(at_most, seed=1).reason == ""


def test_groups_without_a_value_have_no_rank_and_take_none():
    found = table([5, np.nan, 1, 7], [0.01] * 4)
    ranking = rank_groups(found, seed=1)
    assert ranking.value == pytest.approx([2, np.nan, 3, 1], nan_ok=True)
    assert ranking.interval().high == pytest.approx([2, np.nan, 3, 1], nan_ok=True)


def test_one_group_or_none_is_not_ranked():
    assert "fewer than two" in rank_groups(table([5], [1]), seed=1).reason
    empty = rank_groups(shrink_means([], [], []), seed=1)
    assert "fewer than two" in empty.reason
    assert empty.chance_among_worst.shape == (0,)


def test_mistakes_are_refused():
    two = shrink_means(np.ones((2, 5)), np.ones((2, 5)), np.full((2, 5), 9))
    with pytest.raises(ValueError, match="one at a time"):
        rank_groups(two, seed=1)
    with pytest.raises(ValueError, match="draws is 0"):
        rank_groups(table([5, 6], [1, 1]), seed=1, draws=0)
    with pytest.raises(ValueError, match="level 95 is not between"):
        rank_groups(table([5, 6], [1, 1]), seed=1).interval(95)
