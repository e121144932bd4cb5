"""The interval of a mean on a scale with two ends, against hand calculation and Wilson's."""

import numpy as np
import pytest
import scipy.stats

from analysis.scale_means import quasi_binomial
from tests.analysis.building import book, kpi
from tests.analysis.test_kpi import codes
from tests.analysis.test_ratings import cast_votes, estimate_cells

ON_SCALE = {"interval": "quasi_binomial"}


def estimate(values, **changes):
    the_kpi = book(kpi(**(ON_SCALE | changes))).kpis[0]
    votes = cast_votes(the_kpi, [(0, value) for value in values])
    return estimate_cells(the_kpi, votes, 1)[0]


def test_five_answers_are_worked_by_hand():
    # 10, 10, 9, 8, 10: p = 0.94, s^2 = 0.8 / 100, D' = 0.008 / 0.0564 = 0.141844;
    # D = (4 D' + 1) / 7 = 0.223911, t(7) = 2.364624, reach = t^2 D / 5 = 0.250395;
    # (0.94 + 0.125197) / 1.250395 -+ sqrt(0.250395 x 0.0564 + 0.250395^2 / 4) / 1.250395.
    low, high = quasi_binomial(9.4, 0.64, 5, 0, 10)
    assert low == pytest.approx(10 * (0.851889 - 0.138051), abs=1e-4)
    assert high == pytest.approx(10 * (0.851889 + 0.138051), abs=1e-4)


def test_the_ends_are_where_the_mean_is_t_errors_away():
    mean, variance, n = 3.9, 1.1, 12.0
    share, room = 2.9 / 4, 2.9 / 4 * 1.1 / 4
    dispersion = (11 * variance / 16 * 12 / 11 / room + 1) / 14
    t = scipy.stats.t.ppf(0.975, 14)
    for end in quasi_binomial(mean, variance, n, 1, 5):
        there = (end - 1) / 4
        assert abs(share - there) == pytest.approx(
            t * np.sqrt(dispersion * there * (1 - there) / n)
        )


def test_of_many_answers_it_is_students_and_of_yes_and_no_wilsons():
    n = 10_000
    half = 1.96 * 2 / np.sqrt(n)
    low, high = quasi_binomial(6.0, 4.0, n, 0, 10)
    assert (low, high) == pytest.approx((6 - half, 6 + half), abs=1e-3)
    interval = scipy.stats.binomtest(3000, n).proportion_ci(method="wilson")
    low, high = quasi_binomial(0.3, 0.21, n, 0, 1)
    assert (low, high) == pytest.approx((interval.low, interval.high), abs=2e-5)


def test_the_scale_may_be_turned_and_moved():
    low, high = quasi_binomial(4.2, 0.56, 5, 1, 5)
    assert quasi_binomial(1.8, 0.56, 5, 1, 5) == pytest.approx((6 - high, 6 - low))
    assert quasi_binomial(8.0, 3.5, 5, 0, 10) == pytest.approx((2.5 * (low - 1), 2.5 * (high - 1)))


def test_answers_that_are_all_the_same_have_an_interval_within_the_scale():
    # At the end p (1 - p) = 0: D = 1/3, reach = t(7)^2 / 15, low = 1 / (1 + reach).
    low, high = quasi_binomial(10.0, 0.0, 5, 0, 10)
    assert (low, high) == pytest.approx((10 / (1 + 2.364624**2 / 15), 10))
    assert high == 10
    assert quasi_binomial(1.0, 0.0, 5, 1, 5)[0] == 1
    # Between the ends they only have the imagined answers' dispersion, 1/7.
    low, high = quasi_binomial(4.0, 0.0, 5, 1, 5)
    reach = 2.364624**2 / 7 / 5
    half = np.sqrt(reach * 0.1875 + reach**2 / 4) / (1 + reach)
    assert (low + high) / 2 == pytest.approx(1 + 4 * (0.75 + reach / 2) / (1 + reach))
    assert high - low == pytest.approx(8 * half)


def test_it_holds_the_mean_and_stays_on_the_scale():
    random = np.random.default_rng(2)
    n = random.integers(2, 30, 2000).astype(float)
    answers = [random.integers(0, 11, int(size)) for size in n]
    mean, variance = np.array([(one.mean(), one.var()) for one in answers]).T
    low, high = quasi_binomial(mean, variance, n, 0, 10)
    assert ((low >= 0) & (low <= mean) & (mean <= high) & (high <= 10)).all()


@pytest.mark.parametrize("n", [5, 20])
def test_skewed_answers_are_covered_where_students_t_fails(n):
    shares = np.array([2, 3, 7, 23, 65]) / 100
    values = np.arange(1, 6)
    truth = shares @ values
    counts = np.random.default_rng(4).multinomial(n, shares, 20_000)
    mean = counts @ values / n
    variance = np.maximum(counts @ values**2 / n - mean**2, 0)
    low, high = quasi_binomial(mean, variance, n, 1, 5)
    half = scipy.stats.t.ppf(0.975, n - 1) * np.sqrt(variance / (n - 1))
    assert np.mean((low <= truth) & (truth <= high)) > 0.94
    assert np.mean(np.abs(mean - truth) <= half) < 0.92


def test_a_kpi_says_that_its_mean_has_this_interval():
    found = estimate([10.0, 10.0, 9.0, 8.0, 10.0])
    assert (found.value, found.ci_method) == (pytest.approx(9.4), "quasi_binomial")
    assert (found.low, found.high) == pytest.approx(quasi_binomial(9.4, 0.64, 5, 0, 10))
    assert found.std_error == pytest.approx(np.sqrt(0.16))
    assert estimate([10.0, 9.0], interval=None).ci_method == "student_t"


def test_equal_answers_of_a_kpi_have_an_interval_and_one_answer_has_none():
    found = estimate([10.0] * 5)
    assert (found.low, found.high) == pytest.approx((7.2846, 10), abs=1e-3)
    assert (found.reason, found.std_error) == ("", None)
    found = estimate([10.0])
    assert (found.value, found.low, found.high) == (10, None, None)
    assert "no interval" in found.reason
    assert estimate(["refused"]).low is None


def test_the_interval_imagined_at_the_actual_n_is_the_interval_and_at_more_is_shorter():
    for values in ([1.0, 4.0, 9.0, 9.0, 10.0], [10.0] * 5):
        found = estimate(values)
        assert found.resized is not None
        now, later = (found.resized.interval(n) for n in (5.0, 50.0))
        assert (now.low, now.high) == pytest.approx((found.low, found.high))
        assert later.high - later.low < now.high - now.low


def test_the_rule_is_stored_with_the_kpi_and_is_for_means_only():
    entry = book(kpi(**ON_SCALE)).kpis[0].to_dict()
    assert entry["interval"] == "quasi_binomial"
    assert "interval" not in book(kpi()).kpis[0].to_dict()
    assert codes(kpi(interval="wald")) == ["unknown_word"]
    top_box = {"statistic": "top_box", "cut": 9, "score": {"worst": 0, "best": 1}}
    assert codes(kpi(**top_box, **ON_SCALE)) == ["option_of_another_statistic"]
