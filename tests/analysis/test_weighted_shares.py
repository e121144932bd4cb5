"""Weighted shares and their two intervals."""

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sampling import Design
from analysis.weighted_shares import weighted_share
from analysis.wilson import wilson


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.sampled_from([0.9, 0.95]))
def test_with_equal_weights_a_share_has_the_wilson_interval_of_scipy(hits, level):
    found = weighted_share(hits, Design(np.ones(len(hits)))).interval(level)
    expected = scipy.stats.binomtest(sum(hits), len(hits)).proportion_ci(level, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert found.rule == "wilson_effective_n"


def test_clusters_make_a_share_worth_less():
    # 4 customers of 5 alike answers each: worth about 4 answers, not 20.
    hits = np.repeat([1, 1, 0, 1], 5)
    found = weighted_share(hits, Design(np.ones(20), clusters=np.repeat(range(4), 5)))
    # Distances of customers 5/4, 5/4, -15/4, 5/4 over 20, squared: 300/16 / 400; times 4/3.
    assert found.std_error**2 == pytest.approx(0.0625)
    # Of 20 independent answers: 0.75 * 0.25 / 19.
    assert found.design_effect == pytest.approx(0.0625 / (0.1875 / 19))
    t19, t3 = 2.0930240544083087, 3.182446305284263
    worth = 0.1875 / 19 / 0.0625 * 20 * (t19 / t3) ** 2
    low, high = wilson(0.75, worth, 0.95)
    interval = found.interval()
    assert (interval.low, interval.high) == pytest.approx((float(low), float(high)))


def test_a_share_is_worth_no_more_than_its_answers():
    # In every customer half: the standard error is 0 by chance, and 8 answers are 8 answers.
    found = weighted_share([1, 0] * 4, Design(np.ones(8), clusters=np.repeat(range(4), 2)))
    assert found.std_error == 0
    t7, t3 = 2.3646242515927844, 3.182446305284263
    low, high = wilson(0.5, 8 * (t7 / t3) ** 2, 0.95)
    interval = found.interval()
    assert (interval.low, interval.high) == pytest.approx((float(low), float(high)))


def test_with_normal_quantiles_a_share_is_worth_no_more_either():
    found = weighted_share([1, 0, 1, 1], Design([1, 1, 1, 1]))
    assert replace(found, df=math.inf).interval() == found.interval()


def test_shares_of_0_and_1_are_worth_the_effective_n_of_the_clusters():
    # Customers of weight 2, 1 and 1: (2 + 1 + 1)^2 / (4 + 1 + 1) = 16 / 6.
    design = Design([1, 1, 1, 1], clusters=list("aabc"))
    for hits, share in (([1, 1, 1, 1], 1), ([0, 0, 0, 0], 0)):
        found = weighted_share(hits, design)
        assert (found.value, found.std_error) == (share, 0)
        low, high = wilson(share, 16 / 6, 0.95)
        interval = found.interval()
        assert (interval.low, interval.high) == pytest.approx((float(low), float(high)))
        assert np.isnan([found.interval(rule="logit").low, found.interval(rule="logit").high]).all()


def test_one_cluster_is_worth_one_answer():
    found = weighted_share([1, 0, 1], Design([1, 1, 1], clusters=list("aaa")))
    low, high = wilson(2 / 3, 1, 0.95)
    assert np.isnan(found.std_error)
    assert (found.interval().low, found.interval().high) == pytest.approx((float(low), float(high)))


def test_when_everybody_was_asked_the_share_is_known():
    found = weighted_share([1, 0, 0, 1, 1], Design(np.ones(5), population=5))
    interval = found.interval()
    assert found.std_error == 0
    assert (interval.low, interval.high) == pytest.approx((0.6, 0.6))


def test_nobody_has_no_share():
    for found in (weighted_share([np.nan], Design([1])), weighted_share([], Design([]))):
        assert found.n == 0
        assert np.isnan([found.value, found.interval().low, found.interval().high]).all()


def test_cells_beside_each_other_are_those_alone():
    hits = np.array([[1, 0, np.nan], [0, 0, np.nan], [1, np.nan, np.nan], [1, 0, 1]])
    design = Design([1, 2, 3, 4], clusters=list("wxyy"))
    together = weighted_share(hits, design)
    for cell in range(3):
        alone = weighted_share(hits[:, cell], design)
        for rule in ("wilson_effective_n", "logit"):
            both = together.interval(rule=rule), alone.interval(rule=rule)
            assert both[0].low[cell] == pytest.approx(both[1].low, nan_ok=True)
            assert both[0].high[cell] == pytest.approx(both[1].high, nan_ok=True)


def test_logit_limits_by_hand():
    found = weighted_share([1, 0, 1, 1], Design([1, 1, 1, 1]))
    # log(0.75 / 0.25) -+ z se / (0.75 * 0.25), se = sqrt(0.1875 / 3) = 0.25
    interval = replace(found, df=math.inf).interval(rule="logit")
    half = 1.959963984540054 * 0.25 / 0.1875
    expected = [1 / (1 + math.exp(-(math.log(3) + sign * half))) for sign in (-1, 1)]
    assert [interval.low, interval.high] == pytest.approx(expected)
    assert interval.rule == "logit"
    # Few answers: with their own degrees of freedom the interval is wider.
    assert found.interval(rule="logit").low < interval.low


def test_what_is_no_share_is_refused():
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        weighted_share([0.5], Design([1]))
    with pytest.raises(ValueError, match="There is no rule 'wald'"):
        weighted_share([1, 0], Design([1, 1])).interval(rule="wald")
    with pytest.raises(ValueError, match="The level 95 is"):
        weighted_share([1, 0], Design([1, 1])).interval(95)
