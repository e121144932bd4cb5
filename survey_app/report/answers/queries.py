"""What pages show of the answers that can be taken away; loads no engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import func, select

from survey_app.config import Settings
from survey_app.db import db
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.organisation.sight import Sight, is_in_sight
from survey_app.report.answers.choosing import Choice
from survey_app.report.answers.copies import Copy, answers_folder, read_copy, version_folder
from survey_app.respond.models import Response


@dataclass(frozen=True)
class Answered:
    """A questionnaire with published versions, and how many responses in sight it has."""

    key: str
    title: str
    versions: int
    responses: int


def answered_questionnaires(within: Sight) -> list[Answered]:
    """All questionnaires that were published, by title; changed responses count once."""
    versions = (
        select(QuestionnaireVersion.questionnaire_key, func.count().label("count"))
        .group_by(QuestionnaireVersion.questionnaire_key)
        .subquery()
    )
    responses = dict(
        db.session.execute(
            select(Response.questionnaire_key, func.count())
            .where(Response.revision == 1, is_in_sight(Response.unit_id, within))
            .group_by(Response.questionnaire_key)
        )
        .tuples()
        .all()
    )
    return [
        Answered(key, title, count, responses.get(key, 0))
        for key, title, count in db.session.execute(
            select(Questionnaire.key, Questionnaire.title, versions.c.count)
            .join(versions, versions.c.questionnaire_key == Questionnaire.key)
            .order_by(Questionnaire.title)
        ).tuples()
    ]


def copied_months(key: str, numbers: Sequence[int]) -> list[str]:
    """The months 'YYYY-MM' that the copies of these versions have, in order."""
    return sorted({month.month for copy in _copies(key, numbers) for month in copy.months})


def count_chosen(choice: Choice, numbers: Sequence[int], within: Sight) -> int:
    """How many responses a choice has, by the copies as they are, before anything is withheld."""
    seen = None if within is None else {str(unit) for unit in within}
    return sum(
        complete if choice.complete else all_
        for copy in _copies(choice.key, numbers)
        for month in copy.months
        if choice.has_month(month.month)
        for unit, (all_, complete) in month.counts.items()
        if seen is None or unit in seen
    )


def _copies(key: str, numbers: Sequence[int]) -> list[Copy]:
    settings: Settings = current_app.config["SETTINGS"]
    folder = answers_folder(settings)
    return [read_copy(version_folder(folder, key, number)) for number in numbers]
