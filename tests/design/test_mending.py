"""Problems of a draft lead to the form that mends them."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.design.mending import mend
from survey_app.domain.checking import check
from survey_app.domain.problems import Problem
from survey_app.domain.wire import load_definition
from tests.factories.questionnaires import definition

PLACES = [
    ('section 1 "visit", question q2, text', "Where did you meet us?", "What is asked", (1, 2)),
    ('section 1 "visit", question number 3', "What did you look at?", "", (1, 3)),
    (
        'section 2 "more", question q4, show_if',
        "How long did you wait?",
        "When it is asked",
        (2, 1),
    ),
    (
        'section 1 "visit", question q2, option 2 "b"',
        "Where did you meet us?",
        'Option 2 "b"',
        (1, 2),
    ),
    ('section 1 "visit", question q1, anchors 5', None, "Word at 5", (1, 1)),
    ('question "q4"', "How long did you wait?", "Id", (2, 1)),
    ('section 2 "more"', "Section 2", "", (2, None)),
    ('section "visit"', "Section “Your visit”", "Id", (1, None)),
]


@pytest.mark.parametrize(("place", "label", "part", "at"), PLACES)
def test_places_in_the_outline(
    place: str, label: str | None, part: str, at: tuple[int, int | None]
) -> None:
    told = mend(Problem(place, "x", "Something."), definition())
    assert label is None or told.label == label
    assert told.part == part
    assert (told.values["section"], told.values.get("question")) == at
    assert told.endpoint == ("design.edit_question" if at[1] else "design.edit_section")


def test_places_beside_the_outline() -> None:
    source = definition(
        translations={"de": {}},
        constraints=[{"must": {"question": "q1", "at_least": 2}, "message": "No."}],
    )

    def told(place: str) -> tuple[str, str, str]:
        found = mend(Problem(place, "x", "Something."), source)
        return found.label, found.part, found.endpoint

    assert told("title") == ("Title", "", "design.edit_about")
    assert told("constraint 1, message") == ("Rule 1", "", "design.edit_constraint")
    assert told("translation de, q1.text") == ("German", "q1: what is asked", "design.translate")
    assert told("translation de") == ("German", "", "design.translate")


@pytest.mark.parametrize(
    "place",
    [
        "questionnaire",
        "",
        "draft",
        "constraint 1",
        "translation xx",
        'section 3 "no"',
        "section 1, question q9",
        'section 1 "visit", question number 9',
        'question "nobody"',
    ],
)
def test_places_that_are_not_known_stay_text(place: str) -> None:
    told = mend(Problem(place, "x", "Something."), definition())
    assert (told.label, told.endpoint) == (place, "")


def test_every_problem_of_the_checks_within_a_section_leads_somewhere() -> None:
    source: dict[str, Any] = definition(title=" ", translations={"de": {"q9.text": "Was?"}})
    questions = source["sections"][0]["questions"]
    questions[0] |= {"id": "q2", "text": ""}
    questions[1]["options"][0]["code"] = ""
    questions[2]["show_if"] = {"question": "q5", "answered": True}
    source["sections"].append({"id": "a b", "title": "", "questions": []})
    loaded, problems = load_definition(source)
    assert loaded is not None, problems
    found = check(loaded)
    assert len(found) > 6
    assert [one.place for one in found if not mend(one, source).endpoint] == []
