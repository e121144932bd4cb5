"""Tables of notes on reports, of who gets them by mail, and of what became of each mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.accounts.models import User
from survey_app.db import UtcDateTime, db
from survey_app.report.models import ScoreRun, StaffMail


class ReportNote(db.Model):
    """What a manager says about a scope in a run; never changed, at most withdrawn."""

    __tablename__ = "report_note"
    __table_args__ = (
        CheckConstraint("about IN ('all', 'goal', 'kpi')", name="about"),
        CheckConstraint("(about = 'all') = (about_id = '')", name="about_id"),
        CheckConstraint("text <> ''", name="text"),
        Index(None, "run_id", "scope_type", "scope_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Made by the page, so that a double click writes one note.
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id", ondelete="CASCADE"))
    scope_type: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[str] = mapped_column(String(63))
    about: Mapped[str] = mapped_column(String(10))
    about_id: Mapped[str] = mapped_column(String(63))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    # As it was when the note was written: who left the house is still named.
    author_name: Mapped[str] = mapped_column(String(254))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    run: Mapped[ScoreRun] = relationship()


class ReportSubscription(db.Model):
    """A user gets the report of a scope by mail, at every occasion of a kind."""

    __tablename__ = "report_subscription"
    __table_args__ = (
        CheckConstraint("occasion IN ('closed', 'scheduled')", name="occasion"),
        CheckConstraint("period_type IN ('any', 'month', 'quarter', 'year')", name="period_type"),
        UniqueConstraint("user_id", "scope_type", "scope_id", "occasion", "period_type"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    scope_type: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[str] = mapped_column(String(63))
    occasion: Mapped[str] = mapped_column(String(10))
    period_type: Mapped[str] = mapped_column(String(10))
    # What was scored or closed before it is not sent.
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    user: Mapped[User] = relationship(foreign_keys=[user_id])


class ReportDelivery(db.Model):
    """What became of the report of a scope in a run for one user: there is one mail, or none."""

    __tablename__ = "report_delivery"
    __table_args__ = (
        CheckConstraint("outcome IN ('mailed', 'no_right', 'nothing')", name="outcome"),
        UniqueConstraint("run_id", "user_id", "scope_type", "scope_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    scope_type: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[str] = mapped_column(String(63))
    outcome: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mail_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff_mail.id", ondelete="SET NULL"), index=True
    )
    run: Mapped[ScoreRun] = relationship()
    mail: Mapped[StaffMail | None] = relationship()
