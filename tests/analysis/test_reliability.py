"""Alpha and item statistics against their definitions on the rows, and a simulation."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from analysis.reliability import is_regular, item_moments, reliability, reverse

NAN = np.nan


def made(n=60, items=4, seed=3):
    """Answers from 1 to 7 to items that go together."""
    random = np.random.default_rng(seed)
    answers = 4 + random.normal(size=(n, 1)) + random.normal(0, 1, (n, items))
    return np.clip(answers.round(), 1, 7)


def found_in(answers, lowest=1, highest=7):
    return reliability(item_moments(answers, lowest, highest))


def alpha(answers):
    """From the definition."""
    k = answers.shape[1]
    return k / (k - 1) * (1 - answers.var(axis=0).sum() / answers.sum(axis=1).var())


def test_alpha_is_the_one_of_the_definition():
    answers = made()
    found = found_in(answers)
    assert found.value == pytest.approx(alpha(answers))
    assert found.standardized == pytest.approx(alpha((answers - answers.mean(0)) / answers.std(0)))
    between = np.corrcoef(answers.T)[np.triu_indices(4, 1)]
    assert found.average_correlation == pytest.approx(between.mean())
    # Spearman and Brown's formula is another way to the standardised alpha.
    r = found.average_correlation
    assert found.standardized == pytest.approx(4 * r / (1 + 3 * r))
    assert found.reason == ""


def test_without_an_item_alpha_is_that_of_the_others():
    answers = made()
    found = found_in(answers)
    for item in range(4):
        others = found_in(np.delete(answers, item, axis=1))
        assert found.value_if_dropped[item] == pytest.approx(others.value)
        assert found.standardized_if_dropped[item] == pytest.approx(others.standardized)


def test_an_item_is_correlated_with_the_sum_of_the_others():
    answers = made()
    found = found_in(answers)
    for item in range(4):
        rest = np.delete(answers, item, axis=1).sum(axis=1)
        assert found.item_rest[item] == pytest.approx(np.corrcoef(answers[:, item], rest)[0, 1])


def test_lambda_6_is_made_of_what_the_other_items_leave_open():
    answers = (made() - made().mean(0)) / made().std(0)
    left = 0.0
    for item in range(4):
        others = np.delete(answers, item, axis=1)
        fitted = others @ np.linalg.lstsq(others, answers[:, item])[0]
        left += np.var(answers[:, item] - fitted)
    assert found_in(made()).lambda6 == pytest.approx(1 - left / answers.sum(axis=1).var())


def test_items_have_means_spreads_ends_and_difficulties():
    answers = np.array([[1.0, 7], [1, 5], [3, 7], [7, NAN], [3, 1], [2, 7]])
    found = found_in(answers)
    assert (found.n, found.n_rows) == (5, 6)
    assert found.mean == pytest.approx([2, 5.4])
    assert found.sd == pytest.approx(np.delete(answers, 3, axis=0).std(axis=0, ddof=1))
    assert found.floor == pytest.approx([0.4, 0.2])
    assert found.ceiling == pytest.approx([0, 0.6])
    assert found.difficulty == pytest.approx([1 / 6, 4.4 / 6])


def test_the_interval_is_the_one_of_feldt_at_any_level():
    # n = 60, k = 4: F quantiles with 59 and 177 degrees of freedom.
    found = found_in(made())
    for level in (0.9, 0.95):
        interval = found.interval(level)
        ends = scipy.stats.f.ppf([0.5 + level / 2, 0.5 - level / 2], 59, 177)
        assert (interval.low, interval.high) == pytest.approx(tuple(1 - (1 - found.value) * ends))
        assert (interval.level, interval.rule) == (level, "feldt")
    assert found.interval() == found.interval(0.95)
    for level in (0, 1):
        with pytest.raises(ValueError, match="level"):
            found.interval(level)


def test_the_interval_covers_the_true_alpha_as_often_as_it_says():
    # Five items of one common and one own standard normal part: alpha = 5 / 6.
    random = np.random.default_rng(4)
    covered = []
    for _ in range(1000):
        answers = random.normal(size=(30, 1)) + random.normal(size=(30, 5))
        interval = found_in(answers, -50, 50).interval(0.90)
        covered.append(interval.low <= 5 / 6 <= interval.high)
    # Three standard errors of a share among 1 000 are 2.8 points.
    assert np.mean(covered) == pytest.approx(0.90, abs=0.028)


def test_reversed_items_are_turned_round_as_if_answered_so():
    answers = made()
    turned = answers.copy()
    turned[:, [0, 3]] = 8 - turned[:, [0, 3]]
    found = reliability(reverse(item_moments(turned, 1, 7), [0, 3]))
    plain = found_in(answers)
    assert found.value == pytest.approx(plain.value)
    for name in ("mean", "sd", "floor", "ceiling", "difficulty", "item_rest", "value_if_dropped"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name))
    assert found_in(turned).value < 0.2
    with pytest.raises(ValueError, match="numbered from 0 to 3"):
        reverse(item_moments(turned, 1, 7), [4])
    with pytest.raises(ValueError, match="numbered from 0 to 3"):
        reverse(item_moments(turned, 1, 7), [-1])


@pytest.mark.parametrize("rows", [0, 1])
def test_one_complete_row_shows_no_consistency(rows):
    answers = made(4)
    answers[rows:, 0] = NAN
    found = found_in(answers)
    assert (found.n, found.n_rows) == (rows, 4)
    assert found.reason == f"Alpha needs two complete rows; there are {rows}."
    unknown = [found.value, found.standardized, found.lambda6, found.average_correlation]
    assert np.isnan(unknown).all()
    assert np.isnan([found.value_if_dropped, found.item_rest, found.sd]).all()
    assert np.isnan([found.interval().low, found.interval().high]).all()
    assert np.isnan(found.mean).all() == np.isnan(found.floor).all() == (rows == 0)


def test_two_rows_are_enough_for_alpha():
    found = found_in(np.array([[1.0, 2, 3], [3, 3, 7]]))
    # Variances 2, 0.5, 8; the sums 6 and 13 have 24.5: 1.5 (1 - 10.5 / 24.5).
    assert found.value == pytest.approx(1.5 * (1 - 10.5 / 24.5))
    assert found.interval().low < found.value < found.interval().high
    # Three items in two rows follow from each other.
    assert np.isnan(found.lambda6)


def test_a_sum_that_never_varies_has_no_consistency():
    for answers in (np.full((9, 3), 4.0), np.array([[1.0, 7], [7, 1], [4, 4]])):
        found = found_in(answers)
        assert np.isnan(found.value)
        assert found.reason.startswith("The sum of the items is the same")


def test_an_item_that_never_varies_leaves_the_raw_alpha():
    answers = made()
    answers[:, 2] = 5
    found = found_in(answers)
    assert found.value == pytest.approx(alpha(answers))
    assert np.isnan([found.standardized, found.lambda6, found.item_rest[2]]).all()
    assert found.value_if_dropped[2] == pytest.approx(alpha(np.delete(answers, 2, axis=1)))


def test_of_two_items_none_can_be_dropped():
    found = found_in(made(items=2))
    assert np.isnan([found.value_if_dropped, found.standardized_if_dropped]).all()
    assert found.value == pytest.approx(alpha(made(items=2)))


def test_items_that_are_the_same_are_perfectly_consistent():
    answers = np.repeat(made(items=1), 3, axis=1)
    found = found_in(answers)
    assert found.value == pytest.approx(1)
    assert np.isnan(found.lambda6)
    assert not is_regular(np.ones((3, 3)))
    assert is_regular(np.eye(3))


@pytest.mark.parametrize(
    ("answers", "lowest", "highest", "words"),
    [
        (np.ones((5, 1)), 1, 7, "two items or more"),
        (np.ones(5), 1, 7, "shape"),
        (np.full((5, 2), 8.0), 1, 7, "not on the scale 1 to 7"),
        (np.full((5, 2), 0.5), 1, 7, "not on the scale 1 to 7"),
        (np.full((5, 2), 4.0), 4, 4, "lowest must be under highest"),
    ],
)
def test_what_does_not_fit_is_refused(answers, lowest, highest, words):
    with pytest.raises(ValueError, match=words):
        item_moments(answers, lowest, highest)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"covariance": np.eye(3)}, "covariance"),
        ({"at_lowest": np.ones(3)}, "at_lowest"),
        ({"at_highest": np.ones(3)}, "at_lowest"),
    ],
)
def test_moments_from_elsewhere_must_fit_each_other(change, words):
    with pytest.raises(ValueError, match=words):
        replace(item_moments(made(), 1, 7), **change)
