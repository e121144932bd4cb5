"""What is hidden stays hidden: shown cells against somebody who adds and subtracts."""

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.privacy import Status, suppress

SHOWN, EMPTY = Status.SHOWN, Status.EMPTY
SMALL, COMPLEMENTARY = Status.SUPPRESSED_SMALL, Status.SUPPRESSED_COMPLEMENTARY


class Attacker:
    """Knows the tree, the shown counts, and which cells and rests are empty.

    The unknowns are the groups that nobody splits further: scopes without others below them, and
    the rests of the others. Every scope is a sum of such groups. Nothing of the code under test is
    used: equations are solved as equations, bounds by linear programming.
    """

    def __init__(self, parent, people, shown):
        scopes = len(parent)
        below = [[s for s in range(scopes) if parent[s] == scope] for scope in range(scopes)]
        rest = [people[s] - sum(people[b] for b in below[s]) for s in range(scopes)]
        self.groups = [scope for scope in range(scopes) if rest[scope] > 0]
        self.size = np.array([rest[scope] for scope in self.groups])
        self.sums = np.zeros((scopes, len(self.groups)))
        for column, scope in enumerate(self.groups):
            while scope >= 0:
                self.sums[scope, column] = 1
                scope = parent[scope]
        self.known = self.sums[shown]
        self.told = self.known @ self.size
        self.span = scipy.linalg.orth(self.known.T) if self.known.size else np.zeros((0, 0))

    def can_derive(self, combination):
        """Whether a sum of groups follows from shown counts by linear algebra."""
        if not self.known.size:
            return not combination.any()
        left = combination - self.span @ (self.span.T @ combination)
        return np.abs(left).max() < 1e-9

    def bounds(self, scope):
        """The least and the most that a scope can have, every group having at least one person.

        The equations are those of a network, so that the extremes are whole numbers.
        """
        ends = []
        for sign in (1, -1):
            found = scipy.optimize.linprog(
                sign * self.sums[scope],
                A_eq=self.known if self.known.size else None,
                b_eq=self.told if self.known.size else None,
                bounds=(1, None),
            )
            assert found.status in (0, 3)
            ends.append(found.fun * sign if found.status == 0 else np.inf)
        return tuple(ends)

    def derivable_groups(self):
        """The sizes of all sets of groups that follow from the shown counts."""
        for chosen in range(1, 2 ** len(self.groups)):
            members = np.array([chosen >> bit & 1 for bit in range(len(self.groups))], float)
            if self.can_derive(members):
                yield members @ self.size


@st.composite
def tables(draw, most=9):
    """A forest and the people of one column; few people, so that much has to be hidden."""
    scopes = draw(st.integers(1, most))
    # Mostly one root, as in the product; each scope below any earlier one.
    parent = [
        draw(st.integers(-1 if draw(st.booleans()) else 0, s - 1)) if s else -1
        for s in range(scopes)
    ]
    own = draw(
        st.lists(
            st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 6, 9, 20]), min_size=scopes, max_size=scopes
        )
    )
    people = list(own)
    for scope in reversed(range(scopes)):
        if parent[scope] >= 0:
            people[parent[scope]] += people[scope]
    return parent, people


@settings(max_examples=250, deadline=None)
@given(tables(), st.integers(2, 6))
def test_no_hidden_count_and_no_group_too_small_can_be_derived(table, min_n):
    parent, people = table
    status = suppress(parent, np.array(people)[:, None], min_n)[:, 0]
    attacker = Attacker(parent, people, np.flatnonzero(status == SHOWN))
    for scope in np.flatnonzero(status >= SMALL):
        assert not attacker.can_derive(attacker.sums[scope])
        least, most = attacker.bounds(scope)
        assert least < most - 0.5
    assert all(size >= min_n for size in attacker.derivable_groups())


def statuses(parent, people, min_n=5):
    return suppress(parent, np.array(people)[:, None], min_n)[:, 0].tolist()


