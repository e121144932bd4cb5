"""What changed, told by question with the words before and now."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from survey_app.design.change_words import SaidChange, Span, mark_differences, say_changes
from survey_app.domain.changes import compare_versions
from survey_app.domain.questionnaire import Questionnaire
from survey_app.domain.wire import load_definition
from tests.factories.every_type import of_every_type
from tests.factories.questionnaires import definition


def loaded(source: dict[str, Any]) -> Questionnaire:
    read, problems = load_definition(source)
    assert read is not None, problems
    return read


def said_of(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(Heading, what, before, now) of every change."""
    before, after = loaded(old), loaded(new)
    return [
        (part.heading, one.what, _text(one.before), _text(one.after))
        for part in say_changes(compare_versions(before, after), before, after)
        for one in part.changes
    ]


def _text(spans: list[Span]) -> str:
    return "".join(span.text for span in spans)


def test_differences_are_marked_word_by_word() -> None:
    before, after = mark_differences("How do you feel?", "How did you feel today?")
    assert _text([span for span in before if span.differs]) == "do"
    assert _text([span for span in after if span.differs]).split() == ["did", "today"]
    assert (_text(before), _text(after)) == ("How do you feel?", "How did you feel today?")
    assert mark_differences("", "New") == ([], [Span("New", False)])
    assert mark_differences("", "") == ([], [])


def test_changes_are_told_by_question_with_both_wordings() -> None:
    changed = definition(title="Your visit")
    first, second, _third = changed["sections"][0]["questions"]
    first["text"] = "How content are you with your visit?"
    first["help"] = "In general."
    second["options"][0]["label"] = "In a shop"
    second["options"].append({"code": "web", "label": "On the web"})
    changed["sections"][1]["title"] = "More"
    wait = changed["sections"][1]["questions"][0]
    wait["show_if"] = {"question": "q1", "at_most": 2}
    content = "How content are you with your visit?"
    assert said_of(definition(), changed) == [
        ("Around the questions", "Title", "How was your visit?", "Your visit"),
        (content, "What is asked", "How satisfied are you with your visit?", content),
        (content, "Help", "", "In general."),
        ("Where did you meet us?", "Option “shop”", "In the shop", "In a shop"),
        ("Where did you meet us?", "New option “web”", "", "On the web"),
        ("Section “More”", "Title", "", "More"),
        ("How long did you wait?", "When it is asked", "always", "only if q1 is at most 2"),
    ]


def test_removed_and_moved_questions_are_told_by_their_texts() -> None:
    changed = definition()
    visit, more = changed["sections"]
    visit["questions"].pop(0)
    more["questions"].reverse()
    told = said_of(definition(), changed)
    assert ("How satisfied are you with your visit?", "Question removed", "", "") in told
    moved = [one for one in told if one[1] == "Place"]
    assert len(moved) == 1
    assert moved[0][2].startswith("after “")


def test_translations_are_told_with_their_language() -> None:
    before = definition(translations={"de": {"title": "Besuch", "q1.text": "Wie war es?"}})
    after = definition(translations={"de": {"title": "Ihr Besuch", "q1.text": "Wie fanden Sie?"}})
    asked = "How satisfied are you with your visit?"
    assert set(said_of(before, after)) == {
        ("Around the questions", "German translation", "Besuch", "Ihr Besuch"),
        (asked, "German translation", "Wie war es?", "Wie fanden Sie?"),
    }
    assert said_of(definition(), after) == [("Around the questions", "German, new", "", "")]


CHANGED: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("rating", lambda one: one["scale"].update(lowest=0, anchors={"0": "nothing"})),
    ("rating", lambda one: one["scale"].update(direction="higher_is_better")),
    ("rating", lambda one: one.update(look="faces")),
    ("csat", lambda one: one.update(anchors={"1": "bad"})),
    ("matrix", lambda one: one["rows"].pop()),
    ("matrix", lambda one: one["rows"].reverse()),
    ("matrix", lambda one: one["rows"][0].update(label="Other words")),
    ("choice", lambda one: one.update(least=2, most=3)),
    ("choice", lambda one: one["options"].reverse()),
    ("choice", lambda one: one["options"][0].update(exclusive=True, other=True)),
    ("ranking", lambda one: one.update(places=1)),
    ("constant_sum", lambda one: one.update(total=7, unit="coins")),
    ("number", lambda one: one.update(unit="hours", lowest=1, whole=True)),
    ("date", lambda one: one.update(earliest="2025-01-01")),
    ("duration", lambda one: one.update(units=["hours"])),
    ("text", lambda one: one.update(lines=9, longest=10)),
    ("consent", lambda one: one.update(statement="I agree to all of it.")),
    ("file", lambda one: one.update(kinds=["pdf"], megabytes=1)),
    ("yes_no", lambda one: one.update(required=False, kpi="", missing=["refused"])),
    ("info", lambda one: one.update(text="Other words to read")),
]


@pytest.mark.parametrize(("kind", "change"), CHANGED)
def test_every_kind_of_change_has_words_on_both_sides(
    kind: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    old, new = of_every_type(), json.loads(json.dumps(of_every_type()))
    one = next(
        question
        for section in new["sections"]
        for question in section["questions"]
        if question["type"] == kind
    )
    change(one)
    before, after = loaded(old), loaded(new)
    told: list[SaidChange] = [
        said
        for part in say_changes(compare_versions(before, after), before, after)
        for said in part.changes
    ]
    assert told
    for said in told:
        assert "_" not in said.what
        assert said.before or said.after or said.what.endswith("removed"), said
