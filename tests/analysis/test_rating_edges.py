"""Estimates of ratings where something stands in the way, cell by cell, and what is said of it."""

import math

import numpy as np
import pytest
from scipy.stats import t

from analysis.rating_intervals import ResizedNetScore, adjusted_wald
from analysis.ratings import Votes, estimate_ratings, worth
from analysis.weighting import WeightedSums
from tests.analysis.building import book, kpi
from tests.analysis.test_ratings import TOP_BOX, cast_votes, customers, estimate, estimate_cells

NET = {"statistic": "net_score", "score": {"worst": -100, "best": 100}}


def in_cells(*cells, scales=None, **changes):
    """Estimates of several cells, each with its answers and perhaps a scale of its own."""
    the_kpi = book(kpi(**changes)).kpis[0]
    votes = cast_votes(the_kpi, [(at, one) for at, own in enumerate(cells) for one in own])
    if scales:
        ends = np.array([scales[cell] for cell in votes.cell], np.float64)
        for name, column in (("low", 0), ("low_most", 0), ("high", 1), ("high_most", 1)):
            getattr(votes, name)[:] = ends[:, column]
    return estimate_cells(the_kpi, votes, len(cells))


def weighted(values, weights, **changes):
    """The estimate of answers with weights, which are 1 on average."""
    the_kpi = book(kpi(**changes)).kpis[0]
    votes = cast_votes(the_kpi, [(0, value) for value in values])
    cast, weight = votes.cast, np.array(weights)
    sums = (
        weight, weight**2, weight * cast, weight * cast**2, weight**2 * cast, weight**2 * cast**2
    )  # fmt: skip
    totals = WeightedSums(*(np.array([one.sum()]) for one in sums))
    return estimate_ratings(the_kpi, Votes.of(votes.sum(1), totals))[0]


def test_every_cell_says_what_stands_in_its_own_way():
    found = in_cells(
        [7.0],
        [5.0, 6.0],
        [4.0, 4.0],
        [3.0, 3.0, 3.0],
        [],
        ["refused"],
        ["refused", "skipped"],
        ["refused", 7.0, 8.0],
    )
    assert found.reason.tolist() == [
        "One answer has no spread, so there is no interval.",
        "",
        "All 2 answers are the same; they have no spread, so there is no interval.",
        "All 3 answers are the same; they have no spread, so there is no interval.",
        "There is no answer: nobody has answered yet.",
        "There is no answer: none of the 1 who were shown it answered.",
        "There is no answer: none of the 2 who were shown it answered.",
        "",
    ]
    assert found.ci_method.tolist() == ["", "student_t", "", "", "", "", "", "student_t"]


def test_one_answer_or_customer_has_no_spread_and_several_have_in_a_net_score():
    found = in_cells([10.0], [10.0, 10.0], **NET)
    assert found.reason.tolist() == ["One answer has no spread, so there is no interval.", ""]
    assert found.ci_method.tolist() == ["", "adjusted_wald"]
    assert np.isnan([found.low[0], found.high[0], found.std_error[0]]).all()
    one, same = customers([[2.0, 4.0]]), customers([[2.0, 4.0], [3.0]])
    assert one.reason == "One customer has no spread, so there is no interval."
    assert same.reason == (
        "The means of all 2 customers are the same; they have no spread, so there is no interval."
    )


def test_mixed_scales_take_the_statistic_away_and_say_what_to_do():
    the_kpi = book(kpi()).kpis[0]
    votes = cast_votes(the_kpi, [(0, 3.0), (0, 4.0), (1, 3.0), (1, 4.0)])
    votes.high[:], votes.high_most[:] = [10, 5, 10, 10], [10, 5, 10, 10]
    found = estimate_cells(the_kpi, votes, 2)
    assert found.reason.tolist() == [
        "The answers are on different scales, which are never pooled. "
        "Name in the KPI's source the versions that share a scale.",
        "",
    ]
    assert found.ci_method.tolist() == ["", "student_t"]
    for name in ("value", "low", "high", "std_error", "effective_n"):
        assert np.isnan(getattr(found, name)).tolist() == [True, False], name


def test_only_the_cells_on_a_scale_without_the_cuts_lose_their_net_score():
    scales = [(0, 10), (1, 5), (0, 5), (0, 10)]
    found = in_cells([9.0, 8.0], [3.0, 4.0], [3.0, 4.0], [], scales=scales, **NET)
    told = (
        "Give the KPI its own promoters_from and detractors_to; 9 and 6 belong to a scale of 0 to "
        "10."
    )
    assert found.reason.tolist() == [
        "",
        f"The scale is 1 to 5. {told}",
        f"The scale is 0 to 5. {told}",
        "There is no answer: nobody has answered yet.",
    ]
    assert np.isnan(found.value).tolist() == [False, True, True, True]


