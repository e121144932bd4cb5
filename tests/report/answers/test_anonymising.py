"""Nobody can be picked out by what a download tells beside the answers."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.report.answers.anonymising import WITHHELD_CODE, People, group_rows, publish

# One response each: (version, month, unit, representative), and whose it is.
RESPONSES = st.lists(
    st.tuples(
        st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 4), st.integers(1, 9)),
        st.integers(0, 40),
    ),
    max_size=120,
)
VERSION, SACRIFICED = 0, (3, 1, 2)


def people_by_mixture(told: list[tuple[int, ...] | None], whose: list[int]) -> dict[object, int]:
    """How many people share each mixture that is told."""
    found = defaultdict(set)
    for mixture, person in zip(told, whose, strict=True):
        if mixture is not None:
            found[mixture].add(person)
    return {mixture: len(people) for mixture, people in found.items()}


def told_of(
    responses: list[tuple[tuple[int, ...], int]], least: int
) -> list[tuple[int, ...] | None]:
    """What is told of each response."""
    rows = np.array([mixture for mixture, _person in responses], np.int32).reshape(-1, 4)
    groups = group_rows(rows)
    _, first = np.unique(groups, return_index=True)
    persons = np.array([person for _mixture, person in responses], np.int64)
    told, kept = publish(
        rows[first], People.of(groups.astype(np.int32), persons), SACRIFICED, least
    )
    return [tuple(told[one].tolist()) if kept[one] else None for one in groups]


@settings(max_examples=300, deadline=None)
@given(RESPONSES, st.integers(1, 8))
def test_every_mixture_that_is_told_has_people_enough(
    responses: list[tuple[tuple[int, ...], int]], least: int
) -> None:
    told = told_of(responses, least)
    counts = people_by_mixture(told, [person for _mixture, person in responses])
    assert all(count >= least for count in counts.values())


@settings(max_examples=200, deadline=None)
@given(RESPONSES, st.integers(1, 8))
def test_nothing_is_told_that_is_not_so_and_versions_stay(
    responses: list[tuple[tuple[int, ...], int]], least: int
) -> None:
    for (mixture, _person), published in zip(responses, told_of(responses, least), strict=True):
        if published is not None:
            assert published[VERSION] == mixture[VERSION]
            assert all(
                shown in (real, WITHHELD_CODE)
                for shown, real in zip(published, mixture, strict=True)
            )


@settings(max_examples=200, deadline=None)
@given(RESPONSES, st.integers(1, 8))
def test_what_enough_people_share_with_values_that_are_common_stays_as_it_is(
    responses: list[tuple[tuple[int, ...], int]], least: int
) -> None:
    whose = [person for _mixture, person in responses]
    real = people_by_mixture([mixture for mixture, _person in responses], whose)
    for (mixture, _person), published in zip(responses, told_of(responses, least), strict=True):
        if real[mixture] >= least:
            assert published == mixture


def test_one_customer_with_many_responses_is_one_person() -> None:
    # Unit 2 has nine responses, all of one customer; unit 1 has five customers.
    ours = [((1, 1, 1, 1), person) for person in range(5)]
    theirs = [((1, 1, 2, 1), 99)] * 9
    told = told_of(ours + theirs, 5)
    assert told[:5] == [(1, 1, 1, 1)] * 5
    # Withheld altogether they would be one person's, so they are left out.
    assert told[5:] == [None] * 9


def test_columns_go_in_their_order_the_representative_first() -> None:
    # Six people in one unit and month, two for each of three representatives.
    told = told_of([((1, 1, 1, 1 + person % 3), person) for person in range(6)], 5)
    assert told == [(1, 1, 1, WITHHELD_CODE)] * 6


def test_people_are_counted_across_mixtures_only_once() -> None:
    # Two mixtures of one group: persons {1, 2, 3} and {3, 4} are four people.
    people = People.of(np.array([0, 0, 0, 1, 1], np.int32), np.array([1, 2, 3, 3, 4], np.int64))
    together = np.array([0, 0])
    assert people.are_enough(together, 4).tolist() == [True]
    assert people.are_enough(together, 5).tolist() == [False]


def test_groups_of_many_columns_do_not_overflow() -> None:
    rows = np.random.default_rng(1).integers(0, 100_000, (500, 12)).astype(np.int32)
    rows = np.concatenate([rows, rows])
    groups = group_rows(rows)
    assert groups[:500].tolist() == groups[500:].tolist()
    assert len(np.unique(groups)) == 500
