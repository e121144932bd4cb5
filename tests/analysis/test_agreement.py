"""Intraclass correlations by hand and at their edges; the published example is a reference case."""

import numpy as np
import pytest
from scipy.stats import f

from analysis.agreement import FORMS, intraclass_correlation, mean_squares

# Means of units 2, 3, 6 about 11/3; of raters 3 and 13/3.
RATINGS = [[1, 3], [3, 3], [5, 7]]


def test_mean_squares_are_those_worked_by_hand():
    # Units: 2 ((5/3)^2 + (2/3)^2 + (7/3)^2) / 2 = 78/9; raters: 3 (2/3)^2 2 / 1 = 8/3;
    # within: (2 + 0 + 2) / 3 = 4/3; the rest: (4 - 8/3) / 2 = 2/3.
    found = mean_squares(RATINGS)
    assert (found.targets, found.raters) == pytest.approx((26 / 3, 8 / 3))
    assert (found.within, found.error) == pytest.approx((4 / 3, 2 / 3))
    assert (found.units, found.judges) == (3, 2)


def test_the_six_forms_are_those_worked_by_hand():
    # 1,1: (26/3 - 4/3) / (26/3 + 4/3); 3,1: (26/3 - 2/3) / (26/3 + 2/3);
    # 2,1: (26/3 - 2/3) / (26/3 + 2/3 + 2 (8/3 - 2/3) / 3) = 8 / (32/3).
    singles = [22 / 30, 24 / 32, 24 / 28]
    values = [intraclass_correlation(RATINGS, form).value for form in FORMS]
    assert values == pytest.approx(singles + [2 * one / (1 + one) for one in singles])


def test_the_test_and_limits_of_form_3_are_from_f():
    found = intraclass_correlation(RATINGS, "3,1")
    assert (found.f, found.df1, found.df2) == pytest.approx((13, 2, 2))
    assert found.p == pytest.approx(f.sf(13, 2, 2))
    low, high = 13 / f.ppf(0.95, 2, 2), 13 * f.ppf(0.95, 2, 2)
    limits = found.interval(0.9)
    assert (limits.low, limits.high) == pytest.approx(
        ((low - 1) / (low + 1), (high - 1) / (high + 1))
    )
    assert limits.rule == "shrout_fleiss"


def test_the_limits_surround_the_value_and_widen_with_the_level():
    for form in FORMS:
        found = intraclass_correlation(RATINGS, form)
        narrow, wide = found.interval(0.5), found.interval(0.95)
        assert wide.low < narrow.low < found.value < narrow.high < wide.high


def test_units_with_a_missing_rating_are_left_out():
    more = [*RATINGS, [4, np.nan], [np.nan, np.nan]]
    for form in FORMS:
        one, other = intraclass_correlation(more, form), intraclass_correlation(RATINGS, form)
        assert one == other


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "ratings", [np.empty((0, 3)), [[1, 2, 3]], [[1], [2], [3]], [[1, np.nan], [np.nan, 2]]]
)
def test_too_few_units_or_raters_have_no_value_but_a_reason(ratings, form):
    found = intraclass_correlation(ratings, form)
    assert "fewer than two units" in found.reason
    assert np.isnan([found.value, found.f, found.p, found.interval().low]).all()


@pytest.mark.parametrize("form", FORMS)
def test_ratings_that_are_all_the_same_have_nothing_to_agree_on(form):
    found = intraclass_correlation(np.full((4, 3), 7.1), form)
    assert "nothing to agree on" in found.reason
    assert np.isnan(found.value)


@pytest.mark.parametrize("form", FORMS)
def test_full_agreement_is_1_without_an_interval(form):
    found = intraclass_correlation([[0.1, 0.1], [0.2, 0.2], [0.7, 0.7]], form)
    assert found.value == pytest.approx(1)
    assert found.p == 0
    assert "agree fully" in found.reason
    assert np.isnan(found.interval().high)


def test_severity_counts_as_disagreement_in_form_2_alone():
    shifted = [[1, 2], [2, 3], [4, 5], [6, 7]]
    assert intraclass_correlation(shifted, "3,1").value == pytest.approx(1)
    agreement = intraclass_correlation(shifted, "2,1")
    assert agreement.value < 0.95
    assert agreement.interval().low < agreement.value < agreement.interval().high


def test_units_with_equal_means_have_a_value_where_there_is_one():
    opposed = [[1, 3], [3, 1], [1, 3]]
    assert intraclass_correlation(opposed, "1,1").value == pytest.approx(-1)
    told = intraclass_correlation([[1, 2]] * 3, "2,1")
    assert told.value == 0
    assert "do not differ" in told.reason
    assert np.isnan(told.interval().low)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="form is '4,1'"):
        intraclass_correlation(RATINGS, "4,1")
    with pytest.raises(ValueError, match="give a matrix"):
        intraclass_correlation([1, 2, 3], "1,1")
    with pytest.raises(ValueError, match="infinite"):
        mean_squares([[1, np.inf], [1, 2]])
    with pytest.raises(ValueError, match="level 95 is not between"):
        intraclass_correlation(RATINGS, "1,1").interval(95)
