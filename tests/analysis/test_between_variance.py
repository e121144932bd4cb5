"""Paule and Mandel's variance between groups, and the points to integrate over it."""

import numpy as np
import pytest
from scipy.integrate import quad

from analysis.between_variance import one_shape, paule_mandel, points

# Vaccine and control of the 13 trials of BCG against tuberculosis (Colditz et al. 1994): cases
# and others in each arm.
BCG = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13536, 248, 12619],
        [33, 5036, 47, 5761],
        [180, 1361, 372, 1079],
        [8, 2537, 10, 619],
        [505, 87886, 499, 87892],
        [29, 7470, 45, 7232],
        [17, 1699, 65, 1600],
        [186, 50448, 141, 27197],
        [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ],
    float,
)


def test_the_log_relative_risks_of_bcg_vary_as_published():
    # R's metafor prints tau^2 = 0.3181 for rma(..., method = "PM").
    vaccine, control = BCG[:, 0] + BCG[:, 1], BCG[:, 2] + BCG[:, 3]
    risk = np.log(BCG[:, 0] / vaccine) - np.log(BCG[:, 2] / control)
    variance = 1 / BCG[:, 0] - 1 / vaccine + 1 / BCG[:, 2] - 1 / control
    assert float(paule_mandel(risk, variance)) == pytest.approx(0.3181, abs=5e-5)


def test_at_the_estimate_the_weighted_squares_are_what_is_expected():
    y, v = np.array([1.0, 4, 2, 8, 5]), np.array([0.2, 1, 0.5, 2, 0.1])
    between = float(paule_mandel(y, v))
    weight = 1 / (between + v)
    mean = np.average(y, weights=weight)
    assert (weight * (y - mean) ** 2).sum() == pytest.approx(4)


def test_equal_variances_have_the_closed_form_for_any_number_of_tables():
    y = np.random.default_rng(1).normal(0, 2, (3, 4, 9))
    found = paule_mandel(y, np.full(y.shape, 0.7))
    assert found == pytest.approx(np.maximum(y.var(axis=-1, ddof=1) - 0.7, 0), abs=1e-10)


def test_groups_alike_have_no_variance_and_fewer_than_two_none_that_is_known():
    assert float(paule_mandel([1.0, 1.1, 0.9], [1.0, 1, 1])) == 0
    assert np.isnan(paule_mandel([1.0], [1.0]))
    assert np.isnan(paule_mandel([], []))
    assert np.isnan(paule_mandel([1.0, np.nan, 3], [1.0, 1, 0]))
    assert float(paule_mandel([1.0, np.nan, 3], [0.5, 1, 0.5])) == pytest.approx(1.5)


def test_points_integrate_tails_of_any_size():
    at, weight = points(np.array([0.01, 5.0]), 48)
    for row, scale in enumerate([0.01, 5.0]):
        expected = quad(lambda x, scale=scale: (1 + x / scale) ** -2.5, 0, np.inf)[0]
        assert ((1 + at[row] / scale) ** -2.5 * weight[row]).sum() == pytest.approx(expected)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="variance holds a negative"):
        paule_mandel([1.0], [-1.0])
    with pytest.raises(ValueError, match=r"value and n have the shapes \(2,\) and \(1,\)"):
        one_shape(value=[1, 2], n=[1])
    with pytest.raises(ValueError, match="groups on the last axis"):
        one_shape(value=1)
