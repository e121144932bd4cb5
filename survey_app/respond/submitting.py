"""Storing what people answered: one response an invitation, a change of it as a new revision."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text

from survey_app.domain.answers import Document
from survey_app.invite.models import Invitation
from survey_app.respond.entering import Invited
from survey_app.respond.models import Response

_response, _invitation = (model.__table__ for model in (Response, Invitation))
# What the invitation says is copied inside the database. The conflict names no target, so that all
# unique keys count: the faster of two that send at once is kept. It is text that both databases
# understand, since SQLAlchemy compiles an ON CONFLICT of its own anew at every use.
ADD_RESPONSE = (
    text(
        """
        INSERT INTO response (
            source, source_id, revision, invitation_id, questionnaire_key, version_number, answers,
            unit_id, representative_id, customer, attributes, language, seed,
            submitted_at, stored_at
        )
        SELECT
            'invitation', :source_id, :revision, id, questionnaire_key, version_number, :answers,
            unit_id, representative_id, COALESCE('contact-' || contact_id, ''), attributes,
            :language, :seed, :submitted_at, :stored_at
        FROM invitation WHERE id = :invitation_id
        ON CONFLICT DO NOTHING
        """
    )
    .bindparams(
        bindparam("source_id", type_=_response.c.source_id.type),
        bindparam("revision", type_=_response.c.revision.type),
        bindparam("answers", type_=_response.c.answers.type),
        bindparam("language", type_=_response.c.language.type),
        bindparam("seed", type_=_response.c.seed.type),
        bindparam("submitted_at", type_=_response.c.submitted_at.type),
        bindparam("stored_at", type_=_response.c.stored_at.type),
        bindparam("invitation_id", type_=_invitation.c.id.type),
    )
    .execution_options(preserve_rowcount=True)
)
FIRST_SENT = select(_response.c.submitted_at).where(_response.c.id == bindparam("id"))


def store_response(
    connection: Connection,
    invited: Invited,
    document: Document,
    language: str,
    seed: str,
    now: datetime,
) -> bool:
    """Store a complete document as the invitation's response, or as the next revision of it.

    Gives whether it was stored: of many that come at once, one is. A new revision belongs to the
    moment at which the response was first sent.
    """
    row = {
        "invitation_id": invited.invitation_id,
        "source_id": str(invited.invitation_id),
        "revision": (invited.response_revision or 0) + 1,
        "answers": document,
        "language": language,
        "seed": seed,
        "submitted_at": now,
        "stored_at": now,
    }
    if invited.response_id is not None:
        row["submitted_at"] = connection.scalar(FIRST_SENT, {"id": invited.response_id})
    return bool(connection.execute(ADD_RESPONSE, row).rowcount)
