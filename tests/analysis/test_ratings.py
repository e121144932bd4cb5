"""Estimates of ratings against scipy, statistics and hand calculation."""

import math
import statistics

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.rating_intervals import adjusted_wald, student_t
from analysis.ratings import Votes, estimate_ratings, worth
from analysis.votes import CastVotes, vote
from analysis.wilson import wilson
from tests.analysis.building import book, kpi

TOP_BOX = {"statistic": "top_box", "cut": 9, "score": {"worst": 0, "best": 1}}
Z = scipy.stats.norm.ppf(0.975)


def cast_votes(the_kpi, cells, scale=(0.0, 10.0)):
    """The votes of answers: (cell, value or missing code), each cast by one answer."""
    value = np.array([one if isinstance(one, float) else math.nan for _, one in cells], np.float64)
    missing = np.array([one if isinstance(one, str) else "" for _, one in cells], object)
    answered = missing == ""
    ends = {name: np.full(len(cells), scale[0]) for name in ("low", "low_most")}
    ends |= {name: np.full(len(cells), scale[1]) for name in ("high", "high_most")}
    return CastVotes(
        cell=np.array([cell for cell, _ in cells], np.int64),
        count=np.ones(len(cells)),
        cast=vote(the_kpi, value, np.where),
        answers=np.ones(len(cells)),
        voted=answered | np.isin(missing, the_kpi.in_denominator),
        shown=missing != "not_shown",
        valued=answered,
        **ends,
    )


def estimate_cells(the_kpi, votes, cells):
    return estimate_ratings(the_kpi, Votes.of(votes.sum(cells)))


def estimate(answered, scale=(0.0, 10.0), **changes):
    the_kpi = book(kpi(**changes)).kpis[0]
    return estimate_cells(
        the_kpi, cast_votes(the_kpi, [(0, answer) for answer in answered], scale), 1
    )[0]


def customers(shares, **changes):
    """The estimate from customers, each a list of votes already cast (0, 1, -1 or values)."""
    the_kpi = book(kpi(unit_of_analysis="customer", **changes)).kpis[0]
    cast = np.array([statistics.fmean(votes) if votes else math.nan for votes in shares])
    votes = CastVotes(
        cell=np.zeros(len(shares), np.int64),
        count=np.ones(len(shares)),
        cast=cast,
        answers=np.array([len(votes) for votes in shares], np.float64),
        voted=~np.isnan(cast),
        shown=np.ones(len(shares), np.bool_),
        valued=np.ones(len(shares), np.bool_),
        low=np.zeros(len(shares)),
        low_most=np.zeros(len(shares)),
        high=np.full(len(shares), 10.0),
        high_most=np.full(len(shares), 10.0),
    )
    return estimate_cells(the_kpi, votes, 1)[0]


VALUES = st.lists(st.integers(0, 10).map(float), min_size=2, max_size=60)


@settings(deadline=None)
@given(VALUES)
def test_a_mean_has_the_t_interval_of_scipy(values):
    found = estimate(values)
    error = statistics.stdev(values) / math.sqrt(len(values))
    assert found.value == pytest.approx(statistics.fmean(values))
    if error:
        assert found.std_error == pytest.approx(error)
        low, high = scipy.stats.t.interval(0.95, len(values) - 1, statistics.fmean(values), error)
        assert (found.low, found.high) == pytest.approx((low, high))
    else:
        # Answers that are all the same show no spread: no interval, and no verdict from them.
        assert (found.low, found.high, found.std_error) == (None, None, None)
        assert "no spread" in found.reason


def test_a_net_score_of_one_answer_has_no_interval():
    found = estimate([10.0], statistic="net_score")
    assert (found.value, found.low, found.high) == (100, None, None)


@settings(deadline=None)
@given(VALUES)
def test_a_top_box_has_the_wilson_interval_of_scipy(values):
    found = estimate(values, **TOP_BOX)
    hits = sum(value >= 9 for value in values)
    expected = scipy.stats.binomtest(hits, len(values)).proportion_ci(method="wilson")
    assert found.value == hits / len(values)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert found.ci_method == "wilson"


def test_a_net_score_has_the_adjusted_wald_interval_worked_by_hand():
    # 5 promoters, 2 passives, 3 detractors: 100 (5 - 3) / 10 = 20.
    found = estimate([10.0] * 5 + [8.0] * 2 + [0.0] * 3, statistic="net_score")
    # With the three imagined answers: p = 5.75 / 13, d = 3.75 / 13.
    p, d, n = 5.75 / 13, 3.75 / 13, 13
    error = 100 * math.sqrt((p + d - (p - d) ** 2) / n)
    assert found.value == 20
    assert found.std_error == pytest.approx(error)
    assert (found.low, found.high) == pytest.approx(
        (100 * (p - d) - Z * error, 100 * (p - d) + Z * error)
    )


