"""Values of a dimension within a tree of scopes: what is hidden stays hidden."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.linked_privacy import bridges, suppress_values, tells_of_few
from analysis.privacy import Status, suppress

MIN_N = 5


def hidden_of(parent, totals, counts, shown=None):
    """What is hidden of one column; totals (scopes,), counts (scopes, values)."""
    totals, counts = np.array(totals), np.array(counts)
    shown = np.ones(len(totals), bool) if shown is None else np.array(shown)
    return suppress_values(
        np.array(parent), totals[:, None], shown[:, None], counts[..., None], MIN_N
    )[..., 0]


def test_a_small_value_takes_another_with_it_because_the_whole_is_known():
    # 31 - 8 - 20 would be the 3.
    assert hidden_of([-1], [31], [[3, 8, 20]]).tolist() == [[True, True, False]]


def test_people_of_no_value_stand_between_a_small_value_and_a_subtraction():
    assert hidden_of([-1], [40], [[3, 8, 20]]).tolist() == [[True, False, False]]


def test_few_people_of_no_value_are_not_told_by_subtraction_either():
    # 30 - 8 - 20 would be the 2 of whom no value is known.
    assert hidden_of([-1], [30], [[8, 20]]).tolist() == [[True, False]]


def test_a_value_of_few_in_a_unit_does_not_follow_from_the_other_units():
    # Two units without rest; by the second value alone, 21 - 18 would be 3.
    found = hidden_of([-1, 0, 0], [60, 23, 37], [[39, 21], [20, 3], [19, 18]])
    assert found.tolist() == [[False, False], [True, True], [True, True]]


def test_where_nobody_is_few_nothing_is_hidden():
    assert not hidden_of([-1, 0, 0], [60, 24, 36], [[39, 21], [19, 5], [20, 16]]).any()


def test_a_withheld_scope_tells_none_of_its_values():
    found = hidden_of([-1, 0], [40, 12], [[25, 15], [6, 6]], shown=[True, False])
    assert found[1].all()


def test_values_that_are_all_of_one_person_hide_empty_ones_too():
    # Five of the values have at least one each: the five people would all be known.
    found = hidden_of([-1], [5], [[1, 1, 1, 1, 1, 0]])
    assert found.all()


def test_what_several_lines_tell_together_is_found():
    # Each line has two hidden cells; yet rows 0 and 1 less columns 0 and 1 leave the 2.
    counts = np.array([[7, 7, 2, 30], [7, 7, 30, 30], [30, 30, 7, 7], [30, 30, 7, 7]])
    hidden = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]], bool)
    whole = counts.sum(axis=0)[None]
    every = np.concatenate([whole, counts])
    secret = np.concatenate([np.zeros((1, 4), bool), hidden])
    parent = np.array([-1, 0, 0, 0, 0])
    shown = np.ones(5, bool)
    assert tells_of_few(parent, every.sum(axis=1), shown, every, secret, MIN_N)
    also = secret.copy()
    also[2, 2] = True
    assert not tells_of_few(parent, every.sum(axis=1), shown, every, also, MIN_N)


def test_a_bridge_is_an_edge_on_no_circle():
    two_circles = [(0, 1, 1), (1, 2, 1), (2, 0, 1), (2, 3, 1), (3, 4, 1), (4, 5, 1), (5, 3, 1)]
    assert bridges(two_circles) == [3]
    assert bridges([(0, 1, 1), (0, 1, 1)]) == []
    assert bridges([]) == []


PARENTS = {
    "flat": [-1, 0, 0, 0],
    "deep": [-1, 0, 1, 1, 0],
    "forest": [-1, -1, 0, 1],
}


@st.composite
def broken_down(draw):
    """A tree, people of each scope that are in none below, by value; the last value is none."""
    parent = np.array(PARENTS[draw(st.sampled_from(sorted(PARENTS)))])
    values = draw(st.integers(1, 4))
    few = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 8, 20])
    own = np.array(
        draw(st.lists(st.lists(few, min_size=values + 1, max_size=values + 1),
                      min_size=len(parent), max_size=len(parent)))
    )  # fmt: skip
    return parent, own


def added_up(parent, own):
    """People with those below, by scope: each scope's row of the scopes that count in it."""
    within = np.eye(len(parent))
    for scope, above in reversed(list(enumerate(parent))):
        if above >= 0:
            within[above] += within[scope]
    return within


@settings(max_examples=400, deadline=None)
@given(broken_down())
def test_no_attacker_who_adds_and_subtracts_finds_a_hidden_cell_of_few(case):
    """Linear algebra over the smallest groups: is a small cell a sum of what is shown?"""
    parent, own = case
    within = added_up(parent, own)
    every = (within @ own).astype(int)
    totals, counts = every.sum(axis=1), every[:, :-1]
    shown = suppress(parent, totals[:, None], MIN_N)[:, 0] < Status.SUPPRESSED_SMALL
    hidden = hidden_of(parent, totals, counts, shown)
    assert not ((counts > 0) & (counts < MIN_N) & ~hidden).any()
    assert hidden[~shown].all()
    # Unknown are the groups (scope, value) that are not empty; known are sums of them.
    atoms = np.flatnonzero(own.ravel())
    if not len(atoms):
        return

    def sums(scope, values):
        row = np.zeros(own.shape)
        row[within[scope] > 0] = 1
        row[:, [at for at in range(own.shape[1]) if at not in values]] = 0
        return row.ravel()[atoms]

    nobody = own.shape[1] - 1
    known = [sums(scope, range(own.shape[1])) for scope in np.flatnonzero(shown)]
    known += [sums(*cell) for cell in ((s, [v]) for s, v in np.argwhere(~hidden))]
    known = np.array(known).reshape(-1, len(atoms))
    rank = np.linalg.matrix_rank(known) if len(known) else 0
    secrets = [(s, [v]) for s, v in np.argwhere(hidden & (counts > 0) & (counts < MIN_N))]
    secrets += [(s, [nobody]) for s in np.flatnonzero((every[:, -1] > 0) & (every[:, -1] < MIN_N))]
    for cell in secrets:
        wider = np.vstack([known, sums(*cell)])
        assert np.linalg.matrix_rank(wider) > rank, (cell, every.tolist(), hidden.tolist())


@pytest.mark.parametrize("people", [5, 30])
def test_columns_are_settled_by_themselves(people):
    totals = np.array([[31, people]])
    counts = np.array([[[3, 0], [8, 0], [20, people]]])
    found = suppress_values(np.array([-1]), totals, np.ones((1, 2), bool), counts, MIN_N)
    assert found[0, :, 1].tolist() == [False, False, False]
    assert found[0, :, 0].tolist() == [True, True, False]