@settings(deadline=None)
@given(tables(), st.integers(1, 6))
def test_no_cell_is_shown_of_too_few_and_none_is_hidden_for_nothing(table, min_n):
    parent, people = table
    status = np.array(statuses(parent, people, min_n))
    people = np.array(people)
    assert np.array_equal(status == EMPTY, people == 0)
    assert np.array_equal(status == SMALL, (people > 0) & (people < min_n))
    rest = people - np.bincount(
        [one for one in parent if one >= 0],
        [people[scope] for scope, one in enumerate(parent) if one >= 0],
        minlength=people.size,
    )
    inner = np.isin(np.arange(people.size), parent)
    if not ((status == SMALL).any() or ((rest > 0) & (rest < min_n) & inner).any()):
        assert not (status == COMPLEMENTARY).any()


@pytest.mark.parametrize("primary_only", [True, False])
def test_the_attacker_finds_what_is_hidden_in_vain(primary_only):
    parent, people = [-1, 0, 0, 0], [20, 2, 7, 11]
    status = np.array([SHOWN, SMALL, SHOWN, SHOWN] if primary_only else statuses(parent, people))
    attacker = Attacker(parent, people, np.flatnonzero(status == SHOWN))
    assert attacker.can_derive(attacker.sums[1]) is np.bool_(primary_only)
    assert attacker.bounds(1) == pytest.approx((2, 2) if primary_only else (1, 8))
    assert (2 in list(attacker.derivable_groups())) is primary_only


def test_the_attacker_knows_that_no_hidden_cell_is_empty():
    # Five cells of one person each: their sum alone gives them away.
    parent, people = [-1, 0, 0, 0, 0, 0], [5, 1, 1, 1, 1, 1]
    attacker = Attacker(parent, people, [0])
    assert not attacker.can_derive(attacker.sums[1])
    assert attacker.bounds(1) == pytest.approx((1, 1))
    assert statuses(parent, people) == [COMPLEMENTARY] + 5 * [SMALL]


def test_the_cheapest_scope_beside_it_is_hidden_too():
    assert statuses([-1, 0, 0, 0, 0], [40, 3, 19, 6, 12]) == [
        SHOWN,
        SMALL,
        SHOWN,
        COMPLEMENTARY,
        SHOWN,
    ]


def test_two_small_cells_hide_each_other_if_they_are_enough_together():
    assert statuses([-1, 0, 0, 0], [18, 3, 2, 13]) == [SHOWN, SMALL, SMALL, SHOWN]
    assert statuses([-1, 0, 0, 0], [17, 2, 2, 13]) == [SHOWN, SMALL, SMALL, COMPLEMENTARY]


def test_people_who_belong_to_no_scope_below_hide_a_cell_as_well():
    assert statuses([-1, 0, 0], [14, 2, 9]) == [SHOWN, SMALL, SHOWN]
    # One person is not enough: 14 - 11 shows a group of 3.
    assert statuses([-1, 0, 0], [14, 2, 11]) == [SHOWN, SMALL, COMPLEMENTARY]


def test_a_few_people_who_belong_to_no_scope_below_are_a_group_to_protect():
    assert statuses([-1, 0, 0], [23, 9, 12]) == [SHOWN, COMPLEMENTARY, SHOWN]
    assert statuses([-1, 0, 0], [26, 9, 12]) == [SHOWN, SHOWN, SHOWN]


def test_a_hidden_unit_does_not_follow_from_the_scopes_below_it():
    # Unit 1 is small. Hiding unit 2 of 8 alone would be in vain: its count is 8 = the sum of its
    # representatives. One of them goes with it, so that it costs 8 + 8; unit 3 costs 10.
    parent = [-1, 0, 0, 0, 2]
    assert statuses(parent, [21, 3, 8, 10, 8]) == [SHOWN, SMALL, SHOWN, COMPLEMENTARY, SHOWN]
    # Without unit 3 there is no choice.
    assert statuses([-1, 0, 0, 2, 2], [14, 3, 11, 5, 6]) == [
        SHOWN,
        SMALL,
        COMPLEMENTARY,
        COMPLEMENTARY,
        SHOWN,
    ]
    # Where one below is hidden already, or people belong to none below, nothing more goes with it.
    assert statuses([-1, 0, 0, 2, 2, 2], [18, 3, 15, 2, 6, 7])[2:] == [
        COMPLEMENTARY,
        SMALL,
        COMPLEMENTARY,
        SHOWN,
    ]
    assert statuses([-1, 0, 0, 2], [18, 3, 15, 6])[2:] == [COMPLEMENTARY, SHOWN]


