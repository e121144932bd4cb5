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


def estimates(rows, scopes=1, months=(7,), **changes):
    period = [date(2026, month, 1) for month in months]
    return estimate_figures(book(figure_kpi(**changes)).kpis[0], tally_of(rows, scopes), period)


def test_a_sum_adds_up_units_and_months():
    rows = [(0, "a", 7, 5.0), (0, "a", 8, 6.0), (0, "b", 7, -1.0), (0, "b", 8, 0.0),
            (1, "b", 7, -1.0), (1, "b", 8, 0.0)]  # fmt: skip
    everybody, b, nobody = estimates(rows, 3, months=(7, 8))
    assert (everybody.value, everybody.n) == (10, 4)
    assert (b.value, b.n, everybody.complete) == (-1, 2, True)
    assert (nobody.value, nobody.n, nobody.reason) == (None, 0, "There is no figure.")


def test_a_complete_count_has_no_interval():
    (found,) = estimates([(0, "a", 7, 5.0)])
    assert (found.low, found.high, found.std_error, found.resized) == (None, None, None, None)
    assert (found.ci_method, found.complete, found.effective_n) == ("complete_count", True, 1)


def test_a_figure_of_zero_is_a_value():
    (found,) = estimates([(0, "a", 7, 0.0)])
    assert (found.value, found.n) == (0, 1)


def test_a_sum_that_lacks_months_is_no_complete_count_and_says_so():
    (found,) = estimates([(0, "a", 7, 40.0)], months=(7, 8, 9))
    assert (found.value, found.n, found.complete, found.partial) == (40, 1, False, True)
    assert found.ci_method == ""
    assert found.reason == "2 of 3 monthly figures are missing, so the sum is not complete."


def test_a_sum_lacks_what_one_of_those_who_report_has_not_reported():
    ben = [(0, "a/ben", month, 15.0) for month in (7, 8, 9)]
    (found,) = estimates([*ben, (0, "b/anna", 7, 15.0), (0, "b/anna", 9, 15.0)], months=(7, 8, 9))
    assert (found.value, found.partial) == (75, True)
    assert found.reason == "1 of 6 monthly figures is missing, so the sum is not complete."


def test_who_changes_the_unit_lacks_no_month():
    rows = [(0, "a/r1", 7, 10.0), (0, "b/r1", 8, 10.0), (0, "b/r1", 9, 10.0),
            (1, "a/r1", 7, 10.0), (2, "b/r1", 8, 10.0), (2, "b/r1", 9, 10.0)]  # fmt: skip
    everybody, a, b = estimates(rows, 3, months=(7, 8, 9))
    assert [(one.value, one.complete) for one in (everybody, a, b)] == [
        (30, True),
        (10, True),
        (20, True),
    ]


def test_last_is_the_newest_figure_of_each_unit_and_person_added_up():
    rows = [(0, "a", 7, 5.0), (0, "a", 8, 6.0), (0, "b", 8, 3.0), (1, "a", 7, 5.0)]
    newest, older = estimates(rows, 2, (7, 8), statistic="last")
    assert (newest.value, newest.n, newest.complete) == (9, 2, True)
    assert (older.value, older.n, older.partial) == (5, 1, True)
    assert older.reason == "A figure is as old as 2026-07, the period ends with 2026-08."


def test_a_unit_that_has_not_reported_yet_counts_with_its_last_stock_not_with_zero():
    rows = [(0, "a", 7, 50.0), (0, "b/ben", 7, 50.0), (0, "a", 8, 51.0)]
    (found,) = estimates(rows, months=(7, 8), statistic="last")
    assert (found.value, found.n, found.partial) == (101, 2, True)


def test_a_representative_who_moved_is_one_person_with_one_level():
    rows = [(0, "a/ben", 7, 100.0), (0, "b/ben", 8, 110.0)]
    (found,) = estimates(rows, months=(7, 8), statistic="last")
    assert (found.value, found.n, found.complete) == (110, 1, True)


@pytest.mark.parametrize("statistic", ["last", "sum"])
def test_rates_of_several_units_do_not_add_up(statistic):
    rows = [(0, "a", 7, 0.9), (0, "b", 7, 0.8), (1, "a", 7, 0.9)]
    several, one = estimates(rows, 2, statistic=statistic, unit="share")
    assert (several.value, several.n) == (None, 2)
    assert several.reason == "2 rates in share do not add up. Measure it as a ratio."
    assert (one.value, one.complete) == (0.9, True)


