"""Quantiles of two-sided intervals."""

import numpy as np
import pytest
from scipy.stats import norm, t

from analysis.quantiles import checked_level, two_sided_t


def test_quantiles_are_students_and_in_the_limit_normal():
    found = two_sided_t(0.9, np.array([[1.0, 7], [np.inf, 2.5]]))
    expected = [[t.ppf(0.95, 1), t.ppf(0.95, 7)], [norm.ppf(0.95), t.ppf(0.95, 2.5)]]
    assert found == pytest.approx(np.array(expected))


def test_without_degrees_of_freedom_there_is_no_quantile():
    assert np.isnan(two_sided_t(0.9, np.array([0.0, -1, np.nan]))).all()
    assert np.isnan(two_sided_t(0.9, 0.0))


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, np.nan])
def test_a_level_lies_between_0_and_1(level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        checked_level(level)
