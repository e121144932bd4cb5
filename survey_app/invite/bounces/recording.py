"""Recording what came back: on the mail it is about, and on the suppression list.

Reports may come twice, late, and in any order: what is recorded of a mail only ever gets worse.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.invite.bounces.reading import COMPLAINT, Report
from survey_app.invite.bounces.statuses import HARD, SOFT
from survey_app.invite.contact_models import Contact, rules
from survey_app.invite.models import Invitation, OutboxMail
from survey_app.invite.suppressing import suppress

RANKS = {"": 0, SOFT: 1, HARD: 2, COMPLAINT: 3}
# A server that cannot deliver a mail gives up after so long (RFC 5321, 4.5.4.1): a mail of which
# nothing has come back by then was delivered.
SETTLES = timedelta(days=5)
# For so long a report that proves nothing is taken for one on the newest mail to its address.
GUESSED_WITHIN = timedelta(days=7)


def record_report(report: Report, now: datetime) -> bool:
    """Note a report on the mail it is about, and suppress its address if it has to be.

    Gives whether anything was new. A report that does not prove which mail it is about counts as
    a soft bounce of the newest mail to its address at most, and as a complaint not at all: anybody
    can write one about anybody.
    """
    mail = _mail_of(report, now)
    kind = SOFT if report.mail_id is None else report.kind
    if mail is None or RANKS[kind] <= RANKS[mail.report]:
        return False
    mail.report, mail.reported_at, mail.report_detail = kind, now, report.detail
    db.session.flush()
    contact = mail.invitation.contact
    reason = _reason(kind, contact, now)
    if reason and suppress(contact.email, reason, now, report.detail):
        record("address suppressed", contact.email, now, reason=reason, mail=mail.id)
    return True


def count_soft_bounces(contact: Contact, now: datetime) -> int:
    """Soft bounces of mails to the contact since one was delivered, in the order of sending.

    Delivered is a mail that was sent SETTLES ago or earlier and of which nothing has come back,
    and one of which a complaint came. Younger mails without a report count neither way.
    """
    to_contact = (
        select(OutboxMail.sent_at)
        .join(OutboxMail.invitation)
        .where(Invitation.contact_id == contact.id, OutboxMail.sent_at.is_not(None))
    )
    delivered = db.session.scalar(
        to_contact.where(
            ((OutboxMail.report == "") & (OutboxMail.sent_at <= now - SETTLES))
            | (OutboxMail.report == COMPLAINT)
        )
        .order_by(OutboxMail.sent_at.desc())
        .limit(1)
    )
    bounced = to_contact.where(OutboxMail.report == SOFT)
    if delivered is not None:
        bounced = bounced.where(OutboxMail.sent_at > delivered)
    return db.session.scalar(select(func.count()).select_from(bounced.subquery())) or 0


def _reason(kind: str, contact: Contact, now: datetime) -> str:
    """Why the contact's address is to be suppressed now, '' if it is not."""
    if kind == COMPLAINT:
        return "complaint"
    if kind == HARD:
        return "hard_bounce"
    return "soft_bounces" if count_soft_bounces(contact, now) >= rules().soft_bounces else ""


def _mail_of(report: Report, now: datetime) -> OutboxMail | None:
    """The mail that the report is about, locked: of two reports at once the second sees the first.

    The contact is locked with it, so that two soft bounces of two mails are both counted.
    """
    mail_id = _guess(report, now) if report.mail_id is None else report.mail_id
    return db.session.scalar(
        select(OutboxMail)
        .join(OutboxMail.invitation)
        .join(Invitation.contact)
        .where(OutboxMail.id == mail_id)
        .options(contains_eager(OutboxMail.invitation).contains_eager(Invitation.contact))
        .with_for_update(of=(OutboxMail, Contact))
        .execution_options(populate_existing=True)
    )


def _guess(report: Report, now: datetime) -> int | None:
    """The newest mail that was sent to an address of the report lately."""
    if report.kind == COMPLAINT:
        return None
    return db.session.scalar(
        select(OutboxMail.id)
        .join(OutboxMail.invitation)
        .join(Invitation.contact)
        .where(
            Contact.email.in_(report.addresses),
            OutboxMail.state == "sent",
            OutboxMail.sent_at > now - GUESSED_WITHIN,
        )
        .order_by(OutboxMail.sent_at.desc(), OutboxMail.id.desc())
        .limit(1)
    )
