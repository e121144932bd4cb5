"""The question types by the word that names them in a definition."""

from __future__ import annotations

from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.file import File
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Ces, Csat, Nps, Rating
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.time import Time
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.questionnaire import Question

TYPES: dict[str, type[Question]] = {
    kind.type: kind
    for kind in (
        Rating,
        Nps,
        Csat,
        Ces,
        Matrix,
        Choice,
        YesNo,
        Ranking,
        ConstantSum,
        Number,
        Date,
        Time,
        Duration,
        Text,
        Consent,
        Info,
        File,
    )
}
