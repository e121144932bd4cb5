"""The registry of question types."""

from __future__ import annotations

from survey_app.domain.question_types import TYPES


def test_each_type_is_found_by_the_word_of_the_definition() -> None:
    assert " ".join(TYPES) == (
        "rating nps csat ces matrix choice yes_no ranking constant_sum number date time duration "
        "text consent info file"
    )
    assert all(kind.type == word for word, kind in TYPES.items())
