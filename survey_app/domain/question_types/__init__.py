"""The question types by the word that names them in a definition."""

from __future__ import annotations

from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.rating import Rating
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Question

TYPES: dict[str, type[Question]] = {kind.type: kind for kind in (Rating, Choice, Number, Text)}