def test_a_net_score_has_its_own_cuts_on_another_scale():
    changes = {"statistic": "net_score", "promoters_from": 4, "detractors_to": 2}
    assert estimate([5.0, 4.0, 3.0, 2.0], (1.0, 5.0), **changes).value == 25


def test_without_its_own_cuts_a_net_score_needs_the_scale_from_0_to_10():
    found = estimate([5.0, 4.0, 3.0, 2.0], (1.0, 5.0), statistic="net_score")
    assert (found.value, found.n) == (None, 4)
    assert "Give the KPI its own promoters_from" in found.reason


@pytest.mark.parametrize("values", [[10.0] * 2, [0.0] * 2, [10.0] * 500])
def test_a_unanimous_net_score_still_has_an_interval_within_the_scale(values):
    found = estimate(values, statistic="net_score")
    assert -100 <= found.low < found.high <= 100


@pytest.mark.parametrize("changes", [{}, TOP_BOX, {"statistic": "net_score"}])
def test_no_answer_is_no_statistic(changes):
    found = estimate([], **changes)
    assert (found.value, found.n, found.n_eligible) == (None, 0, 0)
    assert found.reason == "There is no answer: nobody has answered yet."


@pytest.mark.parametrize("changes", [{}, TOP_BOX, {"statistic": "net_score"}])
def test_only_missing_answers_are_no_statistic_but_were_shown(changes):
    found = estimate(["refused", "dont_know", "not_shown"], **changes)
    assert (found.value, found.low, found.n, found.n_eligible) == (None, None, 0, 2)
    assert found.reason == "There is no answer: none of the 2 who were shown it answered."


def test_one_answer_gives_a_mean_without_interval():
    found = estimate([7.0])
    assert (found.value, found.n, found.low, found.high, found.std_error) == (
        7,
        1,
        None,
        None,
        None,
    )
    assert "no interval" in found.reason


def test_one_answer_gives_a_share_with_a_wide_interval():
    found = estimate([9.0], **TOP_BOX)
    assert (found.value, found.high) == (1, 1)
    # Wilson by hand for 1 of 1: 1 / (1 + z^2).
    assert found.low == pytest.approx(1 / (1 + Z**2))


def test_missing_answers_count_as_eligible_and_in_no_mean():
    found = estimate([4.0, 6.0, "skipped", "dont_know", "not_shown"])
    assert (found.value, found.n, found.n_eligible) == (5, 2, 4)


def test_a_declared_code_counts_in_the_denominator():
    answered = [9.0, 3.0, "dont_know", "dont_know", "refused", "not_shown"]
    found = estimate(answered, **TOP_BOX, in_denominator=["dont_know"])
    assert (found.value, found.n, found.n_eligible) == (0.25, 4, 5)


def test_missing_codes_alone_are_no_answer_even_where_they_count_in_the_denominator():
    answered = ["skipped"] * 20 + ["refused"] * 5
    found = estimate(answered, **TOP_BOX, in_denominator=["skipped", "refused"])
    assert (found.value, found.n, found.n_eligible) == (None, 0, 25)
    assert "none of the 25 who were shown it answered" in found.reason


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"statistic": "top_box", "cut": 45}, "cut 45"),
        ({"statistic": "net_score", "promoters_from": 9, "detractors_to": 2}, "promoters_from 9"),
    ],
)
def test_a_cut_that_is_not_on_the_scale_measures_nothing(changes, name):
    found = estimate([5.0] * 20, (1.0, 5.0), **changes)
    assert found.value is None
    assert f"The scale is 1 to 5, and {name} is not on it" in found.reason


def test_the_reason_for_no_interval_names_what_has_no_spread():
    assert "All 2 answers are the same" in estimate([3.0, 3.0]).reason
    assert "The means of all 2 customers are the same" in customers([[2.0, 4.0], [3.0]]).reason
    assert "One customer has no spread" in customers([[1.0, 5.0]]).reason


def test_every_scope_has_its_own_estimate():
    the_kpi = book(kpi()).kpis[0]
    cells = [(0, 1.0), (0, 3.0), (0, 8.0), (2, 8.0), (2, 8.0), (2, "skipped")]
    estimates = estimate_cells(the_kpi, cast_votes(the_kpi, cells), 4)
    found = [estimates[cell] for cell in range(4)]
    assert [one.value for one in found] == [4, None, 8, None]
    assert [one.n for one in found] == [3, 0, 2, 0]
    assert [one.n_eligible for one in found] == [3, 0, 3, 0]


