"""Tables of goals, KPI definitions, dated targets, KPI sets, and what holds for every run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Json, UtcDateTime, db

SCOPE_TYPES = ("all", "unit", "representative")
TARGET_SOURCES = ("agreed", "default", "placeholder")
# The only row of `scoring_rules`.
ONLY_ROW = 1


class Goal(db.Model):
    """What the organisation wants, in words, with the weight it has among the goals beside it.

    Goals are a tree: one without a parent stands at the top.
    """

    __tablename__ = "goal"
    __table_args__ = (
        CheckConstraint("weight >= 0", name="weight"),
        CheckConstraint("least_coverage >= 0 AND least_coverage <= 1", name="least_coverage"),
        CheckConstraint("parent_key IS NULL OR parent_key <> key", name="not_its_own_parent"),
        CheckConstraint("horizon IN ('', 'short_term', 'long_term')", name="horizon"),
        CheckConstraint("aggregation IN ('arithmetic', 'geometric')", name="aggregation"),
        CheckConstraint("target IS NULL OR (target >= 0 AND target <= 100)", name="target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    aim: Mapped[str] = mapped_column(Text, default="")
    vision: Mapped[str] = mapped_column(Text, default="")
    weight: Mapped[float] = mapped_column(default=1.0)
    # Share of the weight of its KPIs that must have a score before the goal gets one.
    least_coverage: Mapped[float] = mapped_column(default=0.5)
    # Order among the goals of one parent.
    position: Mapped[int]
    parent_key: Mapped[str | None] = mapped_column(
        ForeignKey("goal.key", ondelete="RESTRICT"), index=True
    )
    # A name as people say it: who answers for a goal need not sign in.
    owner: Mapped[str] = mapped_column(String(120), default="", server_default="")
    horizon: Mapped[str] = mapped_column(String(20), default="", server_default="")
    aggregation: Mapped[str] = mapped_column(
        String(20), default="arithmetic", server_default="arithmetic"
    )
    # The score from which on the goal is met.
    target: Mapped[float | None]
    # Runs leave it out; what was scored for it stays.
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())


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
        CheckConstraint("at_setting IS NULL OR at_setting > 0", name="at_setting"),
        CheckConstraint("elasticity_source IN ('given', 'estimated')", name="elasticity_source"),
        CheckConstraint(
            "(index_measure = '') = (at_setting IS NULL) AND "
            "(index_measure = '') = (elasticity IS NULL) AND "
            "(index_measure = '') = (justification = '')",
            name="adjustment_whole",
        ),
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
    # Local conditions: value x (index now / at_setting) ^ elasticity; all of it or nothing.
    index_measure: Mapped[str] = mapped_column(String(63), default="", server_default="")
    at_setting: Mapped[float | None]
    elasticity: Mapped[float | None]
    elasticity_source: Mapped[str] = mapped_column(
        String(20), default="given", server_default="given"
    )
    justification: Mapped[str] = mapped_column(Text, default="", server_default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class KpiSet(db.Model):
    """Which KPIs count for representatives of one role; a KPI in no set counts for everybody.

    `kpis` are pairs of a KPI's key and its weight in the set, None for the KPI's own; a unit stands
    for all representatives in it and below. Runs keep the sets that they were made with.
    """

    __tablename__ = "kpi_set"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(Text, default="")
    kpis: Mapped[list[Any]] = mapped_column(Json)
    units: Mapped[list[str]] = mapped_column(Json)
    representatives: Mapped[list[str]] = mapped_column(Json)


class ScoringRules(db.Model):
    """What holds for every run; one row, or none while all is at its default."""

    __tablename__ = "scoring_rules"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("minimum_n >= 1", name="minimum_n"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Cells of fewer people are withheld.
    minimum_n: Mapped[int]
