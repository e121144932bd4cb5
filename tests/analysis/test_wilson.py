"""Wilson's interval against scipy's."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.wilson import wilson


@settings(deadline=None)
@given(st.integers(1, 400), st.data(), st.floats(0.01, 0.999))
def test_both_ends_are_those_of_scipy(n, data, level):
    count = data.draw(st.integers(0, n))
    limits = scipy.stats.binomtest(count, n).proportion_ci(level, method="wilson")
    low, high = wilson(count / n, n, level)
    assert low == pytest.approx(limits.low, abs=1e-12)
    assert high == pytest.approx(limits.high, abs=1e-12)


def test_it_is_at_95_per_cent_unless_told_otherwise():
    expected = scipy.stats.binomtest(3, 7).proportion_ci(0.95, method="wilson")
    assert wilson(3 / 7, 7) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_nobody_and_everybody_are_exactly_at_the_end(level):
    n = np.arange(1.0, 2000.0)
    assert (wilson(0.0, n, level)[0] == 0).all()
    assert (wilson(1.0, n, level)[1] == 1).all()


def test_of_endlessly_many_the_share_is_known_and_of_none_or_an_unknown_n_nothing():
    assert wilson(0.25, np.inf) == (0.25, 0.25)
    low, high = wilson(np.array([0.0, 1.0, np.nan, 0.5]), np.array([0.0, 0.0, 5.0, np.nan]))
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_a_level_is_a_share():
    with pytest.raises(ValueError, match="not between 0 and 1"):
        wilson(0.5, 10, 95)