def test_different_scales_are_never_pooled():
    the_kpi = book(kpi()).kpis[0]
    five, ten = (
        cast_votes(the_kpi, [(0, 4.0)], scale).sum(1) for scale in ((1.0, 5.0), (0.0, 10.0))
    )
    found = estimate_ratings(the_kpi, Votes.of(five.plus(ten)))[0]
    assert (found.value, found.n) == (None, 2)
    assert "different scales" in found.reason


def test_a_mean_of_customers_is_the_mean_of_their_means_with_t_on_customers():
    found = customers([[2.0, 4.0], [9.0], [5.0, 5.0, 8.0], []])
    means = [3.0, 9.0, 6.0]
    error = statistics.stdev(means) / math.sqrt(3)
    assert (found.value, found.n, found.n_eligible) == (6, 3, 4)
    assert (found.low, found.high) == pytest.approx(scipy.stats.t.interval(0.95, 2, 6, error))


def test_with_one_answer_each_customers_count_like_answers():
    hits = [[1.0]] * 3 + [[0.0]] * 7
    by_customer = customers(hits, **TOP_BOX)
    by_answer = estimate([9.0] * 3 + [0.0] * 7, **TOP_BOX)
    for one in ("value", "low", "high", "std_error", "n", "effective_n"):
        assert getattr(by_customer, one) == pytest.approx(getattr(by_answer, one)), one


def test_with_one_answer_each_a_net_score_of_customers_is_that_of_answers():
    votes = [1.0] * 5 + [0.0] * 2 + [-1.0] * 3
    by_customer = customers([[vote] for vote in votes], statistic="net_score")
    by_answer = estimate([10.0] * 5 + [8.0] * 2 + [0.0] * 3, statistic="net_score")
    for one in ("value", "low", "high", "std_error"):
        assert getattr(by_customer, one) == pytest.approx(getattr(by_answer, one)), one


def test_a_share_of_customers_has_wilson_on_the_effective_n_worked_by_hand():
    # Shares 1, 1/2, 0, 1/2: mean 0.5, variance (divisor n) 0.125, so 4 x 0.25 / 0.125 = 8;
    # but 1, 2, 1 and 2 answers are worth at most 4^2 / (1 + 1/2 + 1 + 1/2) = 16 / 3. With t at
    # 3 degrees of freedom: 16/3 x (1.959964 / 3.182446)^2 x 3/4 = 1.517 is less than 4 customers.
    found = customers([[1.0], [1.0, 0.0], [0.0], [0.0, 1.0]], **TOP_BOX)
    assert found.value == 0.5
    assert found.effective_n == 4
    assert (found.low, found.high) == pytest.approx(wilson(0.5, 4))


def test_many_customers_of_many_answers_are_worth_more_than_their_number_by_hand():
    # 30 customers with 5 answers each, shares 0.4 and 0.6: variance 0.01, so 30 x 0.25 / 0.01
    # = 750, at most 150; times (1.959963985 / 2.045229642)^2 x 29/30 = 0.887741.
    shares = [[1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0, 0.0]] * 15
    found = customers(shares, **TOP_BOX)
    expected = 150 * (1.959963985 / 2.045229642) ** 2 * 29 / 30
    assert found.effective_n == pytest.approx(expected, rel=1e-8)
    assert (found.low, found.high) == pytest.approx(wilson(0.5, expected))
    assert found.ci_method == "wilson_effective_n"


def test_one_customer_with_many_answers_is_one_customer():
    assert customers([[1.0, 0.0] * 10], **TOP_BOX).effective_n == 1


def test_one_keen_customer_does_not_move_the_effective_n_above_the_customers():
    keen = customers([[1.0] * 100, [0.0], [0.0], [1.0]], **TOP_BOX)
    assert keen.effective_n == pytest.approx(4)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 0.25), st.integers(1, 100), st.integers(1, 10))
def test_an_effective_n_is_never_above_that_of_independent_answers(share, variance, n, times):
    variance = min(variance, share * (1 - share))
    found = worth(*map(np.float64, (share, variance, n, n * times)))
    assert found <= n * times * (1 + 1e-12)


def test_the_interval_imagined_at_the_actual_n_is_the_interval():
    values = [1.0, 4.0, 9.0, 9.0, 10.0]
    for changes in ({}, TOP_BOX, {"statistic": "net_score"}):
        found = estimate(values, **changes)
        interval = found.resized.interval(5.0)
        assert (interval.low, interval.high) == pytest.approx((found.low, found.high)), changes


def test_intervals_shrink_as_n_grows():
    for interval in (
        lambda n: student_t(5, 2, n),
        lambda n: wilson(0.3, n),
        lambda n: adjusted_wald(0.3, 0.5, n)[:2],
    ):
        widths = [high - low for low, high in map(interval, (5, 50, 500, 5000))]
        assert widths == sorted(widths, reverse=True)
