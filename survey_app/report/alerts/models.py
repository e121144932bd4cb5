"""Tables of alerts, of what became of them, of their rules, and of who is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.accounts.models import User
from survey_app.db import Json, UtcDateTime, db
from survey_app.report.models import ScoreRun

KIND_KNOWN = (
    "kind IN ('verdict_turned', 'control_limits', 'response_low', 'figures_late')"  # see `kinds`
)


class Alert(db.Model):
    """Something was found in the numbers; what became of it is in its events.

    What was found is never changed. The same finding is one alert, however often it is found again.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint(
            "kind",
            "subject_type",
            "subject_id",
            "scope_type",
            "scope_id",
            "period_label",
            "direction",
            name="uq_alert_kind_place_period_direction",
        ),
        CheckConstraint(KIND_KNOWN, name="kind"),
        CheckConstraint("subject_type IN ('kpi', 'goal', 'measure')", name="subject_type"),
        CheckConstraint("scope_type IN ('all', 'unit', 'representative')", name="scope_type"),
        CheckConstraint("resolved_by_id IS NULL OR resolved_at IS NOT NULL", name="resolved"),
        Index(None, "scope_type", "scope_id"),
        Index(None, "resolved_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(20))
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(63))
    subject_name: Mapped[str] = mapped_column(String(200))
    scope_type: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[str] = mapped_column(String(63))
    scope_name: Mapped[str] = mapped_column(String(200))
    period_type: Mapped[str] = mapped_column(String(20))
    period_label: Mapped[str] = mapped_column(String(40))
    period_start: Mapped[date]
    # The run in which it was found; late figures are found without one.
    run_id: Mapped[int | None] = mapped_column(ForeignKey("score_run.id", ondelete="SET NULL"))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    title: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    # The numbers it rests on.
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    # How it stands now; when and why it came to that is in the events.
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("score_run.id", ondelete="SET NULL")
    )
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    run: Mapped[ScoreRun | None] = relationship(foreign_keys=[run_id])


class AlertEvent(db.Model):
    """What became of an alert; rows are only ever added."""

    __tablename__ = "alert_event"
    __table_args__ = (
        CheckConstraint("what IN ('raised', 'resolved', 'reopened', 'acknowledged')", name="what"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("score_run.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(Text, default="")
    user: Mapped[User | None] = relationship()
    run: Mapped[ScoreRun | None] = relationship()


class AlertRule(db.Model):
    """What a manager has changed of a kind's rule; a kind without a row follows its default."""

    __tablename__ = "alert_rule"
    __table_args__ = (CheckConstraint(KIND_KNOWN, name="kind"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    enabled: Mapped[bool]
    limit_value: Mapped[float | None]
    subjects: Mapped[list[str]] = mapped_column(Json, default=list)
    scopes: Mapped[list[str]] = mapped_column(Json, default=list)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class AlertSubscription(db.Model):
    """Which alerts a user wants by mail, and when; without a row they get none."""

    __tablename__ = "alert_subscription"
    __table_args__ = (
        CheckConstraint("delivery IN ('at_once', 'daily')", name="delivery"),
        CheckConstraint("hour >= 0 AND hour <= 23", name="hour"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    kinds: Mapped[list[str]] = mapped_column(Json)
    # As in a rule; none means everything in sight.
    scopes: Mapped[list[str]] = mapped_column(Json)
    delivery: Mapped[str] = mapped_column(String(10))
    # In the organisation's zone.
    hour: Mapped[int]
    # The latest day that has had its mail.
    told_on: Mapped[date]
    # The latest alert that was told, or passed over.
    told_alert_id: Mapped[int]
    user: Mapped[User] = relationship()


class AlertLook(db.Model):
    """By which run a period was looked at; when another run counts, it is looked at again."""

    __tablename__ = "alert_look"

    period_label: Mapped[str] = mapped_column(String(40), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id", ondelete="CASCADE"), index=True)
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Why the look failed, if it did.
    trouble: Mapped[str] = mapped_column(Text, default="")


class AlertWatch(db.Model):
    """The one row that a worker locks while it looks for alerts, so that no other does."""

    __tablename__ = "alert_watch"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The latest day, in the organisation's zone, on which late figures were looked for.
    figures_checked_on: Mapped[date | None]
