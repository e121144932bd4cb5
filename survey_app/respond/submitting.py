"""Who holds a link, whether it still takes answers, and storing what they answered, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

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
# What the invitation says is copied inside the database. The conflict names no target, so that all
# unique keys count: the faster of two that send at once is kept. It is text that both databases
# understand, since SQLAlchemy compiles an ON CONFLICT of its own anew at every use.
ADD_RESPONSE = (
    text(
        """
        INSERT INTO response (
            source, source_id, revision, invitation_id, questionnaire_key, version_number, answers,
            unit_id, representative_id, customer, attributes, submitted_at, stored_at
        )
        SELECT
            'invitation', :source_id, 1, id, questionnaire_key, version_number, :answers,
            unit_id, representative_id, 'contact-' || contact_id, attributes, :now, :now
        FROM invitation WHERE id = :invitation_id
        ON CONFLICT DO NOTHING
        """
    )
    .bindparams(
        bindparam("source_id", type_=_response.c.source_id.type),
        bindparam("answers", type_=_response.c.answers.type),
        bindparam("now", type_=_response.c.submitted_at.type),
        bindparam("invitation_id", type_=_invitation.c.id.type),
    )
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
    row = {
        "invitation_id": invited.invitation_id,
        "source_id": str(invited.invitation_id),
        "answers": document,
        "now": now,
    }
    if connection.execute(ADD_RESPONSE, row).rowcount == 0:
        return None, [_already_answered()]
    return invited, []


def _refuse_closed(invited: Invited, now: datetime) -> None:
    if invited.revoked_at is not None:
        raise Gone("This invitation was withdrawn, so there is nothing left for you to do.")
    ends = [moment for moment in (invited.expires_at, invited.closes_at) if moment is not None]
    if ends and min(ends) <= now:
        raise Gone("This survey has ended and takes no more answers. Thank you for coming by.")


def _already_answered() -> Problem:
    return Problem("", ALREADY_ANSWERED, "Your answers have reached us before; we kept those.")
