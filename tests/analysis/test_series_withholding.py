"""Series are told whole or not at all, and no small cell follows from what is told beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.series_withholding import withheld_series

NOBODY = np.zeros(4, bool)


def withheld(parent, counts, totals=None, minimum_n=5):
    hidden = np.zeros(len(parent), bool) if totals is None else np.array(totals, bool)
    return withheld_series(parent, np.array(counts), hidden, minimum_n).tolist()


def test_a_small_period_takes_the_whole_series_and_the_smallest_beside_it():
    counts = [[20, 20], [2, 9], [7, 6], [11, 5]]
    assert withheld([-1, 0, 0, 0], counts) == [False, True, True, False]


def test_people_who_are_in_none_hide_a_small_scope_in_the_periods_they_are_in():
    # 5 and 5 people belong to none of the two: the first's 2 and 9 follow from nothing.
    assert withheld([-1, 0, 0], [[14, 20], [2, 9], [7, 6]]) == [False, True, False]
    # In the second period nobody does, so its 9 would follow; and 2 from its total less 9.
    assert withheld([-1, 0, 0], [[14, 15], [2, 9], [7, 6]]) == [False, True, True]


def test_where_nobody_is_left_to_hide_the_scope_above_goes_too():
    # The unit's only representative is withheld elsewhere, and has all of the unit's people.
    assert withheld([-1, 0, 1], [[20], [9], [9]], [0, 0, 1]) == [False, True, True]
    # With 6 people of its own beside the representative's 3 the unit is told.
    assert withheld([-1, 0, 1], [[20], [9], [3]]) == [False, False, True]


def test_what_is_withheld_elsewhere_has_no_series():
    counts = [[20, 20], [9, 9], [6, 6], [5, 5]]
    assert withheld([-1, 0, 0, 0], counts, [0, 1, 0, 0]) == [False, True, False, True]


def test_a_small_rest_alone_is_hidden_by_a_scope_beside_it():
    assert withheld([-1, 0, 0], [[16], [7], [6]]) == [False, False, True]


def test_nothing_is_withheld_of_everybody_being_told():
    assert withheld([-1, 0, 0], [[3], [2], [1]], minimum_n=1) == [False, False, False]


@st.composite
def trees(draw):
    """Two units under everybody with representatives below, and people in periods."""
    periods = draw(st.integers(1, 3))
    people = st.lists(st.integers(0, 12), min_size=periods, max_size=periods)
    reps = [draw(people) for _ in range(draw(st.integers(2, 5)))]
    of_unit = [draw(st.integers(1, 2)) for _ in reps]
    rests = [draw(people) for _ in range(3)]
    units = [
        np.sum(
            [rests[unit], *(one for one, own in zip(reps, of_unit, strict=True) if own == unit)], 0
        )
        for unit in (1, 2)
    ]
    everybody = np.sum([rests[0], *units], 0)
    return [-1, 0, 0, *of_unit], np.array([everybody, *units, *reps])


@given(trees())
def test_in_every_period_what_is_left_of_a_told_scope_is_of_enough_people_and_parts(tree):
    parent, counts = tree
    hidden = withheld_series(parent, counts, np.zeros(len(parent), bool), 5)
    shown = ~hidden
    assert not ((counts[shown] > 0) & (counts[shown] < 5)).any()
    for scope in np.flatnonzero(shown):
        below = np.flatnonzero(np.array(parent) == scope)
        left = counts[scope] - counts[below[shown[below]]].sum(axis=0)
        assert ((left == 0) | (left >= 5)).all()
        for period in np.flatnonzero(left):
            concealed = below[hidden[below]]
            rest = counts[scope, period] - counts[below, period].sum()
            parts = (counts[concealed, period] > 0).sum() + (rest > 0)
            assert parts > 1 or (parts == 1 and rest > 0)


@pytest.mark.parametrize("minimum_n", [1, 5])
def test_empty_series_are_told(minimum_n):
    counts = np.zeros((4, 3), np.int64)
    assert not withheld_series([-1, 0, 0, 0], counts, NOBODY, minimum_n).any()
