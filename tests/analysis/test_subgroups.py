"""Charts of samples and capability against printed constants and by hand."""

import math

import numpy as np
import pytest
import scipy.stats

from analysis.subgroups import capability, range_constants, sigma_from_deviations, xbar_r_chart

SAMPLES = [[5.0, 6.0, 7.0], [6.0, 6.0, 8.0], [4.0, 6.0, 5.0]]


# As printed to 3 decimals in tables of control chart constants (ASTM; Montgomery 2009, app. VI).
@pytest.mark.parametrize(
    ("size", "d2", "d3"),
    [(2, 1.128, 0.853), (3, 1.693, 0.888), (5, 2.326, 0.864), (10, 3.078, 0.797),
     (15, 3.472, 0.756), (25, 3.931, 0.708)],
)  # fmt: skip
def test_range_constants_are_the_printed_ones(size, d2, d3):
    assert range_constants(size) == pytest.approx((d2, d3), abs=6e-4)


def test_range_constants_are_exact():
    root = math.sqrt(math.pi)
    assert range_constants(2) == pytest.approx((2 / root, math.sqrt(2 - 4 / math.pi)), rel=1e-12)
    assert range_constants(3)[0] == pytest.approx(3 / root, rel=1e-12)
    # scipy's distribution of the range, its mean by the area above it.
    width = np.linspace(0, 12, 241)
    above = 1 - scipy.stats.studentized_range.cdf(width, 7, np.inf)
    assert range_constants(7)[0] == pytest.approx(np.trapezoid(above, width), rel=1e-4)


def test_limits_of_means_and_ranges_by_hand():
    # Ranges 2 2 2, grand mean 53 / 9; d2(3) = 1.6926, d3(3) = 0.8884.
    chart = xbar_r_chart(SAMPLES)
    assert chart.sigma == pytest.approx(2 / 1.6926, rel=1e-4)
    half = 3 * chart.sigma / math.sqrt(3)
    assert chart.means.center == pytest.approx(53 / 9)
    assert (chart.means.low, chart.means.high) == pytest.approx((53 / 9 - half, 53 / 9 + half))
    assert chart.ranges.center == 2
    assert chart.ranges.low == 0
    assert chart.ranges.high == pytest.approx(2 + 3 * 0.8884 * chart.sigma, rel=1e-4)


def test_sigma_from_deviations_by_hand():
    # Variances 1, 4/3, 1; c4(3) = 0.8862.
    expected = (1 + math.sqrt(4 / 3) + 1) / 3 / 0.886227
    assert sigma_from_deviations(SAMPLES) == pytest.approx(expected, rel=1e-6)


def test_equal_values_have_sigma_0_and_no_capability():
    chart = xbar_r_chart([[4.0, 4.0], [4.0, 4.0]])
    assert (chart.sigma, chart.means.low, chart.means.high) == (0, 4, 4)
    found = capability(4.0, chart.sigma, lower=3, upper=5, target=4)
    assert np.isnan([found.cp, found.cp_low, found.cp_high, found.cpk, found.cpm]).all()


def test_capability_by_hand_and_with_one_limit_only():
    found = capability(10.5, 0.5, lower=9.0, upper=12.6, target=10.0)
    assert (found.cp, found.cp_low, found.cp_high) == pytest.approx((1.2, 1.0, 1.4))
    assert found.cpk == pytest.approx(1.0)
    assert found.cpm == pytest.approx(1.2 / math.sqrt(2))
    one = capability(10.5, 0.5, upper=12.6)
    assert (one.cp_high, one.cpk) == pytest.approx((1.4, 1.4))
    assert np.isnan([one.cp, one.cp_low, one.cpm]).all()
    assert math.isnan(capability(10.5, 0.5).cpk)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: xbar_r_chart([1.0, 2.0]), "rows of at least 2 values"),
        (lambda: xbar_r_chart([[1.0], [2.0]]), "rows of at least 2 values"),
        (lambda: xbar_r_chart(np.zeros((0, 3))), "rows of at least 2 values"),
        (lambda: sigma_from_deviations([[1.0, math.nan]]), "sample lacks a value"),
        (lambda: range_constants(1), "sample of 1 has no range"),
        (lambda: capability(1, -1), "Sigma is below 0"),
        (lambda: capability(1, 1, lower=2, upper=1), "not above the lower one"),
    ],
)
def test_impossible_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
