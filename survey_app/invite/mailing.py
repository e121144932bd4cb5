"""The outbox: workers claim mails, try to send them, and write down what became of them.

A claim is valid for CLAIM_HOLDS; a worker that died leaves its mails to the next one. What a worker
writes down counts only while its own claim stands, so that a late one changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import joinedload

from survey_app.db import db
from survey_app.invite.composing import Letter
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Invitation, OutboxMail
from survey_app.invite.tokens import issue_token, personal_link

CLAIM_HOLDS = timedelta(minutes=10)
MOST_ATTEMPTS = 8
LONGEST_PAUSE = timedelta(days=1)
LONGEST_REASON = 500


@dataclass(frozen=True)
class ClaimedMail:
    """A mail that this worker has, with all it needs, so that sending asks no database."""

    id: int
    claimed_at: datetime
    attempts: int
    letter: Letter


def claim_mails(limit: int, now: datetime) -> list[ClaimedMail]:
    """Claim up to `limit` mails that are due; commit before sending, or the links are not valid.

    Mails that must not be sent any more (opted out, closed, revoked) become failed instead.
    """
    while due := _take(limit, now):
        if claimed := _write_letters(due, now):
            return claimed
    return []


def somebody_sends(now: datetime) -> bool:
    """Whether a worker has taken mails lately and is at it."""
    latest = db.session.scalar(
        select(func.max(OutboxMail.claimed_at)).where(OutboxMail.state == "sending")
    )
    return latest is not None and latest > now - timedelta(minutes=2)


def record_sent(mail: ClaimedMail, now: datetime) -> None:
    """The server took the mail."""
    _write(mail, state="sent", attempts=mail.attempts + 1, sent_at=now, error="")


def record_failed(mail: ClaimedMail, reason: str) -> None:
    """The mail will never be taken; the reason is a sentence."""
    _write(mail, state="failed", attempts=mail.attempts + 1, error=reason[:LONGEST_REASON])


def postpone(mail: ClaimedMail, reason: str, now: datetime) -> None:
    """Try again after 1, 5, 25 ... minutes; after MOST_ATTEMPTS attempts the mail has failed."""
    attempts = mail.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        record_failed(mail, f"{reason} This was the last of {attempts} attempts.")
        return
    pause = min(timedelta(minutes=5 ** (attempts - 1)), LONGEST_PAUSE)
    _write(
        mail,
        state="queued",
        attempts=attempts,
        not_before=now + pause,
        error=reason[:LONGEST_REASON],
    )


def release(mails: Sequence[ClaimedMail]) -> None:
    """Give mails back that were claimed and not tried."""
    for mail in mails:
        _write(mail, state="queued")


def _take(limit: int, now: datetime) -> list[int]:
    # PostgreSQL locks the rows and passes over those another worker locks; on SQLite the whole
    # transaction has the only write lock.
    due = db.session.scalars(
        select(OutboxMail.id)
        .where(_is_due(now))
        .order_by(OutboxMail.not_before, OutboxMail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.id.in_(due))
        .values(state="sending", claimed_at=now)
        .execution_options(synchronize_session=False)
    )
    return list(due)


def _write_letters(mail_ids: Sequence[int], now: datetime) -> list[ClaimedMail]:
    rows = db.session.scalars(
        select(OutboxMail)
        .where(OutboxMail.id.in_(mail_ids))
        .order_by(OutboxMail.id)
        .options(
            joinedload(OutboxMail.invitation)
            .joinedload(Invitation.contact)
            .joinedload(Contact.suppression),
            joinedload(OutboxMail.invitation).joinedload(Invitation.campaign),
        )
        .execution_options(populate_existing=True)
    )
    claimed = []
    for mail in rows:
        obstacle = _obstacle(mail.invitation, now)
        if obstacle:
            mail.state, mail.claimed_at, mail.error = "failed", None, obstacle
        else:
            claimed.append(_with_letter(mail, now))
    db.session.flush()
    return claimed


def _is_due(now: datetime) -> Any:
    return or_(
        (OutboxMail.state == "queued") & (OutboxMail.not_before <= now),
        (OutboxMail.state == "sending") & (OutboxMail.claimed_at < now - CLAIM_HOLDS),
    )


def _obstacle(invitation: Invitation, now: datetime) -> str:
    if invitation.contact.suppression is not None:
        return "The contact has opted out since."
    if invitation.revoked_at is not None:
        return "The invitation was revoked."
    if invitation.expires_at is not None and invitation.expires_at <= now:
        return "The last day for answers was over before the mail could be sent."
    return ""


def _with_letter(mail: OutboxMail, now: datetime) -> ClaimedMail:
    invitation = mail.invitation
    letter = Letter(
        to_name=invitation.contact.name,
        to_address=invitation.contact.email,
        subject=invitation.campaign.subject,
        message=invitation.campaign.message,
        link=personal_link(issue_token(invitation.id, now)),
    )
    return ClaimedMail(mail.id, now, mail.attempts, letter)


def _write(mail: ClaimedMail, **values: Any) -> None:
    db.session.execute(
        update(OutboxMail)
        .where(
            OutboxMail.id == mail.id,
            OutboxMail.state == "sending",
            OutboxMail.claimed_at == mail.claimed_at,
        )
        .values(claimed_at=None, **values)
        .execution_options(synchronize_session=False)
    )
