"""Publishing: the draft becomes a numbered version that never changes."""

from __future__ import annotations

from datetime import datetime

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.design.editing import stale_draft
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.domain.checking import check
from survey_app.domain.problems import Problem
from survey_app.domain.wire import definition_hash, dump_definition, load_definition


def publish(
    questionnaire: Questionnaire, now: datetime, revision: int | None = None
) -> tuple[QuestionnaireVersion | None, list[Problem]]:
    """Publish the draft as the next version, when nothing is wrong with it.

    `revision` is the draft's revision that somebody looked at: a draft changed since is not
    published. None publishes the draft as it is.
    """
    # The lock gives every version its own number and keeps the draft still meanwhile.
    db.session.refresh(questionnaire, with_for_update=True)
    if revision is not None and revision != questionnaire.draft_revision:
        return None, [stale_draft(questionnaire)]
    loaded, problems = load_definition(questionnaire.draft)
    if loaded is None:
        return None, problems
    problems = check(loaded)
    if problems:
        return None, problems
    definition = dump_definition(loaded)
    digest = definition_hash(definition)
    last = questionnaire.versions[-1] if questionnaire.versions else None
    if last is not None and last.hash == digest:
        return None, [
            Problem(
                "draft",
                "unchanged",
                f"The draft is the same as version {last.number}, which is published. Change it "
                "before you publish again.",
            )
        ]
    version = QuestionnaireVersion(
        questionnaire=questionnaire,
        number=last.number + 1 if last else 1,
        definition=definition,
        hash=digest,
        published_at=now,
        published_by_id=acting_user_id(),
    )
    db.session.add(version)
    record("questionnaire published", f"{questionnaire.key} {version.number}", now, hash=digest)
    db.session.flush()
    return version, []


def draft_problems(questionnaire: Questionnaire) -> list[Problem]:
    """What keeps the draft from being published."""
    loaded, problems = load_definition(questionnaire.draft)
    return problems if loaded is None else check(loaded)