@pytest.mark.parametrize(("cut", "is_on"), [(0, True), (10, True), (-1, False), (11, False)])
def test_a_cut_may_be_at_an_end_of_the_scale(cut, is_on):
    found = estimate([3.0, 10.0], **{**TOP_BOX, "cut": cut})
    assert (found.value is not None) == is_on
    if not is_on:
        assert found.reason == (
            f"The scale is 0 to 10, and cut {cut} is not on it. Correct the KPI."
        )


def test_the_standard_error_of_a_share_is_the_binomial_one():
    found = estimate([9.0] * 3 + [0.0] * 7, **TOP_BOX)
    assert found.std_error == pytest.approx(math.sqrt(0.3 * 0.7 / 10))


def test_what_customers_are_worth_by_hand():
    # 50 x 0.4 x 0.6 / 0.03 = 400 is less than 1000; (1.959964 / 2.009575)^2 x 49/50 of it.
    few = (1.959963984540054 / t.ppf(0.975, 49)) ** 2 * 49 / 50
    assert worth(*map(np.float64, (0.4, 0.03, 50, 1000))) == pytest.approx(400 * few)
    # Two customers: 2 x 0.25 / 0.001 = 500, times (1.959964 / 12.7062)^2 / 2.
    few = (1.959963984540054 / t.ppf(0.975, 1)) ** 2 / 2
    assert worth(*map(np.float64, (0.5, 0.001, 2, 1000))) == pytest.approx(500 * few)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_customers_who_all_agree_are_worth_their_number(share):
    assert worth(*map(np.float64, (share, 0.0, 5, 500))) == 5


def test_two_answers_have_an_interval_on_their_scale_and_one_has_none():
    found = in_cells([2.0], [2.0, 7.0], [2.0, 2.0], interval="quasi_binomial")
    assert np.isnan(found.low).tolist() == [True, False, False]
    assert found.ci_method.tolist() == ["", "quasi_binomial", "quasi_binomial"]
    # Without spread there is no standard error, and with it sqrt(12.5 / 2).
    assert np.isnan(found.std_error).tolist() == [True, False, True]
    assert found.std_error[1] == pytest.approx(2.5)


def test_a_weighted_mean_on_a_small_scale_has_the_linearised_interval_by_hand():
    # (1.5 x 0.2 + 0.5 x 0.6) / 2 = 0.3; sum w^2 (v - mean)^2 = 2.25 x 0.01 + 0.25 x 0.09 = 0.045.
    found = weighted([0.2, 0.6], [1.5, 0.5])
    error = math.sqrt(2 * 0.045 / 2**2)
    assert found.value == pytest.approx(0.3)
    assert found.std_error == pytest.approx(error)
    assert found.high == pytest.approx(0.3 + t.ppf(0.975, 1) * error)
    assert found.ci_method == "student_t_linearised"


@pytest.mark.parametrize("value", [0.7, 70.1, 7001.3])
def test_weighted_answers_that_are_all_the_same_have_no_spread_whatever_rounding_does(value):
    weights = np.array([0.3, 1.1, 1.6, 0.7, 1.3])
    found = weighted([value] * 5, weights)
    assert found.low is None
    assert found.reason.startswith("All 5 answers are the same;")


def test_weighted_answers_that_differ_a_little_have_a_spread():
    found = weighted([1.0, 1.0003, 1.0, 1.0003], [1.2, 0.8, 1.1, 0.9])
    assert found.low < found.value < found.high


def test_the_unweighted_figure_is_told_in_the_kpis_own_unit():
    net = weighted([10.0, 8.0, 2.0, 10.0], [0.5, 1.5, 1.0, 1.0], **NET)
    assert net.ci_method == "adjusted_wald_effective_n"
    assert net.reason == "Weighted; unweighted it is 25."
    share = weighted([10.0, 8.0, 2.0, 10.0], [0.5, 1.5, 1.0, 1.0], **TOP_BOX)
    assert share.reason == "Weighted; unweighted it is 0.5."
    one = weighted([7.0], [1.0])
    assert one.reason == (
        "One answer has no spread, so there is no interval. Weighted; unweighted it is 7."
    )


def test_a_net_score_at_another_n_is_that_of_so_many_effective_votes():
    resized = ResizedNetScore(np.array([0.2]), np.array([0.76]), np.array([0.5]))
    found = resized.interval(np.array([20.0]))
    low, high, _ = adjusted_wald(np.array([0.2]), np.array([0.76]), np.array([10.0]))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert (found.level, found.rule) == (0.95, "adjusted_wald")
