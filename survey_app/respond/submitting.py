"""Who holds a link, whether it still takes answers, and storing what they answered, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, text

from survey_app.db import db
from survey_app.domain.answers import read_answers
from survey_app.domain.problems import Gone, NotFound, Problem
from survey_app.domain.questionnaire import SKIPPED
from survey_app.invite.models import Campaign, Invitation, InvitationToken
from survey_app.invite.tokens import hash_of
from survey_app.respond.models import Response
from survey_app.respond.rendering import questionnaire_of

ALREADY_ANSWERED = "already_answered"


class Invited(NamedTuple):
    """An invitation as the holder of its link meets it; `response_id` once they have answered."""

    invitation_id: int
    questionnaire_key: str
    version_number: int
    contact_id: int
    unit_id: int | None
    representative_id: int | None
    attributes: dict[str, str]
    revoked_at: datetime | None
    expires_at: datetime | None
    closes_at: datetime | None
    response_id: int | None


# The statements of every request, built once, since building one takes longer than running it; of
# tables and not of mapped classes, since the ORM's bookkeeping would take as long again.
_token, _invitation, _campaign, _response = (
    model.__table__ for model in (InvitationToken, Invitation, Campaign, Response)
)
FIND_INVITATION = (
    select(
        _invitation.c.id,
        _invitation.c.questionnaire_key,
        _invitation.c.version_number,
        _invitation.c.contact_id,
        _invitation.c.unit_id,
        _invitation.c.representative_id,
        _invitation.c.attributes,
        _invitation.c.revoked_at,
        _invitation.c.expires_at,
        _campaign.c.closes_at,
        _response.c.id,
    )
    .join_from(_token, _invitation, _token.c.invitation_id == _invitation.c.id)
    .join(_campaign, _campaign.c.id == _invitation.c.campaign_id)
    .outerjoin(_response, _response.c.invitation_id == _invitation.c.id)
    .where(_token.c.token_hash == bindparam("token_hash"))
)
_STORED = [column.name for column in _response.c if column.name not in ("id", "batch_id")]
# Both databases' own words, since SQLAlchemy compiles its own ON CONFLICT anew at every use. No
# target is named, so that every unique key counts: the faster of two that send at once is kept.
ADD_RESPONSE = (
    text(
        f"INSERT INTO response ({', '.join(_STORED)}) VALUES (:{', :'.join(_STORED)}) "
        "ON CONFLICT DO NOTHING"
    )
    .bindparams(*(bindparam(name, type_=_response.c[name].type) for name in _STORED))
    .execution_options(preserve_rowcount=True)
)


def find_invitation(connection: Connection, token: str, now: datetime) -> Invited:
    """The invitation of a link that takes answers, or took this person's.

    Raises NotFound for an unknown link, Gone for one that takes no answers any more.
    """
    row = connection.execute(FIND_INVITATION, {"token_hash": hash_of(token)}).one_or_none()
    if row is None:
        raise NotFound(
            "This link is not complete. Open it once more from the e-mail, or copy all of it."
        )
    invited = Invited(*row)
    if invited.response_id is None:
        _refuse_closed(invited, now)
    return invited


def submit(
    token: str, posted: Mapping[str, Sequence[str]], now: datetime
) -> tuple[Invited | None, list[Problem]]:
    """Store the answers of a link's holder: one response, however often and fast they send.

    Gives back whose answers are stored now. Each problem's place is a question's id;
    `already_answered` says that there is a response, which stays as it is. Raises as
    `find_invitation`.
    """
    connection = db.session.connection()
    invited = find_invitation(connection, token, now)
    if invited.response_id is not None:
        return None, [_already_answered()]
    questionnaire = questionnaire_of(invited.questionnaire_key, invited.version_number)
    document, problems = read_answers(questionnaire, posted)
    if not problems and all(answer.get("missing") == SKIPPED for answer in document.values()):
        # A stray tap on the button must not use up somebody's link.
        message = "You have not answered anything yet. Answer at least one question, then send."
        problems = [Problem("", "nothing_answered", message)]
    if problems:
        return None, problems
    row = _response_row(invited, document, now)
    if connection.execute(ADD_RESPONSE, row).rowcount == 0:
        return None, [_already_answered()]
    return invited, []


def _refuse_closed(invited: Invited, now: datetime) -> None:
    if invited.revoked_at is not None:
        raise Gone("This invitation was withdrawn, so there is nothing left for you to do.")
    ends = [moment for moment in (invited.expires_at, invited.closes_at) if moment is not None]
    if ends and min(ends) <= now:
        raise Gone("This survey has ended and takes no more answers. Thank you for coming by.")


def _response_row(
    invited: Invited, document: dict[str, dict[str, Any]], now: datetime
) -> dict[str, Any]:
    return {
        "source": "invitation",
        "source_id": str(invited.invitation_id),
        "revision": 1,
        "invitation_id": invited.invitation_id,
        "questionnaire_key": invited.questionnaire_key,
        "version_number": invited.version_number,
        "answers": document,
        "unit_id": invited.unit_id,
        "representative_id": invited.representative_id,
        "customer": f"contact-{invited.contact_id}",
        "attributes": invited.attributes,
        "submitted_at": now,
        "stored_at": now,
    }


def _already_answered() -> Problem:
    return Problem("", ALREADY_ANSWERED, "Your answers have reached us before; we kept those.")
