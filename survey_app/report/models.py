"""Tables of score runs and of the rows they scored."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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


class ScoreRow(db.Model):
    """One KPI for one scope in one window of a run; the document is the row of the scored CSV."""

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
    document: Mapped[dict[str, Any]] = mapped_column(Json)
