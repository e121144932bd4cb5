"""From a response's answers to the rows that facts are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.domain.question_types.rating import Rating
from survey_app.domain.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True)
class CodedRating:
    """One rating question of one response: its value or its missing code, and its scale."""

    question: str
    value: float | None
    missing: str | None
    scale_low: float
    scale_high: float


def code_ratings(
    questionnaire: Questionnaire, answers: Mapping[str, Mapping[str, Any]]
) -> list[CodedRating]:
    """Return the ratings of one answers document, in the order of the questions.

    Of value and missing exactly one is set. The document has to be of this very version: a question
    that it lacks raises KeyError.
    """
    coded = []
    for question in questionnaire.questions:
        if not isinstance(question, Rating):
            continue
        answer = answers[question.id]
        value = float(answer["value"]) if "value" in answer else None
        coded.append(
            CodedRating(
                question=question.id,
                value=value,
                missing=None if value is not None else str(answer["missing"]),
                scale_low=float(question.scale.lowest),
                scale_high=float(question.scale.highest),
            )
        )
    return coded
