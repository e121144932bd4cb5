"""What people have answered and not sent yet, kept on the server between pages and devices."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, text, update

from survey_app.db import db
from survey_app.domain.answers import Document
from survey_app.domain.questionnaire import NOT_SHOWN
from survey_app.driver import write_row
from survey_app.respond.entering import Invited
from survey_app.respond.models import AnonymousDraft, Response, ResponseDraft

# A change may be begun more than once. Its revisions start anywhere, so that a page of an earlier
# one, or of before the response was sent, is never taken for a page of this one.
FIRST_OF_CHANGE = 1_000
MOST_OF_CHANGE = 900_000_000

_response, _draft, _anonymous = (
    model.__table__ for model in (Response, ResponseDraft, AnonymousDraft)
)
ADD_DRAFT = text(
    """
        INSERT INTO response_draft (
            invitation_id, revision, base_revision, answers, language, updated_at
        )
        VALUES (:invitation_id, :revision, :base_revision, :answers, :language, :updated_at)
        ON CONFLICT DO NOTHING
        """
).bindparams(
    bindparam("invitation_id", type_=_draft.c.invitation_id.type),
    bindparam("revision", type_=_draft.c.revision.type),
    bindparam("base_revision", type_=_draft.c.base_revision.type),
    bindparam("answers", type_=_draft.c.answers.type),
    bindparam("language", type_=_draft.c.language.type),
    bindparam("updated_at", type_=_draft.c.updated_at.type),
)
CHANGE_DRAFT = (
    update(_draft)
    .where(
        _draft.c.invitation_id == bindparam("of_invitation"), _draft.c.revision == bindparam("seen")
    )
    .values(
        revision=_draft.c.revision + 1,
        answers=bindparam("answers"),
        language=bindparam("language"),
        updated_at=bindparam("updated_at"),
    )
)
DROP_DRAFT = delete(_draft).where(
    _draft.c.invitation_id == bindparam("of_invitation"), _draft.c.revision == bindparam("seen")
)
ADD_ANONYMOUS = text(
    """
        INSERT INTO anonymous_draft (key, revision, answers, language, touched_on)
        VALUES (:key, 1, :answers, :language, :touched_on)
        ON CONFLICT DO NOTHING
        """
).bindparams(
    bindparam("key", type_=_anonymous.c.key.type),
    bindparam("answers", type_=_anonymous.c.answers.type),
    bindparam("language", type_=_anonymous.c.language.type),
    bindparam("touched_on", type_=_anonymous.c.touched_on.type),
)
CHANGE_ANONYMOUS = (
    update(_anonymous)
    .where(_anonymous.c.key == bindparam("of_ballot"), _anonymous.c.revision == bindparam("seen"))
    .values(
        revision=_anonymous.c.revision + 1,
        answers=bindparam("answers"),
        language=bindparam("language"),
        touched_on=bindparam("touched_on"),
    )
)
DROP_ANONYMOUS = delete(_anonymous).where(
    _anonymous.c.key == bindparam("of_ballot"), _anonymous.c.revision == bindparam("seen")
)
MARK_STARTED = text("UPDATE invitation SET started = true WHERE id = :id AND NOT started")
# So long after it was last touched an anonymous draft is kept: nothing tells of which campaign it
# is, so nothing tells when that has closed.
DRAFT_KEPT = timedelta(days=30)
WHAT_WAS_SENT = select(_response.c.answers, _response.c.language).where(
    _response.c.id == bindparam("id")
)


def save_draft(
    connection: Connection, invited: Invited, answers: Document, language: str, now: datetime
) -> bool:
    """Keep these answers, if the draft is still as `invited` knows it; else nothing is stored."""
    if not _save(connection, invited, answers, language, now):
        return False
    if not invited.started:
        write_row(connection, MARK_STARTED, {"id": invited.invitation_id})
    return True


def _save(
    connection: Connection, invited: Invited, answers: Document, language: str, now: datetime
) -> bool:
    if invited.is_anonymous:
        row = {"answers": answers, "language": language, "touched_on": now.date()}
        if invited.draft_revision is None:
            return bool(write_row(connection, ADD_ANONYMOUS, row | {"key": invited.ballot}))
        return bool(write_row(connection, CHANGE_ANONYMOUS, row | _known(invited)))
    row = {"answers": answers, "language": language, "updated_at": now}
    if invited.draft_revision is None:
        return _begin(connection, invited, row, base_revision=0)
    return bool(write_row(connection, CHANGE_DRAFT, row | _known(invited)))


def begin_change(connection: Connection, invited: Invited, now: datetime) -> Document:
    """Take the answers that were sent as a draft, to be changed, and return them."""
    answers, language = connection.execute(WHAT_WAS_SENT, {"id": invited.response_id}).one()
    # What was off the path was never answered.
    known = {name: one for name, one in answers.items() if one.get("missing") != NOT_SHOWN}
    if invited.draft_revision is not None:
        drop_draft(connection, invited)
    row = {"answers": known, "language": language, "updated_at": now}
    _begin(connection, invited, row, base_revision=invited.response_revision or 0)
    return known


def sent_answers(connection: Connection, invited: Invited) -> Document:
    """The answers of the newest revision that was sent."""
    answers: Document
    answers, _language = connection.execute(WHAT_WAS_SENT, {"id": invited.response_id}).one()
    return answers


def drop_draft(connection: Connection, invited: Invited) -> bool:
    """Forget what was saved, if it is still as `invited` knows it; gives whether it was."""
    statement = DROP_ANONYMOUS if invited.is_anonymous else DROP_DRAFT
    return bool(write_row(connection, statement, _known(invited)))


def clear_anonymous_drafts(now: datetime) -> int:
    """Forget the anonymous drafts that nobody has touched for `DRAFT_KEPT`; gives how many."""
    forgotten: int = db.session.execute(
        delete(AnonymousDraft).where(AnonymousDraft.touched_on < (now - DRAFT_KEPT).date())
    ).rowcount
    return forgotten


def _known(invited: Invited) -> dict[str, object]:
    if invited.is_anonymous:
        return {"of_ballot": invited.ballot, "seen": invited.draft_revision}
    return {"of_invitation": invited.invitation_id, "seen": invited.draft_revision}


def _begin(
    connection: Connection, invited: Invited, row: dict[str, object], base_revision: int
) -> bool:
    named = {
        "invitation_id": invited.invitation_id,
        "revision": FIRST_OF_CHANGE + secrets.randbelow(MOST_OF_CHANGE) if base_revision else 1,
        "base_revision": base_revision,
    }
    return bool(write_row(connection, ADD_DRAFT, row | named))
