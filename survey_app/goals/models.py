"""Tables of goals, of KPI definitions by version, and of targets by date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Json, UtcDateTime, db

SCOPE_TYPES = ("all", "unit", "representative")
TARGET_SOURCES = ("agreed", "default", "placeholder")


class Goal(db.Model):
    """What the organisation wants, in words, with the weight it has among the goals."""

    __tablename__ = "goal"
    __table_args__ = (
        CheckConstraint("weight >= 0", name="weight"),
        CheckConstraint("least_coverage >= 0 AND least_coverage <= 1", name="least_coverage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    aim: Mapped[str] = mapped_column(Text, default="")
    vision: Mapped[str] = mapped_column(Text, default="")
    weight: Mapped[float] = mapped_column(default=1.0)
    # Share of the weight of its KPIs that must have a score before the goal gets one.
    least_coverage: Mapped[float] = mapped_column(default=0.5)
    position: Mapped[int]


class KpiDefinition(db.Model):
    """One version of a KPI's definition; the highest version is the present one."""

    __tablename__ = "kpi_definition"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63))
    version: Mapped[int]
    goal_key: Mapped[str] = mapped_column(ForeignKey("goal.key", ondelete="RESTRICT"), index=True)
    # As in a scorebook, without `id`, `version` and `goal`, which are the columns above.
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    # A retired version ends the KPI: it is scored no more until another version follows.
    retired: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class Target(db.Model):
    """A value to reach, for whom and from when; rows are only ever added, the latest one holds."""

    __tablename__ = "target"
    __table_args__ = (
        CheckConstraint("scope_type IN ('all', 'unit', 'representative')", name="scope_type"),
        CheckConstraint("(scope_type = 'all') = (scope_key = '')", name="scope_key"),
        CheckConstraint("source IN ('agreed', 'default', 'placeholder')", name="source"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid_to"),
        Index(None, "kpi_key", "scope_type", "scope_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kpi_key: Mapped[str] = mapped_column(String(63))
    scope_type: Mapped[str] = mapped_column(String(20))
    scope_key: Mapped[str] = mapped_column(String(63), default="")
    value: Mapped[float]
    valid_from: Mapped[date]
    # The first day on which it holds no more.
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
