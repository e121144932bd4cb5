"""Tables of score runs, of what they scored, and of the periods that were closed with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.accounts.models import User
from survey_app.db import Json, UtcDateTime, db


class ScoreRun(db.Model):
    """One scoring of one period, with all that is needed to make it again."""

    __tablename__ = "score_run"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("period_type IN ('month', 'quarter', 'year', 'range')", name="period_type"),
        CheckConstraint("progress >= 0 AND progress <= 100", name="progress"),
        CheckConstraint("period_end > period_start", name="period_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    period_type: Mapped[str] = mapped_column(String(20))
    period_label: Mapped[str] = mapped_column(String(40))
    period_start: Mapped[date]
    period_end: Mapped[date]
    state: Mapped[str] = mapped_column(String(20), index=True)
    progress: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whose turn it is: a worker writes to a run only while its own claim stands.
    claim: Mapped[str] = mapped_column(String(36), default="")
    alive_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    scorebook: Mapped[str] = mapped_column(Text, default="", deferred=True)
    # What pages show of the scorebook, so that none of them has to read YAML.
    card: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, deferred=True)
    facts_hash: Mapped[str] = mapped_column(String(64), default="")
    code_version: Mapped[str] = mapped_column(String(40), default="")
    engine: Mapped[str] = mapped_column(String(20), default="")
    seed: Mapped[int]
    # Kind, month, SHA-256 and number of rows of every file of facts, as `facts_hash` sums them up.
    facts_files: Mapped[list[dict[str, Any]]] = mapped_column(
        Json, default=list, server_default=text("'[]'"), deferred=True
    )
    schedule_id: Mapped[int | None] = mapped_column(
        ForeignKey("run_schedule.id", ondelete="SET NULL")
    )


class ScoreRow(db.Model):
    """One KPI for one scope in one window of a run; the document is the row of the scored CSV.

    Of a breakdown it is one value of a dimension within the scope; both are '' for whole scopes.
    """

    __tablename__ = "score_row"
    __table_args__ = (
        UniqueConstraint("run_id", "position"),
        Index(None, "run_id", "scope_type", "scope_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id", ondelete="CASCADE"))
    position: Mapped[int]
    kpi_id: Mapped[str] = mapped_column(String(63))
    scope_type: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[str] = mapped_column(String(63))
    window: Mapped[str] = mapped_column(String(40))
    dimension: Mapped[str] = mapped_column(String(63), default="", server_default="")
    dimension_value: Mapped[str] = mapped_column(Text, default="", server_default="")
    document: Mapped[dict[str, Any]] = mapped_column(Json)


class GoalRow(db.Model):
    """One goal for one scope in one window of a run; the document has the columns of its table."""

    __tablename__ = "goal_row"
    __table_args__ = (
        UniqueConstraint("run_id", "position"),
        Index(None, "run_id", "scope_type", "scope_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id", ondelete="CASCADE"))
    position: Mapped[int]
    goal_id: Mapped[str] = mapped_column(String(63))
    scope_type: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[str] = mapped_column(String(63))
    window: Mapped[str] = mapped_column(String(40))
    document: Mapped[dict[str, Any]] = mapped_column(Json)


class Exhibit(db.Model):
    """What a run keeps beside a KPI's rows so that it can be drawn and traced to its sources.

    `kind` says what the document holds (see `analysis.exhibits`); what concerns all representatives
    together, or all KPIs of a goal, stands at the scope it was made for.
    """

    __tablename__ = "exhibit"
    __table_args__ = (UniqueConstraint("run_id", "kind", "kpi_id", "scope_type", "scope_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    kpi_id: Mapped[str] = mapped_column(String(63))
    scope_type: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[str] = mapped_column(String(63))
    document: Mapped[dict[str, Any]] = mapped_column(Json)


class RunSchedule(db.Model):
    """Every month, quarter or year is scored by itself, so many days after its end."""

    __tablename__ = "run_schedule"
    __table_args__ = (
        CheckConstraint("period_type IN ('month', 'quarter', 'year')", name="period_type"),
        CheckConstraint("days_after >= 0 AND days_after <= 90", name="days_after"),
        UniqueConstraint("period_type", "days_after"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period_type: Mapped[str] = mapped_column(String(20))
    days_after: Mapped[int]
    # Periods that ended before it are not scored by it.
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class PeriodClosing(db.Model):
    """A period is closed with one run, whose numbers are the ones that count; or was reopened."""

    __tablename__ = "period_closing"
    __table_args__ = (
        # True while it is closed, else NULL: the database itself allows one of a period only.
        UniqueConstraint("period_label", "is_closed"),
        CheckConstraint("is_closed IS NULL OR is_closed", name="closed_or_null"),
        CheckConstraint("(is_closed IS NULL) = (reopened_at IS NOT NULL)", name="reopened"),
        CheckConstraint("reopened_at IS NULL OR reopen_reason <> ''", name="reason_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period_label: Mapped[str] = mapped_column(String(40))
    # A run that a period was closed with is never deleted.
    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id", ondelete="RESTRICT"), index=True)
    is_closed: Mapped[bool | None] = mapped_column(default=True)
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(Text, default="")
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    reopen_reason: Mapped[str] = mapped_column(Text, default="")
    run: Mapped[ScoreRun] = relationship()


class StaffMail(db.Model):
    """A mail to a user on its way: a report or an alert; sent by the worker.

    `dedup_key` names what it is about: written twice, it is sent once. Times, attempts and claims
    are those of the invitations' outbox.
    """

    __tablename__ = "staff_mail"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="state"),
        UniqueConstraint("user_id", "dedup_key"),
        Index(None, "state", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    dedup_key: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    attachment_name: Mapped[str] = mapped_column(String(120), default="")
    attachment: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    user: Mapped[User] = relationship()
