"""Reading what was imported, and the files that came with answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.domain.answers import Document
from survey_app.domain.problems import NotFound
from survey_app.domain.question_types.file import KEYS
from survey_app.organisation.sight import Sight, is_in_sight
from survey_app.respond.models import AnswerBatch, Response, ResponseDraft
from survey_app.respond.versions import version_of

# Databases take so many values in one list, and more.
ASKED_AT_ONCE = 1_000


def recent_batches(within: Sight, most: int = 20) -> list[AnswerBatch]:
    """The newest imported files that have answers of units in sight alone."""
    query = select(AnswerBatch).order_by(AnswerBatch.imported_at.desc(), AnswerBatch.id.desc())
    if within is not None:
        foreign = select(Response.batch_id).where(
            Response.batch_id.is_not(None),
            Response.unit_id.is_(None) | Response.unit_id.not_in(within),
        )
        query = query.where(AnswerBatch.id.not_in(foreign))
    return list(db.session.scalars(query.limit(most)))


@dataclass(frozen=True)
class ReceivedFile:
    """A file that came with a response, and what is known of it ("id", "name", "size", "type")."""

    response_id: int
    questionnaire_key: str
    question: str
    customer: str
    submitted_at: datetime
    about: dict[str, Any]


def received_files(within: Sight, most: int = 500) -> list[ReceivedFile]:
    """The files of the newest responses in sight, the newest first."""
    asking = [
        (key, number)
        for key, number in db.session.execute(
            select(QuestionnaireVersion.questionnaire_key, QuestionnaireVersion.number)
        )
        if version_of(key, number).takes_files
    ]
    responses = db.session.scalars(
        select(Response)
        .where(
            Response.invitation_id.is_not(None),
            tuple_(Response.questionnaire_key, Response.version_number).in_(asking),
            is_in_sight(Response.unit_id, within),
        )
        .order_by(Response.submitted_at.desc(), Response.id.desc())
        .limit(most)
    )
    return [
        ReceivedFile(
            response.id,
            response.questionnaire_key,
            question,
            response.customer,
            response.submitted_at,
            about,
        )
        for response in responses
        for question, about in _files_in(response.answers)
    ]


def received_file(response_id: int, file_id: str, within: Sight) -> tuple[int, dict[str, Any]]:
    """The invitation that brought a file of a response in sight, and what is known of the file.

    Raises NotFound. What is shown names the response, since an invitation leads to a person.
    """
    response = db.session.scalar(
        select(Response).where(
            Response.id == response_id,
            Response.invitation_id.is_not(None),
            is_in_sight(Response.unit_id, within),
        )
    )
    for _question, about in _files_in(response.answers) if response else ():
        if response and response.invitation_id and about["id"] == file_id:
            return response.invitation_id, about
    raise NotFound("There is no such file. Choose one from the list of files.")


def named_files(invitation_ids: list[int]) -> dict[int, set[str]]:
    """The ids of the files that responses and drafts of these invitations name."""
    named: dict[int, set[str]] = {one: set() for one in invitation_ids}
    for start in range(0, len(invitation_ids), ASKED_AT_ONCE):
        asked = invitation_ids[start : start + ASKED_AT_ONCE]
        for table in (Response, ResponseDraft):
            rows = db.session.execute(
                select(table.invitation_id, table.answers).where(table.invitation_id.in_(asked))
            )
            for invitation_id, answers in rows:
                named[invitation_id].update(about["id"] for _name, about in _files_in(answers))
    return named


def _files_in(answers: Document) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, answer["value"])
        for name, answer in answers.items()
        if isinstance(answer.get("value"), dict) and set(answer["value"]) == set(KEYS)
    ]
