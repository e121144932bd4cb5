"""Storing what people answered: one response an invitation, a change of it as a new revision."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.domain.answers import Document
from survey_app.respond.entering import Invited
from survey_app.respond.models import Response, ResponseDraft

# Built once: most of the cost of a statement like this is in writing it down.
_INSERT = insert(Response)


def store_response(
    invited: Invited, document: Document, language: str, seed: str, now: datetime
) -> bool:
    """Store a complete document as the invitation's response, or as the next revision of it.

    Gives whether it was stored: of many that come at once, one is. The draft goes with it. A new
    revision belongs to the moment at which the response was first sent.
    """
    row = {
        "source": "invitation",
        "source_id": str(invited.invitation_id),
        "revision": (invited.response_revision or 0) + 1,
        "invitation_id": invited.invitation_id,
        "questionnaire_key": invited.questionnaire_key,
        "version_number": invited.version_number,
        "answers": document,
        "unit_id": invited.unit_id,
        "representative_id": invited.representative_id,
        "customer": f"contact-{invited.contact_id}",
        "attributes": invited.attributes,
        "language": language,
        "seed": seed,
        "submitted_at": _first_sent(invited) or now,
        "stored_at": now,
    }
    try:
        with db.session.begin_nested():
            db.session.execute(_INSERT, row)
    except IntegrityError:
        if not _has_newer(invited):
            raise
        return False
    if invited.draft_revision is not None:
        db.session.execute(
            delete(ResponseDraft).where(ResponseDraft.invitation_id == invited.invitation_id)
        )
    return True


def _first_sent(invited: Invited) -> datetime | None:
    if invited.response_id is None:
        return None
    query = select(Response.submitted_at).where(Response.id == invited.response_id)
    return db.session.scalar(query)


def _has_newer(invited: Invited) -> bool:
    query = select(Response.id).where(
        Response.invitation_id == invited.invitation_id,
        Response.revision > (invited.response_revision or 0),
    )
    return db.session.scalar(query.limit(1)) is not None