def test_what_cancels_out_is_nothing_and_not_what_floating_point_leaves():
    assert 0.1 + 0.2 - 0.3 != 0
    rows = [(0, unit, 7, value) for unit, value in (("a", 0.1), ("b", 0.2), ("c", -0.3))]
    (found,) = estimates(rows)
    assert found.value == 0
    assert 0 < found.rounding < 1e-13


def test_a_person_without_a_denominator_does_not_count_with_the_numerator_alone():
    rows = [(0, "a/ben", 7, 10.0, True), (0, "a/ben", 7, 20.0, False), (0, "a/cara", 7, 10.0, True)]
    (found,) = estimates(rows, **RATIO)
    # Known as far as pairs go, and not in full.
    assert (found.value, found.n, found.partial) == (0.5, 1, True)
    assert "other of their pair is missing: 1 figures" in found.reason


def test_what_belongs_to_no_person_is_paired_with_its_like():
    rows = [(0, "a/ben", 7, 5.0, True), (0, "a/cy", 7, 3.0, True), (0, "a", 7, 1.0, True),
            (0, "a/ben", 7, 10.0, False), (0, "a", 7, 2.0, False)]  # fmt: skip
    (found,) = estimates(rows, **RATIO)
    assert (found.value, found.n) == (6 / 12, 2)


def test_people_are_paired_with_their_unit_where_that_alone_has_the_denominator():
    rows = [(0, "a/ben", 7, 5.0, True), (0, "a/cy", 7, 3.0, True), (0, "a", 7, 16.0, False)]
    (found,) = estimates(rows, **RATIO)
    assert (found.value, found.n) == (0.5, 1)


def test_a_ratio_of_some_months_is_partial():
    rows = [(0, "a", 7, 1.0, True), (0, "a", 7, 2.0, False), (0, "a", 8, 5.0, False)]
    (found,) = estimates(rows, months=(7, 8, 9), **RATIO)
    assert (found.value, found.partial, found.ci_method) == (0.5, True, "")
    assert "2 months of the period" in found.reason
    assert found.reason.endswith("So the ratio is of a part.")


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


MEAN = {"statistic": "mean_over_periods"}


def test_a_stock_has_a_mean_over_the_months():
    rows = [(0, "a", 7, 10.0), (0, "a", 8, 20.0), (0, "b", 7, 1.0), (0, "b", 8, 1.0)]
    (found,) = estimates(rows, months=(7, 8), **MEAN)
    # 11 in July, 21 in August.
    assert (found.value, found.n, found.complete) == (16, 4, True)


def test_a_mean_over_months_that_lacks_one_is_partial():
    (found,) = estimates([(0, "a", 7, 10.0)], months=(7, 8), **MEAN)
    assert (found.partial, found.complete) == (True, False)
    assert found.reason == "1 of 2 monthly figures is missing, so the mean is not complete."


def test_rates_of_one_place_have_a_mean_and_those_of_several_have_none():
    one = [(0, "a", 7, 0.2), (0, "a", 8, 0.4)]
    (found,) = estimates(one, months=(7, 8), unit="share", **MEAN)
    assert found.value == pytest.approx(0.3)
    (found,) = estimates([*one, (0, "b", 7, 0.9)], months=(7, 8), unit="share", **MEAN)
    assert found.value is None
    assert "do not add up" in found.reason


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0, 3.688879), (10, 4.795389, 18.390356)])
def test_events_have_garwoods_interval(count, low, high):
    # Tabled by Garwood 1936: 0 to 3.69 for none, 4.80 to 18.39 for ten.
    (found,) = estimates([(0, "a", 7, float(count))], events="poisson")
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-9)
    assert (found.ci_method, found.complete) == ("poisson_exact", False)
    assert found.std_error == pytest.approx(count**0.5)


@pytest.mark.parametrize("value", [2.5, -1.0])
def test_what_is_no_count_is_not_poisson(value):
    (found,) = estimates([(0, "a", 7, value)], events="poisson")
    assert found.value is None
    assert "is not a count of events" in found.reason


def test_events_that_lack_a_month_are_partial_and_have_no_interval():
    (found,) = estimates([(0, "a", 7, 4.0)], months=(7, 8), events="poisson")
    assert (found.partial, found.low) == (True, None)
