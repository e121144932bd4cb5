"""Reports on their way to subscribers: which are due, and each written or, without right, not.

The right is looked at when the report is written and again while its mail waits to be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, union
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


def deliver(due: Due, settings: Settings, now: datetime) -> ReportDelivery | None:
    """Write the report's mail, or note why there is none; None if another worker has done it."""
    run = db.session.get_one(ScoreRun, due.run_id)
    user = db.session.get_one(User, due.user_id)
    delivery = ReportDelivery(
        run_id=run.id,
        user_id=user.id,
        scope_type=due.scope_type,
        scope_id=due.scope_id,
        outcome="mailed",
        decided_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(delivery)
            db.session.flush()
    except IntegrityError:
        return None
    scope = scope_seen_by(user, due.scope_type, due.scope_id)
    if scope is None:
        delivery.outcome = "no_right"
        return delivery
    report = read_report(run, scope, settings)
    if report.is_empty:
        delivery.outcome = "nothing"
        return delivery
    mail = queue_mail(
        user,
        f"report {run.public_id} {scope.label}",
        write_subject(report),
        write_text(report, settings.address),
        now,
        (file_name(report), write_pdf(report)),
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
        if scope_seen_by(mail.user, delivery.scope_type, delivery.scope_id) is None:
            mail.state = "failed"
            mail.error = "The user may not see these results any more."
            delivery.outcome, delivery.decided_at = "no_right", now
    db.session.flush()
