"""Consent is given by a tick, or not."""

from __future__ import annotations

import pytest

from survey_app.domain.question_types.consent import Consent
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

QUESTION = Consent(id="q1", statement="I agree.")


def test_a_tick_is_consent_and_nothing_is_none() -> None:
    assert posted(QUESTION, q1=["given"]) == {"value": "given"}
    assert posted(QUESTION, q1=[""]) == {"missing": "skipped"}
    assert posted(QUESTION) == {"missing": "skipped"}


def test_where_it_is_required_nothing_goes_without_it() -> None:
    assert posted(Consent(id="q1", statement="I agree.", required=True)) == ["required"]


@pytest.mark.parametrize("text", ["on", "yes", "true", "Given", "1", "no"])
def test_nothing_else_is_taken_for_consent(text: str) -> None:
    assert code_of(QUESTION.read([text])) == "not_a_consent"


def test_strange_texts_are_no_consent() -> None:
    refuses_strange_texts(QUESTION)
    keeps_or_refuses(QUESTION)
    assert code_of(QUESTION.read(["given", "given"])) == "several_values"


def test_there_is_a_statement() -> None:
    assert codes_of(QUESTION) == []
    assert codes_of(Consent(id="q1", statement=" ")) == [("statement", "no_statement")]
