"""Cohen's and Fleiss' kappa by hand, by drawing data, and at their edges."""

import numpy as np
import pytest
from scipy.stats import norm

from analysis.kappas import cohens_kappa, fleiss_kappa


def pairs(table):
    """The ratings of two raters, from how often each pair of categories occurs."""
    return np.array(
        [
            [first, second]
            for first, row in enumerate(table)
            for second, count in enumerate(row)
            for _ in range(count)
        ],
        float,
    )


def test_cohens_kappa_is_that_worked_by_hand():
    # 20 + 15 of 50 agree: 0.7; chance 0.5 x 0.6 + 0.5 x 0.4 = 0.5.
    found = cohens_kappa(pairs([[20, 5], [10, 15]]))
    assert found.value == pytest.approx(0.4)
    assert (found.observed, found.expected) == pytest.approx((0.7, 0.5))
    assert (found.n, found.raters) == (50, 2)
    limits = found.interval(0.9)
    half = norm.ppf(0.95) * found.std_error
    assert (limits.low, limits.high) == pytest.approx((0.4 - half, 0.4 + half))
    assert limits.rule == "wald"


def test_weights_count_near_misses_by_hand():
    # Rows and columns 2 1 1 of 4; pairs 00 01 12 20.
    # Distances 0 1 1 2: linear 0, .5, .5, 1 on average 1/2; quadratic 0, 1/4, 1/4, 1: 3/8.
    ratings = [[0, 0], [0, 1], [1, 2], [2, 0]]
    # Margins 2 1 1 and 2 1 1: mean distance 2 (2/16 x .5 + 2/16 x 1 + 1/16 x .5) = 7/16,
    # of squares 2 (2/16 / 4 + 2/16 + 1/16 / 4) = 11/32.
    assert cohens_kappa(ratings, weights="linear").value == pytest.approx(1 - (1 / 2) / (7 / 16))
    assert cohens_kappa(ratings, weights="quadratic").value == pytest.approx(
        1 - (3 / 8) / (11 / 32)
    )


def test_categories_that_nobody_chose_are_steps_too():
    ratings = [[1, 1], [1, 2], [4, 4], [4, 1], [2, 2]]
    some = cohens_kappa(ratings, weights="linear")
    every = cohens_kappa(ratings, weights="linear", categories=[1, 2, 3, 4])
    assert some.value != pytest.approx(every.value)
    backwards = cohens_kappa(ratings, weights="linear", categories=[4, 3, 2, 1])
    assert backwards.value == pytest.approx(every.value)
    plain = cohens_kappa(ratings, categories=[1, 2, 3, 4])
    assert plain.value == pytest.approx(cohens_kappa(ratings).value)


@pytest.mark.parametrize("weights", ["unweighted", "linear", "quadratic"])
def test_the_standard_error_is_the_spread_of_repeated_studies(weights):
    generator = np.random.default_rng(6)
    values, errors = [], []
    for _ in range(300):
        truth = generator.integers(0, 4, 150)
        ratings = np.clip(truth[:, None] + generator.integers(-1, 2, (150, 2)), 0, 3)
        found = cohens_kappa(ratings, weights=weights)
        values.append(found.value)
        errors.append(found.std_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)


def test_fleiss_kappa_is_that_worked_by_hand():
    # Counts 3 0, 2 1, 0 3, 1 2, 0 3: P 1 1/3 1 1/3 1, mean 11/15; shares 0.4 and 0.6: 0.52.
    found = fleiss_kappa([[1, 1, 1], [1, 1, 2], [2, 2, 2], [2, 2, 1], [2, 2, 2]])
    value = (11 / 15 - 0.52) / 0.48
    assert found.value == pytest.approx(value)
    assert (found.n, found.raters) == (5, 3)
    # Chance of each unit: 0.4, (0.8 + 0.6) / 3, 0.6, (0.4 + 1.2) / 3, 0.6.
    agreed = np.array([1, 1 / 3, 1, 1 / 3, 1])
    chance = np.array([0.4, 1.4 / 3, 0.6, 1.6 / 3, 0.6])
    parts = (agreed - 0.52) / 0.48 - 2 * (1 - value) * (chance - 0.52) / 0.48
    assert parts.mean() == pytest.approx(value)
    assert found.std_error == pytest.approx(np.std(parts, ddof=1) / np.sqrt(5))


def test_the_standard_error_of_fleiss_kappa_is_the_spread_of_repeated_studies():
    generator = np.random.default_rng(7)
    values, errors = [], []
    for _ in range(300):
        truth = generator.integers(0, 3, 60)
        own = generator.integers(0, 3, (60, 4))
        ratings = np.where(generator.random((60, 4)) < 0.7, truth[:, None], own)
        found = fleiss_kappa(ratings)
        values.append(found.value)
        errors.append(found.std_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)


def test_units_with_a_missing_rating_are_left_out():
    full, more = pairs([[5, 2], [1, 4]]), [[0, np.nan], [np.nan, np.nan]]
    assert cohens_kappa(np.vstack([full, more])) == cohens_kappa(full)
    assert fleiss_kappa(np.vstack([full, more])) == fleiss_kappa(full)


@pytest.mark.parametrize("kappa", [cohens_kappa, fleiss_kappa])
@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        (np.empty((0, 2)), "No unit"),
        ([[1, np.nan]], "No unit"),
        ([[2, 2], [2, 2]], "one category only"),
    ],
)
def test_without_categories_there_is_no_value_but_a_reason(kappa, ratings, reason):
    found = kappa(ratings)
    assert reason in found.reason
    assert np.isnan([found.value, found.std_error, found.interval().low]).all()


def test_two_raters_who_share_one_of_more_categories_have_no_value():
    found = cohens_kappa([[2, 2], [2, 2]], categories=[1, 2, 3])
    assert np.isnan(found.value)
    assert "use one category only" in found.reason
    assert "one rater only" in fleiss_kappa([[1], [2]]).reason


@pytest.mark.parametrize("kappa", [cohens_kappa, fleiss_kappa])
def test_full_agreement_is_1_without_a_standard_error(kappa):
    found = kappa([[1, 1], [2, 2], [3, 3], [1, 1]])
    assert found.value == pytest.approx(1)
    assert "no standard error" in found.reason
    assert np.isnan(found.interval().low)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="3 columns"):
        cohens_kappa([[1, 2, 3]])
    with pytest.raises(ValueError, match="holds 5, which is not among the categories"):
        cohens_kappa([[1, 5]], categories=[1, 2])
    with pytest.raises(ValueError, match="weights is 'cubic'"):
        cohens_kappa([[1, 2], [2, 1]], weights="cubic")
    with pytest.raises(ValueError, match="level 95 is not between"):
        cohens_kappa([[1, 2], [2, 2]]).interval(95)
