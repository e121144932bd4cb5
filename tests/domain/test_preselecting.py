"""Which question a mail can ask, and with which choices."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.domain.preselecting import choices_of, preselectable
from survey_app.domain.wire import load_definition

SCALE = {"lowest": 1, "highest": 3, "anchors": {"1": "poor", "3": "good"}}
OPTIONS = [{"code": "shop", "label": "In the shop"}, {"code": "phone", "label": "On the phone"}]
RATING = {"id": "q", "type": "rating", "text": "How?", "scale": SCALE}
INFO = {"id": "i", "type": "info", "text": "Welcome."}
TEXT = {"id": "t", "type": "text", "text": "Why?"}


def first(*questions: dict[str, Any], **section: Any) -> Any:
    document = {
        "format": "soundings-questionnaire/1",
        "key": "one",
        "title": "One",
        "sections": [{"id": "s", "title": "", "questions": list(questions), **section}],
    }
    questionnaire, problems = load_definition(document)
    assert questionnaire is not None, problems
    return preselectable(questionnaire)


@pytest.mark.parametrize(
    ("question", "choices"),
    [
        (RATING, [("1", "1 – poor"), ("2", "2"), ("3", "3 – good")]),
        ({"id": "q", "type": "nps", "text": "?"}, [(str(n), str(n)) for n in range(11)]),
        ({"id": "q", "type": "csat", "text": "?"}, [(str(n), str(n)) for n in range(1, 6)]),
        ({"id": "q", "type": "ces", "text": "?"}, [(str(n), str(n)) for n in range(1, 8)]),
        ({"id": "q", "type": "yes_no", "text": "?"}, [("yes", "Ja"), ("no", "Nein")]),
        (
            {"id": "q", "type": "choice", "text": "?", "options": OPTIONS},
            [("shop", "In the shop"), ("phone", "On the phone")],
        ),
    ],
)
def test_the_first_question_is_found_with_its_choices(
    question: dict[str, Any], choices: list[tuple[str, str]]
) -> None:
    found = first(INFO, question, TEXT)
    assert found.id == "q"
    assert choices_of(found, yes="Ja", no="Nein") == choices
    # Each value is one that the question takes.
    assert all(str(found.read([value])) == value for value, _words in choices)


@pytest.mark.parametrize(
    "question",
    [
        TEXT,
        {"id": "q", "type": "choice", "text": "?", "multiple": True, "options": OPTIONS},
        {"id": "q", "type": "number", "text": "?"},
        {"id": "q", "type": "matrix", "text": "?", "scale": SCALE, "rows": OPTIONS},
        RATING | {"scale": {"lowest": 0, "highest": 11}},
        RATING | {"show_if": {"contact": "segment", "equals": "gold"}},
    ],
)
def test_no_other_first_question_is_put_into_a_mail(question: dict[str, Any]) -> None:
    assert first(question, RATING | {"id": "r"}) is None


def test_a_first_question_that_differs_between_people_is_none() -> None:
    assert first(RATING, TEXT, order="random") is None
    assert first(INFO, RATING, order="random").id == "q"
    condition = {"contact": "segment", "equals": "gold"}
    assert first(RATING, show_if=condition) is None
    assert first(INFO) is None
