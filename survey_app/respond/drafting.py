"""What people have answered and not sent yet, kept on the server between pages and devices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.domain.answers import Document
from survey_app.respond.entering import Invited
from survey_app.respond.models import Response, ResponseDraft


def save_draft(invited: Invited, answers: Document, language: str, now: datetime) -> bool:
    """Keep these answers, if the draft is still as `invited` knows it; else nothing is stored."""
    if invited.draft_revision is None:
        return _begin(invited, answers, language, now, base_revision=0)
    saved = db.session.execute(
        update(ResponseDraft)
        .where(
            ResponseDraft.invitation_id == invited.invitation_id,
            ResponseDraft.revision == invited.draft_revision,
        )
        .values(
            revision=invited.draft_revision + 1,
            answers=answers,
            language=language,
            updated_at=now,
        )
    )
    return bool(saved.rowcount)


def begin_change(invited: Invited, now: datetime) -> Document:
    """Take the answers that were sent as a draft, to be changed, and return them; a change already
    begun goes on."""
    if invited.is_answering:
        return invited.answers
    answers, language = db.session.execute(
        select(Response.answers, Response.language).where(Response.id == invited.response_id)
    ).one()
    # What was off the path was never answered.
    known = {name: one for name, one in answers.items() if one.get("missing") != "not_shown"}
    if invited.draft_revision is not None:
        discard_draft(invited)
    _begin(invited, known, language, now, base_revision=invited.response_revision or 0)
    return known


def discard_draft(invited: Invited) -> None:
    """Forget what was saved and not sent."""
    db.session.execute(
        delete(ResponseDraft).where(ResponseDraft.invitation_id == invited.invitation_id)
    )


def _begin(
    invited: Invited, answers: Document, language: str, now: datetime, base_revision: int
) -> bool:
    row = {
        "invitation_id": invited.invitation_id,
        "revision": 1,
        "base_revision": base_revision,
        "answers": answers,
        "language": language,
        "updated_at": now,
    }
    try:
        with db.session.begin_nested():
            db.session.execute(insert(ResponseDraft).values(row))
    except IntegrityError:
        return False
    return True
