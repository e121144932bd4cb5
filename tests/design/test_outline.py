"""Moving, adding and removing in a draft."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.design.outline import (
    move,
    next_id,
    put_question,
    put_section,
    question_at,
    remove,
    section_at,
)
from survey_app.domain.problems import NotFound


def outline(*sections: str) -> dict[str, Any]:
    """Sections s1, s2 ... with a question for each letter."""
    return {
        "sections": [
            {"id": f"s{number}", "questions": [{"id": letter} for letter in letters]}
            for number, letters in enumerate(sections, start=1)
        ]
    }


def letters(definition: dict[str, Any]) -> list[str]:
    return ["".join(q["id"] for q in s["questions"]) for s in definition["sections"]]


@pytest.mark.parametrize(
    ("place", "step", "after"),
    [
        ((1, 1), 1, ["bac", "de"]),
        ((1, 3), 1, ["ab", "cde"]),
        ((2, 1), -1, ["abcd", "e"]),
        ((1, 1), -1, ["abc", "de"]),
        ((2, 2), 1, ["abc", "de"]),
        ((1, None), 1, ["de", "abc"]),
        ((1, None), -1, ["abc", "de"]),
        ((2, None), 1, ["abc", "de"]),
    ],
)
def test_a_question_moves_one_place_also_into_the_next_section(
    place: tuple[int, int | None], step: int, after: list[str]
) -> None:
    before = outline("abc", "de")
    assert letters(move(before, *place, step)) == after
    assert before == outline("abc", "de")


def test_questions_are_put_in_place_or_at_the_end() -> None:
    assert letters(put_question(outline("ab"), 1, None, {"id": "c"})) == ["abc"]
    assert letters(put_question(outline("ab"), 1, 1, {"id": "c"})) == ["cb"]
    assert put_question({"sections": [{"id": "s"}]}, 1, None, {"id": "a"}) == {
        "sections": [{"id": "s", "questions": [{"id": "a"}]}]
    }


def test_a_changed_section_keeps_its_questions() -> None:
    before = outline("ab")
    before["sections"][0] |= {"order": "random", "show_if": {}}
    changed = {"id": "x", "title": "X", "order": None}
    assert put_section(before, 1, changed)["sections"] == [
        {"id": "x", "title": "X", "show_if": {}, "questions": [{"id": "a"}, {"id": "b"}]}
    ]
    assert letters(put_section({}, None, changed)) == [""]


def test_removing_takes_one_question_or_the_whole_section() -> None:
    assert letters(remove(outline("ab", "c"), 1, 2)) == ["a", "c"]
    assert letters(remove(outline("ab", "c"), 1, None)) == ["c"]


@pytest.mark.parametrize("place", [(0, 1), (2, 1), (1, 0), (1, 3), (-1, -1)])
def test_a_place_that_is_not_there_is_not_found(place: tuple[int, int]) -> None:
    section, question = place
    for deed in (
        lambda: question_at(outline("ab"), section, question),
        lambda: put_question(outline("ab"), section, question, {}),
        lambda: move(outline("ab"), section, question, 1),
        lambda: remove(outline("ab"), section, question),
    ):
        with pytest.raises(NotFound):
            deed()
    with pytest.raises(NotFound):
        section_at(outline("ab"), 2)


def test_the_next_id_is_free() -> None:
    assert next_id({}, "q") == "q1"
    taken = {"sections": [{"id": "q1", "questions": [{"id": "q2"}]}]}
    assert next_id(taken, "q") == "q3"
