"""Reading questionnaires and their versions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from survey_app.db import db
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.domain import questionnaire as domain
from survey_app.domain.checking import KEY
from survey_app.domain.problems import NotFound, SoundingsError, quoted
from survey_app.domain.wire import definition_hash, load_definition

LARGEST_NUMBER = 2**31 - 1


def all_questionnaires() -> list[Questionnaire]:
    """All questionnaires by title, with their versions."""
    query = select(Questionnaire).options(selectinload(Questionnaire.versions))
    return list(db.session.scalars(query.order_by(Questionnaire.title, Questionnaire.key)))


def questionnaire_by_key(key: str) -> Questionnaire:
    """The questionnaire with this key; raises NotFound."""
    # An address may hold anything, also what a database cannot even compare.
    query = select(Questionnaire).where(Questionnaire.key == key)
    found = db.session.scalar(query) if KEY.fullmatch(key) else None
    if found is None:
        raise NotFound(f"There is no questionnaire with the key {quoted(key)}.")
    return found


def published_versions() -> list[QuestionnaireVersion]:
    """All published versions, newest first within each questionnaire."""
    return list(
        db.session.scalars(
            select(QuestionnaireVersion)
            .join(Questionnaire)
            .order_by(Questionnaire.title, Questionnaire.key, QuestionnaireVersion.number.desc())
        )
    )


def version_by_number(key: str, number: int) -> QuestionnaireVersion:
    """The published version; raises NotFound."""
    possible = KEY.fullmatch(key) and number <= LARGEST_NUMBER
    version = db.session.get(QuestionnaireVersion, (key, number)) if possible else None
    if version is None:
        raise NotFound(f"There is no version {number} of the questionnaire {quoted(key)}.")
    return version


def is_published(questionnaire: Questionnaire) -> bool:
    """Whether the last version is the draft as it is."""
    last = questionnaire.versions[-1] if questionnaire.versions else None
    return last is not None and last.hash == definition_hash(questionnaire.draft)


def read_definition(definition: object) -> domain.Questionnaire:
    """A stored definition as the domain sees it.

    Raises SoundingsError where it cannot be read: only well-formed definitions are stored.
    """
    loaded, problems = load_definition(definition)
    if loaded is None:
        raise SoundingsError(f"A stored questionnaire cannot be read: {problems[0]}")
    return loaded
