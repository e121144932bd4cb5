"""The registry of question types."""

from __future__ import annotations

from survey_app.domain.question_types import TYPES


def test_each_type_is_found_by_the_word_of_the_definition() -> None:
    assert list(TYPES) == ["rating", "choice", "number", "text"]
    assert all(kind.type == word for word, kind in TYPES.items())
