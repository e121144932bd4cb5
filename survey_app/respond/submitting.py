"""Storing what people answered: one response an invitation, a change of it as a new revision.

An identified response names its contact and its invitation. A confidential one keeps the
invitation, which nothing that is shown or downloaded tells, and is known by names drawn at random.
An anonymous one is sealed, with nothing that leads to the invitation: see `respond.unsealing`.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text

from survey_app.domain.answers import Document
from survey_app.driver import write_row
from survey_app.invite.models import IDENTIFIED, Invitation
from survey_app.organisation.queries import declared_dimensions
from survey_app.respond.entering import Invited
from survey_app.respond.models import Response, SealedResponse

_response, _sealed, _invitation = (
    model.__table__ for model in (Response, SealedResponse, Invitation)
)
# What the invitation says is copied inside the database. The conflict names no target, so that all
# unique keys count: the faster of two that send at once is kept. It is text that both databases
# understand.
ADD = """
    INSERT INTO response (
        source, source_id, revision, invitation_id, questionnaire_key, version_number, answers,
        unit_id, representative_id, customer, attributes, language, seed, submitted_at, stored_at
    )
    SELECT
        'invitation', :source_id, :revision, id, questionnaire_key, version_number, :answers,
        unit_id, representative_id, :customer, COALESCE(:attributes, attributes),
        :language, :seed, :submitted_at, :stored_at
    FROM invitation WHERE id = :invitation_id
    ON CONFLICT DO NOTHING
"""
MARK = """
    UPDATE invitation SET started = true, answered = true
    WHERE id = :invitation_id AND NOT answered
"""
OF_RESPONSE = (
    bindparam("source_id", type_=_response.c.source_id.type),
    bindparam("revision", type_=_response.c.revision.type),
    bindparam("answers", type_=_response.c.answers.type),
    bindparam("customer", type_=_response.c.customer.type),
    bindparam("attributes", type_=_response.c.attributes.type),
    bindparam("language", type_=_response.c.language.type),
    bindparam("seed", type_=_response.c.seed.type),
    bindparam("submitted_at", type_=_response.c.submitted_at.type),
    bindparam("stored_at", type_=_response.c.stored_at.type),
    bindparam("invitation_id", type_=_invitation.c.id.type),
)
ADD_RESPONSE = text(ADD).bindparams(*OF_RESPONSE)
MARK_ANSWERED = text(MARK)
# PostgreSQL takes both at once, which saves a way to the server and back; SQLite has no such
# statement and no such way. Where the response conflicts, there is one, so the mark is true too.
ADD_AND_MARK = text(f"WITH marked AS ({MARK}) {ADD}").bindparams(*OF_RESPONSE)
ADD_SEALED = text(
    """
    INSERT INTO sealed_response (
        id, campaign_id, questionnaire_key, version_number, answers, unit_id, representative_id,
        attributes, language, seed
    )
    SELECT
        :id, campaign_id, questionnaire_key, version_number, :answers, unit_id, representative_id,
        :attributes, :language, ''
    FROM invitation WHERE id = :invitation_id
    """
).bindparams(
    bindparam("id", type_=_sealed.c.id.type),
    bindparam("answers", type_=_sealed.c.answers.type),
    bindparam("attributes", type_=_sealed.c.attributes.type),
    bindparam("language", type_=_sealed.c.language.type),
    bindparam("invitation_id", type_=_invitation.c.id.type),
)
FIRST_REVISION = select(
    _response.c.source_id, _response.c.customer, _response.c.attributes, _response.c.submitted_at
).where(_response.c.id == bindparam("id"))


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
    moment at which the response was first sent, and goes by the names of the first one.
    """
    if invited.is_anonymous:
        return _seal(connection, invited, document, language)
    row = {
        "invitation_id": invited.invitation_id,
        "revision": (invited.response_revision or 0) + 1,
        "answers": document,
        "language": language,
        "seed": seed,
        "stored_at": now,
    }
    if invited.response_id is not None:
        first = connection.execute(FIRST_REVISION, {"id": invited.response_id}).one()
        return bool(write_row(connection, ADD_RESPONSE, row | first._asdict()))
    named = _names_of(invited) | {"submitted_at": now}
    if connection.dialect.name == "postgresql":
        return bool(write_row(connection, ADD_AND_MARK, row | named))
    if not write_row(connection, ADD_RESPONSE, row | named):
        return False
    write_row(connection, MARK_ANSWERED, {"invitation_id": invited.invitation_id})
    return True


def pseudonym() -> str:
    """A name for a person whom nobody is to know: it was drawn, so it cannot be worked out."""
    return f"person-{secrets.token_hex(8)}"


def _names_of(invited: Invited) -> dict[str, object]:
    """What a first revision is known by; attributes None are those of the invitation."""
    if invited.mode == IDENTIFIED:
        contact = invited.contact_id
        return {
            "source_id": str(invited.invitation_id),
            "customer": "" if contact is None else f"contact-{contact}",
            "attributes": None,
        }
    return {
        "source_id": secrets.token_hex(16),
        "customer": pseudonym(),
        "attributes": _declared(invited),
    }


def _seal(connection: Connection, invited: Invited, document: Document, language: str) -> bool:
    # Whoever sets the flag is the first; it tells that there is an answer, not which.
    if not write_row(connection, MARK_ANSWERED, {"invitation_id": invited.invitation_id}):
        return False
    row = {
        "id": secrets.token_hex(16),
        "invitation_id": invited.invitation_id,
        "answers": document,
        "attributes": _declared(invited),
        "language": language,
    }
    write_row(connection, ADD_SEALED, row)
    return True


def _declared(invited: Invited) -> dict[str, str]:
    """The attributes that answers may be told apart by: any other might name the person."""
    return {
        name: invited.attributes[name]
        for name in declared_dimensions()
        if name in invited.attributes
    }
