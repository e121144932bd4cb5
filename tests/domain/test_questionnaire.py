"""The questionnaire as an object."""

from __future__ import annotations

import dataclasses

import pytest

from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Questionnaire, Section


def test_questions_come_in_order_through_all_sections() -> None:
    first, second, third = (Text(id=name) for name in ("q1", "q2", "q3"))
    questionnaire = Questionnaire(
        key="visit",
        sections=(Section(id="a", questions=(first, second)), Section(id="b", questions=(third,))),
    )
    assert questionnaire.questions == (first, second, third)


def test_a_questionnaire_is_frozen() -> None:
    questionnaire = Questionnaire(key="visit")
    with pytest.raises(dataclasses.FrozenInstanceError):
        questionnaire.key = "other"  # type: ignore[misc]
