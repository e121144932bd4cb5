"""Rules that look at the units present, by hand."""

import numpy as np
import pytest

from analysis.composite import (
    distance_to_best,
    geometric_mean,
    min_max,
    percentile_rank,
    ranks,
    z_score,
)

NAN = np.nan
MORE, LESS = np.array([1.0]), np.array([-1.0])
VALUES = np.array([[2.0, 3.0, NAN, 6.0]])
RULES = (min_max, distance_to_best, z_score, percentile_rank)


def test_min_max_runs_from_the_worst_to_the_best_present():
    np.testing.assert_allclose(min_max(VALUES, MORE), [[0, 25, NAN, 100]])
    np.testing.assert_allclose(min_max(VALUES, LESS), [[100, 75, NAN, 0]])
    np.testing.assert_allclose(min_max(VALUES, MORE, 1, 5), [[1, 2, NAN, 5]])


def test_distance_to_best_is_a_share_of_the_range():
    np.testing.assert_allclose(distance_to_best(VALUES, MORE), [[0, 0.25, NAN, 1]])
    np.testing.assert_allclose(distance_to_best(VALUES, LESS), [[1, 0.75, NAN, 0]])


def test_z_scores_are_in_standard_deviations_of_the_sample():
    # Mean 11/3, squared distances (25 + 4 + 49) / 9, divided by 2: 13/3.
    expected = (VALUES - 11 / 3) / np.sqrt(13 / 3)
    np.testing.assert_allclose(z_score(VALUES, MORE), expected)
    np.testing.assert_allclose(z_score(VALUES, LESS), -expected)


def test_percentile_ranks_give_ties_the_lowest():
    tied = np.array([[5.0, 1.0, 5.0, NAN, 9.0]])
    np.testing.assert_allclose(percentile_rank(tied, MORE), [[1 / 3, 0, 1 / 3, NAN, 1]])
    np.testing.assert_allclose(percentile_rank(tied, LESS), [[1 / 3, 1, 1 / 3, NAN, 0]])


@pytest.mark.parametrize("rule", RULES)
def test_indicators_are_taken_one_by_one_with_their_own_direction(rule):
    both = np.vstack([VALUES, VALUES * 10])
    found = rule(both, np.array([1.0, -1.0]))
    np.testing.assert_allclose(found[0], rule(VALUES, MORE)[0])
    np.testing.assert_allclose(found[1], rule(VALUES, LESS)[0])


@pytest.mark.parametrize("rule", RULES)
def test_where_nothing_can_be_compared_there_is_no_score(rule):
    for values in ([[NAN, NAN]], [[4.0, NAN]]):
        assert np.isnan(rule(np.array(values), MORE)).all()
    same = rule(np.array([[4.0, 4.0]]), MORE)
    assert (same == 0).all() if rule is percentile_rank else np.isnan(same).all()


@pytest.mark.parametrize("rule", RULES)
def test_what_does_not_fit_is_refused(rule):
    with pytest.raises(ValueError, match="shape"):
        rule(VALUES, np.array([1.0, 1.0]))
    with pytest.raises(ValueError, match="shape"):
        rule(VALUES[0], MORE)
    with pytest.raises(ValueError, match="direction must be 1"):
        rule(VALUES, np.array([0.0]))


def test_a_geometric_mean_is_weighted_over_what_is_present():
    values = np.array([[2.0, 2.0, 0.0, NAN], [16.0, NAN, 4.0, NAN]])
    found = geometric_mean(values, np.array([2.0, 1.0]))
    assert found[:3] == pytest.approx([4, 2, 0])
    assert np.isnan(found[3])
    with pytest.raises(ValueError, match="not negative"):
        geometric_mean(-values, np.array([2.0, 1.0]))


def test_ranks_give_ties_the_best_place_and_leave_out_who_is_missing():
    scores = np.array([50, NAN, 70, 0.1 + 0.2, 0.3, 70, 20])
    np.testing.assert_array_equal(ranks(scores), [3, NAN, 1, 5, 5, 1, 4])
    assert ranks(np.array([50.0, 50.00001])).tolist() == [2, 1]
    assert ranks(np.array([])).tolist() == []
    assert np.isnan(ranks(np.array([NAN, NAN]))).all()
