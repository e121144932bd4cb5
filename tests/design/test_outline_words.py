"""The outline in words."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.design.outline_words import outline_in_words
from survey_app.domain.wire import dump_definition, load_definition
from tests.factories.every_type import of_every_type, question

FACTS = {
    "rating": "Rating, 1 to 5, as stars, needs an answer, measures service",
    "nps": "Recommendation (NPS), 0 to 10, needs an answer, measures service",
    "csat": "Satisfaction (CSAT), 1 to 5, as faces, needs an answer, measures service",
    "ces": "Effort (CES), 1 to 7, as stars, needs an answer, measures service",
    "matrix": "Several ratings, 2 rows, 1 to 5, in random order, needs an answer, measures service",
    "choice": "Choice, 6 options, 1 or more and 2 at most may be chosen, in random order, "
    "needs an answer, measures service",
    "yes_no": "Yes or no, needs an answer, measures service",
    "ranking": "Ranking, 3 options, the best 2, in random order, needs an answer, measures service",
    "constant_sum": "Shares, 3 options, 10 points in all, in random order, needs an answer, "
    "measures service",
    "number": "Number, in minutes, from -0.5, to 1000000000000000, needs an answer, "
    "measures service",
    "date": "Date, from 2026-01-31, to 2026-12-31, needs an answer, measures service",
    "time": "Time of day, needs an answer, measures service",
    "duration": "Duration, in minutes and days, from 1, to 90, needs an answer, measures service",
    "text": "Words, on one line, needs an answer, measures service",
    "consent": "Consent, needs an answer, measures service",
    "info": "Text to read",
    "file": "File, pdf, image, video, up to 3 MB, needs an answer, measures service",
}


def said(**changed: Any) -> Any:
    loaded, problems = load_definition(of_every_type(**changed))
    assert loaded is not None, problems
    return outline_in_words(dump_definition(loaded), loaded.items)


def test_each_type_is_told_in_words() -> None:
    (section,) = said()
    assert {one.id: one.facts for one in section.questions} == FACTS


def test_conditions_are_told_in_words() -> None:
    asked = [
        question("yes_no", "q1"),
        question("text", "q2", show_if={"question": "q1", "equals": "no"}),
    ]
    section = {"id": "s1", "show_if": {"contact": "segment", "answered": True}, "order": "random"}
    (told,) = said(sections=[section | {"questions": asked}])
    assert (told.only, told.facts) == (
        "only if the contact’s segment is answered",
        "in random order",
    )
    assert [one.only for one in told.questions] == ["", "only if q1 is “No”"]


@pytest.mark.parametrize(
    ("kind", "changed", "facts"),
    [
        ("choice", {"least": None}, "2 at most may be chosen"),
        ("choice", {"least": None, "most": None}, "several may be chosen"),
        ("number", {"lowest": 0}, "from 0"),
        ("matrix", {"rows": [{"code": "a", "label": "A"}]}, "1 row,"),
    ],
)
def test_what_is_not_set_is_not_told(kind: str, changed: dict[str, Any], facts: str) -> None:
    asked = {key: value for key, value in question(kind, **changed).items() if value is not None}
    (told,) = said(sections=[{"id": "s1", "questions": [asked]}])
    assert facts in told.questions[0].facts