def test_where_nothing_is_left_to_hide_below_the_scope_itself_is_hidden():
    # Unit 1 has five representatives with one person each; then unit 2 must hide unit 1's count.
    parent = [-1, 0, 0, 1, 1, 1, 1, 1]
    assert statuses(parent, [14, 5, 9, 1, 1, 1, 1, 1]) == [
        SHOWN,
        COMPLEMENTARY,
        COMPLEMENTARY,
        *(5 * [SMALL]),
    ]


def test_a_small_unit_is_not_alone_even_if_people_are_in_two_scopes_below_it():
    # 2 + 2 below a unit of 3: the hidden parts are 4, but the unit is 20 - 17 = 3.
    parent, people = [-1, 0, 0, 1, 1], [20, 3, 17, 2, 2]
    assert statuses(parent, people, 4) == [SHOWN, SMALL, COMPLEMENTARY, SMALL, SMALL]


def test_several_scopes_may_have_none_above_them():
    assert statuses([-1, -1, 0, 0], [10, 3, 4, 6]) == [SHOWN, SMALL, SMALL, COMPLEMENTARY]


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_each_column_is_settled_as_if_it_were_alone(data):
    parent, first = data.draw(tables())
    own = st.lists(st.integers(0, 7), min_size=len(parent), max_size=len(parent))
    columns = [first]
    for _ in range(3):
        people = data.draw(own)
        for scope in reversed(range(len(parent))):
            if parent[scope] >= 0:
                people[parent[scope]] += people[scope]
        columns.append(people)
    together = suppress(parent, np.array(columns).T)
    for place, people in enumerate(columns):
        assert together[:, place].tolist() == statuses(parent, people)


def test_scopes_may_come_in_any_order():
    forward = statuses([-1, 0, 0, 2, 2], [14, 3, 11, 5, 6])
    assert statuses([2, 2, 4, 4, -1], [6, 5, 11, 3, 14]) == forward[::-1]


def test_nothing_is_hidden_where_one_person_is_enough():
    assert statuses([-1, 0, 0], [4, 1, 1], 1) == [SHOWN, SHOWN, SHOWN]


def test_tables_without_scopes_or_columns_have_no_cells():
    assert suppress([], np.zeros((0, 3), int)).shape == (0, 3)
    assert suppress([-1, 0], np.zeros((2, 0), int)).shape == (2, 0)
    assert suppress([-1], [[0]]).dtype == np.int8


def test_impossible_trees_and_counts_are_named():
    people = np.array([[9], [6]])
    for parent, message in (
        ([-1], "1 scopes in the tree and 2 rows"),
        ([-1, 2], "below one that is not among the 2"),
        ([-1, -2], "below one that is not among the 2"),
        ([1, 0], "A scope is above itself"),
        ([-1, 0.5], "one whole number a scope"),
    ):
        with pytest.raises(ValueError, match=message):
            suppress(parent, people)
    for counts, message in (
        (people[:, 0], "Give one row a scope, one column a KPI"),
        (-people, "negative or not a whole number"),
        (people / 2, "negative or not a whole number"),
        (people[::-1], "more people than the scope above it"),
    ):
        with pytest.raises(ValueError, match=message):
            suppress([-1, 0], counts)
    for min_n in (0, 2.5):
        with pytest.raises(ValueError, match="least number of people"):
            suppress([-1, 0], people, min_n)
