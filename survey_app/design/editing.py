"""Making and saving drafts. A draft is well formed; whether it is complete, publishing asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import acting_user_id
from survey_app.db import db
from survey_app.design.models import Questionnaire
from survey_app.domain import checking
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.questionnaire import FORMAT
from survey_app.domain.wire import dump_definition, load_definition
from survey_app.organisation.arranging import RESERVED_KEYS

KEY_RULE = "Use 2 to 63 small letters, digits and underscores, a letter first, like visit_feedback."


def start_questionnaire(
    key: str, title: str, now: datetime
) -> tuple[Questionnaire | None, list[Problem]]:
    """Begin a questionnaire with a title and one empty section."""
    section = {"id": "section1", "title": "", "questions": []}
    return create_questionnaire(
        {"format": FORMAT, "key": key, "title": title, "sections": [section]}, now
    )


def create_questionnaire(
    definition: dict[str, Any], now: datetime
) -> tuple[Questionnaire | None, list[Problem]]:
    """Begin a questionnaire from a definition as read from a file; its key must be free."""
    loaded, problems = load_definition(definition)
    if loaded is None:
        return None, problems
    problems = check_name(loaded.key, loaded.title)
    if problems:
        return None, problems
    questionnaire = Questionnaire(
        key=loaded.key,
        title=loaded.title.strip(),
        draft=dump_definition(loaded),
        updated_at=now,
        updated_by_id=acting_user_id(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(questionnaire)
            db.session.flush()
    except IntegrityError:
        return None, [
            Problem(
                "key",
                "taken",
                f"There is a questionnaire with the key {quoted(loaded.key)} already. Choose "
                "another key, or open that one and save this as its draft.",
            )
        ]
    return questionnaire, []


def save_draft(
    questionnaire: Questionnaire, definition: dict[str, Any], revision: int, now: datetime
) -> list[Problem]:
    """Make `definition` the draft, if the draft is still at `revision`; else nothing is stored."""
    loaded, problems = load_definition(definition)
    if loaded is None:
        return problems
    if loaded.key != questionnaire.key:
        return [
            Problem(
                "key",
                "other_key",
                f"This questionnaire has the key {quoted(questionnaire.key)}, the definition has "
                f"{quoted(loaded.key)}. Change it back, or begin a new questionnaire with it.",
            )
        ]
    problems = check_name(loaded.key, loaded.title)
    if problems:
        return problems
    saved = db.session.execute(
        update(Questionnaire)
        .where(Questionnaire.id == questionnaire.id, Questionnaire.draft_revision == revision)
        .values(
            draft=dump_definition(loaded),
            title=loaded.title.strip(),
            draft_revision=revision + 1,
            updated_at=now,
            updated_by_id=acting_user_id(),
        )
    )
    db.session.refresh(questionnaire)
    return [] if saved.rowcount else [stale_draft(questionnaire)]


def stale_draft(questionnaire: Questionnaire) -> Problem:
    """The problem of a change that was made on an older state of the draft."""
    who = questionnaire.updated_by.name if questionnaire.updated_by else "Somebody"
    return Problem(
        "draft",
        "stale",
        f"{who} has changed this draft since you opened it, so nothing was overwritten. Open the "
        "questionnaire again in another tab and carry your change over.",
    )


def check_name(key: str, title: str) -> list[Problem]:
    """What is wrong with a key and a title."""
    problems = []
    if key in RESERVED_KEYS:
        message = f"{quoted(key)} is a page's own name. Choose another key."
        problems.append(Problem("key", "reserved", message))
    if not checking.KEY.fullmatch(key):
        problems.append(Problem("key", "bad_key", f"{quoted(key)} cannot be a key. {KEY_RULE}"))
    if not title.strip():
        problems.append(
            Problem("title", "no_title", "It has no title. Write what people see at its top.")
        )
    return problems
