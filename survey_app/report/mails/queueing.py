"""Writing mails to users, with what they tell of: reports and alerts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.jobs import enqueue
from survey_app.report.mails.jobs import send_staff_mails
from survey_app.report.models import StaffMail

LONGEST_SUBJECT = 200


def queue_mail(
    user: User,
    dedup_key: str,
    subject: str,
    text: str,
    now: datetime,
    attachment: tuple[str, bytes] | None = None,
) -> StaffMail | None:
    """Write a mail to a user, with a file (name, PDF) if there is one; None if it was written.

    It is sent after the commit. `dedup_key` names what it is about, for this user: the second mail
    with the same key is not written. Nobody who may not sign in is written to.
    """
    if not user.active:
        return None
    name, content = attachment or ("", None)
    mail = StaffMail(
        user_id=user.id,
        dedup_key=dedup_key,
        subject=" ".join(subject.split())[:LONGEST_SUBJECT],
        text=text,
        attachment_name=name,
        attachment=content,
        state="queued",
        not_before=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(mail)
            db.session.flush()
    except IntegrityError:
        return None
    enqueue(send_staff_mails)
    return mail
