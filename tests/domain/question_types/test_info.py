"""A text asks for nothing."""

from __future__ import annotations

from survey_app.domain.question_types.info import Info
from tests.domain.question_types.refusing import codes_of, posted

QUESTION = Info(id="q1", text="Welcome.")


def test_nothing_is_kept_of_it() -> None:
    assert QUESTION.items == ()
    assert QUESTION.field_names == ()
    assert QUESTION.read(["x"]) is None
    assert QUESTION.collect({"q1": ["x"]}) is None
    assert posted(QUESTION) is None
    assert posted(QUESTION, q1=["x"]) == ["unknown_question"]


def test_nothing_can_be_wanted_of_it() -> None:
    assert codes_of(QUESTION) == []
    assert codes_of(Info(id="q1", required=True)) == [("required", "asks_nothing")]
    assert codes_of(Info(id="q1", missing=("refused",))) == [("missing", "asks_nothing")]
