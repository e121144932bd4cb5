"""Opting out by the link of a mail: one click, and the address is never asked again."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.invite.models import Invitation, InvitationToken
from survey_app.invite.suppressing import suppress
from survey_app.invite.tokens import hash_of


def invitation_to_end(token: str) -> Invitation:
    """The invitation whose mail has this key for opting out; raises NotFound."""
    invitation = db.session.scalar(
        select(Invitation)
        .join(InvitationToken, InvitationToken.invitation_id == Invitation.id)
        .where(InvitationToken.unsubscribe_hash == hash_of(token))
        .options(joinedload(Invitation.contact))
    )
    if invitation is None or invitation.contact is None:
        raise NotFound(
            gettext(
                "This link is not complete. Open it once more from the e-mail, or copy all of it."
            )
        )
    return invitation


def opt_out_by_mail(token: str, now: datetime) -> Invitation:
    """Put the address of a mail's recipient on the suppression list; raises NotFound.

    A second click, or the mail program's own request beside it, changes nothing more.
    """
    invitation = invitation_to_end(token)
    contact = invitation.contact
    assert contact is not None  # invitation_to_end gives no other
    if suppress(contact.email, "opted_out", now):
        record("contact opted out by a mail", contact.email, now)
    if invitation.opted_out_at is None:
        invitation.opted_out_at = now
    return invitation
