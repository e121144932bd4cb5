"""Reports on their way to subscribers: which are due, and each written or, without right, not.

The right is looked at when the report is written and again while its mail waits to be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, union, update
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.models import User
from survey_app.config import Settings
from survey_app.db import db
from survey_app.report.executive.mail_words import write_subject, write_text
from survey_app.report.executive.models import ReportDelivery, ReportSubscription
from survey_app.report.executive.pdf import file_name, write_pdf
from survey_app.report.executive.reading import read_report
from survey_app.report.executive.subscribing import scope_seen_by
from survey_app.report.mails.queueing import queue_mail
from survey_app.report.models import PeriodClosing, ScoreRun, StaffMail


@dataclass(frozen=True)
class Due:
    """A report that a user shall get: once, whichever subscriptions ask for it."""

    run_id: int
    user_id: int
    scope_type: str
    scope_id: str


def find_due() -> list[Due]:
    """Reports of runs and closings since they were subscribed that nothing was decided about."""
    wanted = ReportSubscription
    fits = or_(wanted.period_type == "any", wanted.period_type == ScoreRun.period_type)
    columns = (ScoreRun.id.label("run"), wanted.user_id, wanted.scope_type, wanted.scope_id)
    decided = exists().where(
        ReportDelivery.run_id == ScoreRun.id,
        ReportDelivery.user_id == wanted.user_id,
        ReportDelivery.scope_type == wanted.scope_type,
        ReportDelivery.scope_id == wanted.scope_id,
    )
    scheduled = (
        select(*columns)
        .join(
            ScoreRun,
            and_(
                ScoreRun.state == "done",
                ScoreRun.schedule_id.is_not(None),
                ScoreRun.finished_at >= wanted.created_at,
            ),
        )
        .where(wanted.occasion == "scheduled", fits, ~decided)
    )
    closed = (
        select(*columns)
        .join(
            PeriodClosing,
            and_(PeriodClosing.is_closed, PeriodClosing.closed_at >= wanted.created_at),
        )
        .join(ScoreRun, ScoreRun.id == PeriodClosing.run_id)
        .where(wanted.occasion == "closed", fits, ~decided)
    )
    # A union has each report once.
    return [Due(*row) for row in db.session.execute(union(scheduled, closed).order_by("run"))]


@dataclass(frozen=True)
class Written:
    """What came of a due report: an outcome and, where it is mailed, the mail."""

    outcome: str
    dedup_key: str = ""
    subject: str = ""
    text: str = ""
    attachment: tuple[str, bytes] | None = None


def write_report(due: Due, settings: Settings) -> Written:
    """Read and typeset a report, or tell why it is not mailed; changes nothing.

    Typesetting takes a while: do it in a transaction that only reads.
    """
    run = db.session.get_one(ScoreRun, due.run_id)
    scope = scope_seen_by(db.session.get_one(User, due.user_id), due.scope_type, due.scope_id)
    if scope is None:
        return Written("no_right")
    report = read_report(run, scope, settings)
    if report.is_empty:
        return Written("nothing")
    return Written(
        "mailed",
        f"report {run.public_id} {scope.label}",
        write_subject(report),
        write_text(report, settings.address),
        (file_name(report), write_pdf(report)),
    )


def deliver(due: Due, written: Written, now: datetime) -> ReportDelivery | None:
    """Note what was decided, and queue the mail; None if another worker has done it.

    Who lost the right since the report was written gets none.
    """
    user = db.session.get_one(User, due.user_id)
    outcome = written.outcome
    if scope_seen_by(user, due.scope_type, due.scope_id) is None:
        outcome = "no_right"
    delivery = ReportDelivery(**vars(due), outcome=outcome, decided_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(delivery)
            db.session.flush()
    except IntegrityError:
        return None
    if outcome == "mailed":
        mail = queue_mail(
            user, written.dedup_key, written.subject, written.text, now, written.attachment
        )
        delivery.mail_id = mail.id if mail is not None else None
        db.session.flush()
    return delivery


def stop_without_right(now: datetime) -> None:
    """Do not send a report whose mail still waits when its user has lost the right to it."""
    waiting = db.session.scalars(
        select(ReportDelivery)
        .join(ReportDelivery.mail)
        .where(ReportDelivery.outcome == "mailed", StaffMail.state == "queued")
    )
    for delivery in waiting.all():
        mail = delivery.mail
        assert mail is not None
        if scope_seen_by(mail.user, delivery.scope_type, delivery.scope_id) is not None:
            continue
        # Unless a worker has taken it in the meantime: then it is on its way.
        stopped = db.session.execute(
            update(StaffMail)
            .where(StaffMail.id == mail.id, StaffMail.state == "queued")
            .values(state="failed", error="The user may not see these results any more.")
            .execution_options(synchronize_session=False)
        )
        if stopped.rowcount:  # type: ignore[attr-defined]
            delivery.outcome, delivery.decided_at = "no_right", now
        db.session.expire(mail)
    db.session.flush()
