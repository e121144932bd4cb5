"""From a response's answers to the rows that facts are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.domain.question_types.rating import Rated
from survey_app.domain.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True)
class CodedRating:
    """One rated item of one response: its value or its missing code, and its scale."""

    question: str
    value: float | None
    missing: str | None
    scale_low: float
    scale_high: float


def code_ratings(
    questionnaire: Questionnaire, answers: Mapping[str, Mapping[str, Any]]
) -> list[CodedRating]:
    """Return the ratings of one answers document, in the order of the items.

    Of value and missing exactly one is set. The document has to be of this very version: an item
    that it lacks raises KeyError.
    """
    coded = []
    for item in questionnaire.items:
        if not isinstance(item, Rated):
            continue
        answer = answers[item.id]
        value = float(answer["value"]) if "value" in answer else None
        coded.append(
            CodedRating(
                question=item.id,
                value=value,
                missing=None if value is not None else str(answer["missing"]),
                scale_low=float(item.scale.lowest),
                scale_high=float(item.scale.highest),
            )
        )
    return coded
