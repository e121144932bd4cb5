"""Weights: what unequal ones cost, and raking to margins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.margins import Margin
from analysis.weights import kish, kish_from_sums, post_stratify, rake

SIZE = Margin.of("size", ["big", "big", "small", "small"], {"big": 10, "small": 30})
REGION = Margin.of("region", ["n", "s", "n", "s"], {"n": 16, "s": 24})


def test_effective_n_by_hand():
    # (1 + 1 + 2)^2 / (1 + 1 + 4) = 16 / 6; 3 / (16 / 6) = 1.125; sd / mean, divisor n: mean 4/3,
    # variance (1/9 + 1/9 + 4/9) / 3 = 2/9, so sqrt(2/9) / (4/3) = sqrt(1/8).
    found = kish([1, 1, 2])
    assert found.effective_n == pytest.approx(16 / 6)
    assert found.design_effect == pytest.approx(1.125)
    assert found.cv == pytest.approx(0.125**0.5)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20), st.floats(0.1, 10))
def test_effective_n_knows_no_unit_of_weight_and_is_n_at_most(weights, unit):
    found = kish(weights)
    assert kish(np.array(weights) * unit).effective_n == pytest.approx(found.effective_n)
    assert 1 - 1e-9 <= found.effective_n <= len(weights) * (1 + 1e-9)
    assert found.cv == pytest.approx(np.std(weights) / np.mean(weights), abs=1e-6)


def test_equal_weights_cost_nothing():
    found = kish([3.0] * 7)
    assert (found.effective_n, found.design_effect, found.cv) == pytest.approx((7, 1, 0))


def test_a_row_without_weight_does_not_count():
    assert kish([1, 1, 2, 0]) == kish([1, 1, 2])


def test_without_any_weight_nothing_is_defined():
    for found in (kish([]), kish([0, 0])):
        assert (found.n, found.sum_w) == (0, 0)
        assert np.isnan([found.effective_n, found.design_effect, found.cv]).all()


def test_sums_of_many_cells_give_what_their_rows_give():
    cells = [[1.0, 1, 2], [5.0], [0.3, 0.7, 0.1, 2]]
    found = kish_from_sums(
        np.array([sum(one) for one in cells]),
        np.array([sum(w * w for w in one) for one in cells]),
        np.array([len(one) for one in cells], float),
    )
    for place, rows in enumerate(cells):
        alone = kish(rows)
        assert found.effective_n[place] == pytest.approx(alone.effective_n)
        assert found.cv[place] == pytest.approx(alone.cv, abs=1e-7)


def test_a_cell_with_nan_is_nan_and_no_other_is():
    found = kish_from_sums(np.array([np.nan, 4.0]), np.array([6.0, 6.0]), np.array([3.0, 3.0]))
    assert np.isnan(found.effective_n[0])
    assert found.effective_n[1] == pytest.approx(16 / 6)


def test_impossible_weights_and_sums_are_refused():
    for wrong in ([-1.0], [np.nan], [np.inf]):
        with pytest.raises(ValueError, match="negative, infinite or NaN"):
            kish(wrong)
    with pytest.raises(ValueError, match="not one column"):
        kish([[1.0]])
    with pytest.raises(ValueError, match="is negative"):
        kish_from_sums(1.0, -1.0, 1.0)
    with pytest.raises(ValueError, match="No n weights have this sum"):
        kish_from_sums(10.0, 10.0, 3.0)


def test_equal_starts_of_all_combinations_give_the_product_of_the_margins():
    found = rake([SIZE, REGION])
    # 10 * 16 / 40, 10 * 24 / 40, 30 * 16 / 40, 30 * 24 / 40.
    assert found.weights == pytest.approx([4, 6, 12, 18])
    assert found.converged
    assert found.gap <= 1e-10


@given(st.lists(st.floats(0.1, 10), min_size=4, max_size=4))
def test_raking_fits_the_margins_and_keeps_the_odds_ratio_of_the_start(start):
    # Multiplying rows and columns leaves the odds ratio of a 2 x 2 table as it was; with the
    # margins it determines the table.
    big_n, big_s, small_n, small_s = rake([SIZE, REGION], start).weights
    assert (big_n + big_s, small_n + small_s) == pytest.approx((10, 30))
    assert (big_n + small_n, big_s + small_s) == pytest.approx((16, 24))
    odds = start[0] * start[3] / (start[1] * start[2])
    assert big_n * small_s / (big_s * small_n) == pytest.approx(odds)


def test_counts_of_combinations_give_the_weights_of_their_people():
    # 5 big in the north, 1 big in the south, 2 and 3 small ones; one row a person.
    counts = [5, 1, 2, 3]
    people = np.repeat(np.arange(4), counts)
    labels = np.array([["big", "n"], ["big", "s"], ["small", "n"], ["small", "s"]])[people]
    by_person = rake(
        [
            Margin.of("size", labels[:, 0], {"big": 10, "small": 30}),
            Margin.of("region", labels[:, 1], {"n": 16, "s": 24}),
        ]
    )
    by_count = rake([SIZE, REGION], counts)
    assert by_person.weights == pytest.approx(by_count.factors[people])
    assert by_count.weights == pytest.approx(by_count.factors * counts)


def test_weights_that_fit_already_stay_as_they_are():
    found = rake([SIZE, REGION], [4, 6, 12, 18])
    assert found.weights == pytest.approx([4, 6, 12, 18])
    assert (found.iterations, found.converged) == (1, True)


def test_shares_of_1_do_for_totals():
    shares = {"big": 0.25, "small": 0.75}
    found = rake([Margin.of("size", ["big", "big", "small", "small"], shares)])
    assert found.weights.sum() == pytest.approx(1)


def test_post_stratification_fits_crossed_cells_in_one_round():
    columns = (["big", "small", "big"], ["n", "n", "n"])
    cells = Margin.crossed("cell", columns, {("big", "n"): 6, ("small", "n"): 30})
    found = post_stratify(cells, [1, 5, 2])
    assert found.weights == pytest.approx([2, 30, 4])
    assert (found.iterations, found.converged) == (1, True)


def test_margins_that_no_weights_fit_are_reported():
    # Everybody big is in the north: 10 cannot be 16, and 30 cannot be 24.
    size = Margin.of("size", ["big", "small"], {"big": 10, "small": 30})
    region = Margin.of("region", ["n", "s"], {"n": 16, "s": 24})
    found = rake([size, region], max_iterations=50)
    assert not found.converged
    assert found.iterations == 50
    # 6 of 40 are on the wrong side in the margin fitted before last.
    assert found.gap == pytest.approx(6 / 40)


def test_a_category_that_nobody_has_is_named():
    absent = Margin.of("size", ["big"], {"big": 10, "small": 30})
    with pytest.raises(ValueError, match="Nobody is in the category 'small' of the margin size"):
        rake([absent])
    with pytest.raises(ValueError, match="Nobody is in the category 's' of the margin region"):
        rake([SIZE, REGION], [1, 0, 1, 0])


def test_margins_of_different_populations_are_named():
    other = Margin.of("region", ["n", "s", "n", "s"], {"n": 16, "s": 25})
    with pytest.raises(ValueError, match="margin region sum to 41, those of size to 40"):
        rake([SIZE, other])


def test_rows_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="margin size has 4 rows, and there are 3 weights"):
        rake([SIZE], [1, 1, 1])
    with pytest.raises(ValueError, match="margin other has 2 rows, and there are 4 weights"):
        rake([SIZE, Margin.of("other", ["x", "x"], {"x": 40})])
    with pytest.raises(ValueError, match="no margin to rake to"):
        rake([])
