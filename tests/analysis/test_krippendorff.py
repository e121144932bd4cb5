"""Krippendorff's alpha by hand and by pairs, its bootstrap, and its edges."""

from itertools import permutations

import numpy as np
import pytest

from analysis import krippendorff
from analysis.krippendorff import METRICS, krippendorffs_alpha

RATINGS = np.array(
    [
        [1, 1, np.nan, 2],
        [2, 3, 3, np.nan],
        [3, 3, 3, 3],
        [5, np.nan, 4, np.nan],
        [1, 2, 1, 1],
        [np.nan, 4, np.nan, np.nan],
        [4, 4, 5, 1],
    ]
)


def by_pairs(ratings, difference):
    """One less the mean difference of pairs in units over that of all pairs."""
    units = [row[~np.isnan(row)] for row in ratings]
    units = [unit for unit in units if len(unit) > 1]
    everything = np.concatenate(units)
    within = sum(
        difference(a, b, everything) / (len(unit) - 1)
        for unit in units
        for a, b in permutations(unit, 2)
    ) / len(everything)
    between = [difference(a, b, everything) for a, b in permutations(everything, 2)]
    return 1 - within / np.mean(between)


def ordinal(a, b, everything):
    low, high = min(a, b), max(a, b)
    count = np.sum((everything >= low) & (everything <= high))
    return (count - (np.sum(everything == a) + np.sum(everything == b)) / 2) ** 2


DIFFERENCES = {
    "nominal": lambda a, b, _: a != b,
    "ordinal": ordinal,
    "interval": lambda a, b, _: (a - b) ** 2,
    "ratio": lambda a, b, _: ((a - b) / (a + b)) ** 2,
}


@pytest.mark.parametrize("metric", METRICS)
def test_alpha_is_that_of_all_pairs_one_by_one(metric):
    found = krippendorffs_alpha(RATINGS, metric, seed=1, draws=0)
    assert found.value == pytest.approx(by_pairs(RATINGS, DIFFERENCES[metric]), rel=1e-12)
    assert (found.n, found.ratings) == (6, 20)


def test_nominal_alpha_is_that_worked_by_hand():
    # Three units of two, one of them differs: 2 of 6 values disagree. Of the values 1 1 1 2 2 2
    # 18 of 30 pairs differ: 1 - (1/3) / (3/5).
    found = krippendorffs_alpha([[1, 1], [2, 2], [1, 2]], "nominal", seed=1, draws=0)
    assert found.value == pytest.approx(1 - (1 / 3) / (3 / 5))
    assert (found.observed, found.expected) == pytest.approx((1 / 3, 3 / 5))


@pytest.mark.parametrize("metric", METRICS)
def test_the_bootstrap_is_the_alpha_of_units_drawn_again(metric):
    found = krippendorffs_alpha(RATINGS, metric, seed=3, draws=5)
    pairable = RATINGS[[0, 1, 2, 3, 4, 6]]
    times = np.random.default_rng(3).multinomial(6, np.full(6, 1 / 6), size=5)
    again = [by_pairs(np.repeat(pairable, row, axis=0), DIFFERENCES[metric]) for row in times]
    assert found.replicates == pytest.approx(np.sort(again), rel=1e-9)
    assert found.std_error == pytest.approx(np.std(again, ddof=1))
    limits = found.interval(0.5)
    assert (limits.low, limits.high) == pytest.approx(tuple(np.quantile(again, [0.25, 0.75])))
    assert limits.rule == "unit_bootstrap_percentile"


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    one, again, other = (
        krippendorffs_alpha(RATINGS, "ordinal", seed=seed).interval() for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other


def test_intervals_of_60_units_hold_the_truth_as_often_as_they_say():
    generator = np.random.default_rng(5)
    held = []
    # Ratings are a unit's value plus an error of the same variance: alpha is 1/2.
    for seed in range(150):
        ratings = generator.normal(0, 1, (60, 1)) + generator.normal(0, 1, (60, 3))
        limits = krippendorffs_alpha(ratings, "interval", seed=seed, draws=200).interval()
        held.append(limits.low <= 0.5 <= limits.high)
    assert 0.88 <= np.mean(held) <= 0.99


def test_many_units_are_resampled_in_parts_with_the_same_answer(monkeypatch):
    whole = krippendorffs_alpha(RATINGS, "ordinal", seed=1, draws=50)
    monkeypatch.setattr(krippendorff, "CHUNK", 60)
    parts = krippendorffs_alpha(RATINGS, "ordinal", seed=1, draws=50)
    assert parts.replicates == pytest.approx(whole.replicates)


@pytest.mark.parametrize("metric", METRICS)
def test_zero_is_a_rating_like_others(metric):
    found = krippendorffs_alpha([[0, 0], [0, 1], [3, 3], [2, 2]], metric, seed=1, draws=0)
    assert 0 < found.value < 1


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        (np.empty((0, 3)), "No unit has two ratings"),
        ([[1], [2]], "No unit has two ratings"),
        ([[1, np.nan], [np.nan, 2]], "No unit has two ratings"),
        ([[2, 2], [2, 2]], "All ratings are the same"),
    ],
)
def test_without_differences_there_is_no_value_but_a_reason(metric, ratings, reason):
    found = krippendorffs_alpha(ratings, metric, seed=1)
    assert reason in found.reason
    assert np.isnan([found.value, found.std_error, found.interval().low]).all()


@pytest.mark.parametrize("metric", METRICS)
def test_full_agreement_is_1_without_an_interval(metric):
    found = krippendorffs_alpha([[1, 1], [2, 2], [3, 3]], metric, seed=1)
    assert found.value == pytest.approx(1)
    assert "no interval" in found.reason
    assert np.isnan(found.interval().low)


def test_one_unit_has_a_value_of_chance_without_an_interval():
    found = krippendorffs_alpha([[1, 2, 3]], "interval", seed=1)
    assert found.value == pytest.approx(0)
    assert np.isnan(found.interval().low)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="metric is 'cardinal'"):
        krippendorffs_alpha(RATINGS, "cardinal", seed=1)
    with pytest.raises(ValueError, match="negative number"):
        krippendorffs_alpha([[-1, 1]], "ratio", seed=1)
    with pytest.raises(ValueError, match="give a matrix"):
        krippendorffs_alpha([1, 2], "nominal", seed=1)
    with pytest.raises(ValueError, match="infinite"):
        krippendorffs_alpha([[1, np.inf]], "nominal", seed=1)
    with pytest.raises(ValueError, match="draws is -1"):
        krippendorffs_alpha(RATINGS, "nominal", seed=1, draws=-1)
