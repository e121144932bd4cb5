"""Who holds a link, whether it still takes answers, and storing what they answered, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.domain.answers import AnswerForm
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


def find_invitation(token: str, now: datetime) -> Invited:
    """The invitation of a link that takes answers, or took this person's.

    Raises NotFound for an unknown link, Gone for one that takes no answers any more.
    """
    row = db.session.execute(
        select(
            Invitation.id,
            Invitation.questionnaire_key,
            Invitation.version_number,
            Invitation.contact_id,
            Invitation.unit_id,
            Invitation.representative_id,
            Invitation.attributes,
            Invitation.revoked_at,
            Invitation.expires_at,
            Campaign.closes_at,
            Response.id,
        )
        .join(InvitationToken, InvitationToken.invitation_id == Invitation.id)
        .join(Campaign, Campaign.id == Invitation.campaign_id)
        .outerjoin(Response, Response.invitation_id == Invitation.id)
        .where(InvitationToken.token_hash == hash_of(token))
    ).one_or_none()
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
) -> tuple[Response | None, list[Problem]]:
    """Store the answers of a link's holder: one response, however often and fast they send.

    Each problem's place is a question's id; `already_answered` says that there is a response, which
    stays as it is. Raises as `find_invitation`.
    """
    invited = find_invitation(token, now)
    if invited.response_id is not None:
        return None, [_already_answered()]
    questionnaire = questionnaire_of(invited.questionnaire_key, invited.version_number)
    form = AnswerForm(questionnaire)
    reading = form.read_page("", posted, {}, invited.attributes)
    document, problems = form.complete(reading.answers, {}), reading.problems
    if not problems and all(answer.get("missing") == SKIPPED for answer in document.values()):
        # A stray tap on the button must not use up somebody's link.
        text = "You have not answered anything yet. Answer at least one question, then send."
        problems = [Problem("", "nothing_answered", text)]
    if problems:
        return None, problems
    response = _response(invited, document, now)
    try:
        with db.session.begin_nested():
            db.session.add(response)
            db.session.flush()
    except IntegrityError:
        if not _has_response(invited.invitation_id):
            raise
        return None, [_already_answered()]
    return response, []


def _refuse_closed(invited: Invited, now: datetime) -> None:
    if invited.revoked_at is not None:
        raise Gone("This invitation was withdrawn, so there is nothing left for you to do.")
    ends = [moment for moment in (invited.expires_at, invited.closes_at) if moment is not None]
    if ends and min(ends) <= now:
        raise Gone("This survey has ended and takes no more answers. Thank you for coming by.")


def _response(invited: Invited, document: dict[str, dict[str, Any]], now: datetime) -> Response:
    return Response(
        source="invitation",
        source_id=str(invited.invitation_id),
        invitation_id=invited.invitation_id,
        questionnaire_key=invited.questionnaire_key,
        version_number=invited.version_number,
        answers=document,
        unit_id=invited.unit_id,
        representative_id=invited.representative_id,
        customer=f"contact-{invited.contact_id}",
        attributes=invited.attributes,
        submitted_at=now,
        stored_at=now,
    )


def _has_response(invitation_id: int) -> bool:
    query = select(Response.id).where(Response.invitation_id == invitation_id)
    return db.session.scalar(query) is not None


def _already_answered() -> Problem:
    return Problem("", ALREADY_ANSWERED, "Your answers have reached us before; we kept those.")
