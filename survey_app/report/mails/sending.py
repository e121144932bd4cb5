"""Sending mails to users: claimed one by one, tried again, never sent twice at once.

The claim of a mail holds for CLAIM_HOLDS: a worker that died leaves its mails to the next one. What
is in an address or a name that no header line can hold fails that mail alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Any

from sqlalchemy import or_, select, update

from survey_app.config import Settings
from survey_app.db import db
from survey_app.invite.delivering import Deferred, Post, Refused, Unreachable, WireMail
from survey_app.invite.encoding import mail_address
from survey_app.invite.mailing import CLAIM_HOLDS, LONGEST_PAUSE, LONGEST_REASON, MOST_ATTEMPTS
from survey_app.report.models import StaffMail


def claim_mail(now: datetime) -> StaffMail | None:
    """Take the mail that has waited longest; None where none is due. Commit before sending."""
    due = or_(
        (StaffMail.state == "queued") & (StaffMail.not_before <= now),
        (StaffMail.state == "sending") & (StaffMail.claimed_at < now - CLAIM_HOLDS),
    )
    while True:
        candidate = db.session.scalar(
            select(StaffMail.id).where(due).order_by(StaffMail.not_before, StaffMail.id).limit(1)
        )
        if candidate is None:
            return None
        taken = db.session.execute(
            update(StaffMail)
            .where(StaffMail.id == candidate, due)
            .values(state="sending", claimed_at=now)
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount:  # type: ignore[attr-defined]
            return db.session.get_one(StaffMail, candidate, populate_existing=True)


def send_mail(post: Post, mail: StaffMail, settings: Settings, now: datetime) -> bool:
    """Try to send a claimed mail, note what came of it; False if nobody can be written to."""
    if not mail.user.active:
        _write(mail, state="failed", error="The user may not sign in any more.")
        return True
    try:
        post.send(_compose(mail, settings, now))
    except (Unreachable, Deferred) as trouble:
        _postpone(mail, trouble.message, now)
        return not isinstance(trouble, Unreachable)
    except Refused as trouble:
        _write(mail, state="failed", error=trouble.message)
    except (ValueError, LookupError, MessageError) as trouble:
        _write(mail, state="failed", error=f"The mail could not be written: {trouble}")
    else:
        _write(mail, state="sent", sent_at=now, error="")
    return True


def _postpone(mail: StaffMail, reason: str, now: datetime) -> None:
    """Try again after 1, 5, 25 ... minutes; after MOST_ATTEMPTS attempts the mail has failed."""
    if mail.attempts + 1 >= MOST_ATTEMPTS:
        _write(mail, state="failed", error=reason)
        return
    pause = min(timedelta(minutes=5**mail.attempts), LONGEST_PAUSE)
    _write(mail, state="queued", error=reason, not_before=now + pause)


def _write(mail: StaffMail, error: str, **values: Any) -> None:
    """Note the outcome while this worker's claim stands; a late one changes nothing."""
    db.session.execute(
        update(StaffMail)
        .where(
            StaffMail.id == mail.id,
            StaffMail.state == "sending",
            StaffMail.claimed_at == mail.claimed_at,
        )
        .values(
            attempts=StaffMail.attempts + 1,
            claimed_at=None,
            error=error[:LONGEST_REASON],
            **values,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire(mail)


def _compose(mail: StaffMail, settings: Settings, now: datetime) -> WireMail:
    sender_name, sender = parseaddr(settings.mail_from)
    message = EmailMessage()
    message["From"] = Address(sender_name or settings.organisation, addr_spec=sender)
    recipient = mail_address(mail.user.email)
    message["To"] = Address(mail.user.name, addr_spec=recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="quoted-printable")
    if mail.attachment is not None:
        message.add_attachment(
            mail.attachment, maintype="application", subtype="pdf", filename=mail.attachment_name
        )
    return WireMail(sender, recipient, message.as_bytes(policy=WIRE))
