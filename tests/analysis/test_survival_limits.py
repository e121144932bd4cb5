"""Limits against scipy, and where they are not defined."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.quantiles import normal_quantile
from analysis.survival_curves import kaplan_meier
from analysis.survival_limits import log_log_limits
from tests.analysis.visiting import one_cell, visits

LEVELS = st.sampled_from([0.5, 0.8, 0.95, 0.999])


@settings(deadline=None)
@given(visits("reached", "open", least=1), LEVELS)
@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
def test_log_log_limits_are_those_of_scipy(told, level):
    reached = [seconds for seconds, end in told if end == "reached"]
    still_open = [seconds for seconds, end in told if end == "open"]
    survival = scipy.stats.ecdf(scipy.stats.CensoredData(reached, right=still_open)).sf
    curve = kaplan_meier(one_cell(told))
    expected = survival.confidence_interval(level, method="log-log")
    low, high = log_log_limits(curve.level, curve.variance, level)
    inside = (curve.level > 1e-9) & (curve.level < 1 - 1e-9)
    assert low[inside] == pytest.approx(expected.low.evaluate(curve.time)[inside])
    assert high[inside] == pytest.approx(expected.high.evaluate(curve.time)[inside])


def test_limits_by_hand_at_95_per_cent_unless_told_otherwise():
    # 0.8 with variance 0.032: error = sqrt(0.032) / (0.8 x 0.2231) = 1.0021.
    error = math.sqrt(0.032) / (0.8 * -math.log(0.8))
    expected = [0.8 ** math.exp(1.959964 * error), 0.8 ** math.exp(-1.959964 * error)]
    assert np.ravel(log_log_limits(np.array([0.8]), np.array([0.032]))) == pytest.approx(
        expected, rel=1e-6
    )


def test_a_share_of_all_is_its_own_limit_and_one_of_none_has_no_limits():
    share = np.array([[1.0, 0.0, np.nan], [1.0, 0.5, 0.0]])
    variance = np.array([[0.0, np.nan, np.nan], [np.nan, 0.0, 0.0]])
    low, high = log_log_limits(share, variance)
    for found in (low, high):
        assert np.array_equal(found, [[1.0, np.nan, np.nan], [1.0, 0.5, np.nan]], equal_nan=True)


def test_an_enormous_error_leaves_everything_possible():
    low, high = log_log_limits(np.array([0.9]), np.array([1e6]))
    assert (low.tolist(), high.tolist()) == ([0.0], [1.0])


def test_a_level_is_two_sided_and_lies_between_0_and_1():
    assert normal_quantile(0.95) == pytest.approx(scipy.stats.norm.ppf(0.975), rel=1e-12)
    assert normal_quantile(0.5) == pytest.approx(scipy.stats.norm.ppf(0.75), rel=1e-12)
    for level in (0.0, 1.0, 95.0, -0.5, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            normal_quantile(level)
