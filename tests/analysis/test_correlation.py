"""Correlations and their intervals against hand calculation and a simulation."""

import numpy as np
import pytest

from analysis.correlation import pearson, spearman

NAN = np.nan


@pytest.mark.parametrize("find", [pearson, spearman])
def test_pairs_are_complete_or_left_out(find):
    found = find(np.array([1.0, NAN, 3, 2, 9]), np.array([1.0, 2, 2, 4, NAN]))
    assert (found.n, found.n_rows) == (3, 5)
    assert not np.isnan(found.value)


def test_ranks_share_ties_and_do_not_mind_distance():
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 x 5).
    found = spearman(np.array([1.0, 2, 2, 900]), np.array([1.0, 2, 3, 4]))
    assert found.value == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    # Deviations -1.5, -0.5, 0.5, 1.5 and -1, -1, 1, 1: 4 / sqrt(5 x 4).
    found = pearson(np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 3, 3]))
    assert found.value == pytest.approx(4 / np.sqrt(20))


def test_the_interval_is_symmetric_on_fishers_scale():
    x = np.arange(12.0)
    y = x + 5 * np.cos(x)
    for find, rule in ((pearson, "fisher_z"), (spearman, "bonett_wright")):
        found = find(x, y)
        error = np.sqrt((1 + (found.value**2 / 2 if find is spearman else 0)) / 9)
        assert found.std_error == pytest.approx(error)
        interval = found.interval(0.90)
        assert np.arctanh(interval.high) == pytest.approx(
            np.arctanh(found.value) + 1.644853627 * error
        )
        assert np.arctanh(interval.low) == pytest.approx(
            np.arctanh(found.value) - 1.644853627 * error
        )
        assert (interval.level, interval.rule) == (0.90, rule)
        assert found.interval().level == 0.95
        for level in (0, 1):
            with pytest.raises(ValueError, match="level"):
                found.interval(level)


@pytest.mark.parametrize("find", [pearson, spearman])
def test_little_data_has_an_undefined_answer(find):
    none = np.array([])
    for x, y in (
        (none, none),
        (none[:0], none),
        (np.ones(1), np.ones(1)),
        (np.ones(5), np.arange(5)),
    ):
        assert np.isnan(find(x, y).value)
        assert np.isnan(find(x, y).interval().low)
    two = find(np.array([1.0, 2]), np.array([5.0, 3]))
    assert two.value == pytest.approx(-1)
    assert np.isnan(two.std_error)
    assert np.isnan(find(np.arange(3.0), np.arange(3.0)).interval().low)
    four = find(np.arange(4.0), np.array([1.0, 0, 3, 2]))
    assert not np.isnan(four.std_error)
    perfect = find(np.arange(9.0), np.arange(9.0)).interval()
    assert (perfect.low, perfect.high) == pytest.approx((1, 1))


@pytest.mark.parametrize("find", [pearson, spearman])
def test_the_interval_covers_as_often_as_it_says(find):
    random = np.random.default_rng(6)
    # Of normal variables the rank correlation is 6 / pi asin(r / 2).
    truth = 0.6 if find is pearson else 6 / np.pi * np.arcsin(0.3)
    covered = []
    for _ in range(1000):
        x, noise = random.normal(size=(2, 40))
        interval = find(x, 0.6 * x + 0.8 * noise).interval()
        covered.append(interval.low <= truth <= interval.high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.021)


@pytest.mark.parametrize("find", [pearson, spearman])
def test_pairs_must_be_pairs(find):
    for x, y in ((np.ones(3), np.ones(4)), (np.ones((2, 2)), np.ones((2, 2)))):
        with pytest.raises(ValueError, match="shape"):
            find(x, y)
