from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cells import Tally
from analysis.figures import estimate_figures
from tests.analysis.building import book, figure_kpi

RATIO = {"statistic": "ratio", "source": {"numerator": "above", "denominator": "below"}}


def tally_of(rows, scopes=1):
    """Rows are (scope, unit, month, value) or, for a ratio, with is_numerator at the end.

    A unit may be written "unit/representative".
    """
    rows = sorted(rows)
    columns = {
        "unit": np.array([row[1].partition("/")[0] for row in rows], object),
        "representative": np.array([row[1].partition("/")[2] for row in rows], object),
        "period_start": np.array([date(2026, row[2], 1) for row in rows], "datetime64[D]"),
        "value": np.array([row[3] for row in rows], np.float64),
    }
    if rows and len(rows[0]) > 4:
        columns["is_numerator"] = np.array([row[4] for row in rows], np.bool_)
    elif not rows:
        columns["is_numerator"] = np.array([], np.bool_)
    return Tally(scopes, np.array([row[0] for row in rows], np.int64), columns)


def estimates(rows, scopes=1, months=1, **changes):
    return estimate_figures(book(figure_kpi(**changes)).kpis[0], tally_of(rows, scopes), months)


def test_a_sum_adds_up_units_and_months():
    rows = [(0, "a", 7, 5.0), (0, "a", 8, 6.0), (0, "b", 7, -1.0), (1, "b", 7, -1.0)]
    everybody, b, nobody = estimates(rows, 3, months=2)
    assert (everybody.value, everybody.n) == (10, 3)
    assert (b.value, b.n, everybody.complete) == (-1, 1, True)
    assert (nobody.value, nobody.n, nobody.reason) == (None, 0, "There is no figure.")


def test_a_complete_count_has_no_interval():
    (found,) = estimates([(0, "a", 7, 5.0)])
    assert (found.low, found.high, found.std_error, found.at_n) == (None, None, None, None)
    assert (found.ci_method, found.complete, found.effective_n) == ("complete_count", True, 1)


def test_a_figure_of_zero_is_a_value():
    (found,) = estimates([(0, "a", 7, 0.0)])
    assert (found.value, found.n) == (0, 1)


def test_a_sum_that_lacks_months_is_no_complete_count_and_says_so():
    (found,) = estimates([(0, "a", 7, 40.0)], months=3)
    assert (found.value, found.n, found.complete) == (40, 1, False)
    assert found.reason == "2 of 3 months have no figure, so the sum is not complete."


def test_last_is_the_newest_figure_of_each_unit_and_person_added_up():
    rows = [(0, "a", 7, 5.0), (0, "a", 8, 6.0), (0, "b", 8, 3.0), (1, "a", 7, 5.0)]
    newest, older = estimates(rows, 2, statistic="last")
    assert (newest.value, newest.n) == (9, 2)
    assert (older.value, older.n) == (5, 1)


def test_a_unit_that_has_not_reported_yet_counts_with_its_last_stock_not_with_zero():
    rows = [(0, "a", 7, 50.0), (0, "b/ben", 7, 50.0), (0, "a", 8, 51.0)]
    (found,) = estimates(rows, statistic="last")
    assert (found.value, found.n) == (101, 2)


def test_a_person_without_a_denominator_does_not_count_with_the_numerator_alone():
    rows = [(0, "a/ben", 7, 10.0, True), (0, "a/ben", 7, 20.0, False), (0, "a/cara", 7, 10.0, True)]
    (found,) = estimates(rows, **RATIO)
    assert (found.value, found.n) == (0.5, 1)


def test_a_ratio_is_a_ratio_of_sums():
    rows = [(0, "a", 7, 1.0, True), (0, "a", 7, 2.0, False),
            (0, "b", 7, 9.0, True), (0, "b", 7, 10.0, False)]  # fmt: skip
    (found,) = estimates(rows, **RATIO)
    # Not the mean of 1/2 and 9/10.
    assert (found.value, found.n) == (10 / 12, 2)


def test_a_ratio_takes_only_months_in_which_a_unit_has_both():
    rows = [(0, "a", 7, 1.0, True), (0, "a", 7, 2.0, False), (0, "a", 8, 100.0, True),
            (0, "b", 8, 50.0, False)]  # fmt: skip
    (found,) = estimates(rows, **RATIO)
    assert (found.value, found.n) == (0.5, 1)


def test_a_ratio_adds_up_the_people_of_a_unit():
    rows = [(0, "a", 7, 1.0, True), (0, "a", 7, 2.0, True), (0, "a", 7, 6.0, False)]
    (found,) = estimates(rows, **RATIO)
    assert (found.value, found.n) == (0.5, 1)


@pytest.mark.parametrize(
    ("rows", "n", "reason"),
    [
        ([], 0, "There is no figure."),
        ([(0, "a", 7, 1.0, True)], 0, "No unit has a numerator and a denominator"),
        ([(0, "a", 7, 1.0, True), (0, "b", 7, 1.0, False)], 0, "No unit has a numerator"),
        ([(0, "a", 7, 1.0, True), (0, "a", 7, 0.0, False)], 1, "add up to zero"),
    ],
)
def test_a_ratio_that_cannot_be_formed_says_why(rows, n, reason):
    (found,) = estimates(rows, **RATIO)
    assert (found.value, found.n) == (None, n)
    assert reason in found.reason


@settings(deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.integers(1, 3), st.booleans()),
        st.integers(1, 100).map(float),
        min_size=1,
    )
)
def test_ratios_equal_a_count_by_hand(figures):
    rows = [(s, unit, month, value, above) for (s, unit, month, above), value in figures.items()]
    found = estimates(rows, 3, **RATIO)
    for scope in range(3):
        pairs = [
            (figures[scope, unit, month, True], figures[scope, unit, month, False])
            for unit in "ab"
            for month in (1, 2, 3)
            if (scope, unit, month, True) in figures and (scope, unit, month, False) in figures
        ]
        assert found[scope].n == len(pairs)
        if pairs:
            above, below = (sum(side) for side in zip(*pairs, strict=True))
            assert found[scope].value == pytest.approx(above / below)
