"""Margins: each row's category, each category's total, and what is refused."""

import pytest

from analysis.margins import Margin


def test_rows_are_numbered_by_the_declared_order_of_categories():
    margin = Margin.of("size", ["b", "a", "b", "c"], {"c": 5, "b": 3, "a": 1})
    assert margin.categories == ("c", "b", "a")
    assert margin.codes.tolist() == [1, 2, 1, 0]
    assert margin.totals.tolist() == [5, 3, 1]


def test_labels_may_be_numbers():
    assert Margin.of("age", [30, 20, 30], {20: 4, 30: 6}).codes.tolist() == [1, 0, 1]


def test_crossed_categories_are_tuples_of_labels():
    totals = {("b", 2): 1, ("a", 1): 2, ("a", 2): 3}
    margin = Margin.crossed("cell", [["a", "a", "b", "a"], [1, 2, 2, 1]], totals)
    assert margin.categories == (("b", 2), ("a", 1), ("a", 2))
    assert margin.codes.tolist() == [1, 2, 0, 1]


def test_a_category_without_a_total_is_named():
    with pytest.raises(ValueError, match=r"margin size has no total for the category 'small'"):
        Margin.of("size", ["big", "small"], {"big": 3})
    with pytest.raises(ValueError, match=r"margin cell has no total for the category \('b', 'y'\)"):
        Margin.crossed("cell", [["a", "b"], ["x", "y"]], {("a", "x"): 3})


def test_a_missing_label_is_a_category_without_a_total():
    with pytest.raises(ValueError, match="no total for the category nan"):
        Margin.of("age", [20, float("nan")], {20: 4})
    with pytest.raises(ValueError, match="size are of several types"):
        Margin.of("size", ["big", None], {"big": 4})


@pytest.mark.parametrize("total", [0, -1, float("nan"), float("inf")])
def test_a_total_that_is_no_number_above_0_is_named(total):
    with pytest.raises(ValueError, match="The total of 'big' in the margin size is"):
        Margin.of("size", ["big"], {"big": total})


def test_labels_are_one_column_and_columns_of_one_length():
    with pytest.raises(ValueError, match="size are not one column"):
        Margin.of("size", [["big"]], {"big": 1})
    with pytest.raises(ValueError, match="columns of the margin cell differ in length"):
        Margin.crossed("cell", [["a", "b"], ["x"]], {("a", "x"): 1})
