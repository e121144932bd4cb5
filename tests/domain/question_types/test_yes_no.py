"""Yes or no, in these very words."""

from __future__ import annotations

import pytest

from survey_app.domain.question_types.yes_no import YesNo
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

QUESTION = YesNo(id="q1")


def test_one_of_the_two_is_read() -> None:
    assert QUESTION.read(["yes"]) == "yes"
    assert QUESTION.read([" no ", ""]) == "no"
    assert QUESTION.read([""]) is None
    assert posted(QUESTION, q1=["no"]) == {"value": "no"}
    assert codes_of(QUESTION) == []


@pytest.mark.parametrize("text", ["Yes", "true", "1", "0", "on", "ja", "yes\0", "y"])
def test_nothing_else_is(text: str) -> None:
    assert code_of(QUESTION.read([text])) == "not_yes_or_no"


def test_both_are_too_many() -> None:
    assert code_of(QUESTION.read(["yes", "no"])) == "several_values"
    assert code_of(QUESTION.read(["yes", "yes"])) == "several_values"


def test_strange_texts_are_neither() -> None:
    refuses_strange_texts(QUESTION)
    keeps_or_refuses(QUESTION)
