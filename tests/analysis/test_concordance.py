"""Kendall's W by hand, and by its tie to Friedman's test."""

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from analysis.concordance import kendalls_w


def test_three_raters_of_four_units_worked_by_hand():
    # Sums of ranks 4, 6, 8, 12 about 7.5: 12.25 + 2.25 + 0.25 + 20.25 = 35; most is
    # 9 (64 - 4) / 12 = 45.
    found = kendalls_w([[1, 1, 2], [2, 3, 1], [3, 2, 3], [4, 4, 4]])
    assert found.value == pytest.approx(35 / 45)
    assert found.chi2 == pytest.approx(3 * 3 * 35 / 45)
    assert (found.n, found.raters, found.df) == (4, 3, 3)
    # chi2 = 7 on 3 degrees of freedom.
    assert found.p == pytest.approx(0.0718977, abs=1e-7)


def test_ties_share_their_ranks_and_count_less_worked_by_hand():
    # Ranks of the raters: 1.5 1.5 3.5 3.5 and 1 2 3 4; sums 2.5 3.5 6.5 7.5 about 5: squares
    # 6.25 + 2.25 + 2.25 + 6.25 = 17. Ties 2 (8 - 2) = 12: 12 x 17 / (4 x 60 - 2 x 12).
    found = kendalls_w([[5, 1], [5, 2], [9, 3], [9, 4]])
    assert found.value == pytest.approx(204 / 216)


def test_chi2_is_friedmans():
    ratings = np.random.default_rng(2).integers(1, 6, (12, 5)).astype(float)
    found = kendalls_w(ratings)
    expected = friedmanchisquare(*ratings)
    assert found.chi2 == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_equal_orders_agree_fully_and_opposite_ones_of_two_not_at_all():
    assert kendalls_w([[1, 10], [2, 20], [3, 30]]).value == pytest.approx(1)
    assert kendalls_w([[1, 30], [2, 20], [3, 10]]).value == pytest.approx(0)


def test_units_with_a_missing_rating_are_left_out():
    assert kendalls_w([[1, 2], [2, 1], [3, 3], [4, np.nan]]) == kendalls_w([[1, 2], [2, 1], [3, 3]])


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        (np.empty((0, 3)), "fewer than two units"),
        ([[1, 2, 3]], "fewer than two units"),
        ([[1], [2]], "fewer than two units"),
        ([[np.nan, 1], [np.nan, 2]], "fewer than two units"),
        ([[2, 3], [2, 3], [2, 3]], "no order to agree on"),
    ],
)
def test_without_orders_there_is_no_value_but_a_reason(ratings, reason):
    found = kendalls_w(ratings)
    assert reason in found.reason
    assert np.isnan([found.value, found.chi2, found.p]).all()


def test_a_row_is_not_a_matrix():
    with pytest.raises(ValueError, match="give a matrix"):
        kendalls_w([1, 2, 3])
