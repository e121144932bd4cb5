"""Adjusted p values against closed testing by hand and against what each method promises."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.many_tests import METHODS, adjust, benjamini_hochberg

P = [0.011, 0.02, 0.03, 0.041, 0.3]


def simes(p):
    return min(len(p) * one / rank for rank, one in enumerate(sorted(p), 1))


def bonferroni(p):
    return len(p) * min(p)


def closed_testing(p, of_a_set):
    """Each p adjusted to the greatest p that any set with it in has (Marcus and others 1976)."""
    sets = [chosen for size in range(1, len(p) + 1) for chosen in combinations(range(len(p)), size)]
    return [
        max(min(1.0, of_a_set([p[one] for one in chosen])) for chosen in sets if at in chosen)
        for at in range(len(p))
    ]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_hommel_is_closed_testing_with_simes_and_holm_with_bonferroni(p):
    assert adjust(p, "hommel") == pytest.approx(closed_testing(p, simes))
    assert adjust(p, "holm") == pytest.approx(closed_testing(p, bonferroni))


def test_the_others_by_hand():
    # 5 p / rank: 0.055, 0.05, 0.05, 0.05125, 0.3; then the least from there on.
    assert benjamini_hochberg(P) == pytest.approx([0.05, 0.05, 0.05, 0.05125, 0.3])
    harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5
    by = np.array([0.05, 0.05, 0.05, 0.05125, 0.3]) * harmonic
    assert adjust(P, "benjamini_yekutieli") == pytest.approx(by)
    # (5, 4, 3, 2, 1) p: 0.055, 0.08, 0.09, 0.082, 0.3; the least from there on.
    assert adjust(P, "hochberg") == pytest.approx([0.055, 0.08, 0.082, 0.082, 0.3])
    assert adjust(P, "bonferroni") == pytest.approx([0.055, 0.1, 0.15, 0.205, 1.0])


@pytest.mark.parametrize("method", METHODS)
def test_what_was_not_tested_does_not_count_and_the_order_is_kept(method):
    card = np.array([[0.3, np.nan, 0.02], [0.041, 0.03, np.nan], [np.nan, 0.011, np.nan]])
    adjusted = adjust(card, method)
    assert adjusted.shape == (3, 3)
    assert np.isnan(adjusted).tolist() == np.isnan(card).tolist()
    expected = dict(zip(P, adjust(P, method).tolist(), strict=True))
    for before, after in zip(card.ravel(), adjusted.ravel(), strict=True):
        if not np.isnan(before):
            assert after == pytest.approx(expected[float(before)])


@pytest.mark.parametrize("method", METHODS)
def test_one_test_stays_as_it_is_and_none_stays_none(method):
    assert adjust([0.3], method).tolist() == [0.3]
    assert adjust([], method).shape == (0,)
    assert np.isnan(adjust([np.nan, np.nan], method)).all()
    assert adjust([1.0, 1.0, 0.0], method).tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("p", [[-0.1], [1.1, np.nan]])
def test_what_is_no_p_is_refused(p):
    with pytest.raises(ValueError, match=r"outside 0 to 1\. Leave NaN where nothing"):
        benjamini_hochberg(p)


def test_an_unknown_method_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"method BH is unknown. Use one of benjamini_hochberg, "):
        adjust([0.1], "BH")
