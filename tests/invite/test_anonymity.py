"""What an anonymous campaign cannot ask, because it would lead to whoever answered."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.domain.wire import load_definition
from survey_app.invite.anonymity import anonymity_problems
from tests.factories.modes import CLOSES
from tests.factories.questionnaires import definition


def problems(source: dict[str, Any], may_change: bool = False, closes: bool = True) -> list[str]:
    questionnaire, wrong = load_definition(source)
    assert questionnaire is not None, wrong
    found = anonymity_problems(questionnaire, may_change, CLOSES if closes else None)
    return [one.code for one in found]


def test_most_questionnaires_can_be_asked_anonymously() -> None:
    routed = definition()
    routed["sections"][1]["show_if"] = {"question": "q1", "at_most": 2}
    assert problems(routed) == []


def test_answers_that_may_change_and_no_last_day_are_refused() -> None:
    assert problems(definition(), may_change=True) == ["not_anonymous"]
    assert problems(definition(), closes=False) == ["missing"]


@pytest.mark.parametrize("place", ["section", "question"])
def test_what_depends_on_the_contact_is_refused(place: str) -> None:
    source = definition()
    section = source["sections"][1]
    held = section if place == "section" else section["questions"][0]
    held["show_if"] = {"contact": "segment", "equals": "gold"}
    assert problems(source) == ["depends_on_contact"]


def test_files_are_refused() -> None:
    source = definition()
    source["sections"][1]["questions"].append({"id": "fi", "type": "file", "text": "A picture?"})
    assert problems(source) == ["asks_for_files"]
