"""Tables of timed visits: a process is a sequence of stages, a visit goes through it once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.accounts.models import User
from survey_app.db import Json, UtcDateTime, db
from survey_app.organisation.models import Representative, Unit

OUTCOMES = {
    "completed": "completed",
    "called_back": "called back",
    "left": "customer left",
}


class Process(db.Model):
    """An ordered sequence of stages that visits go through."""

    __tablename__ = "process"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    stages: Mapped[list[ProcessStage]] = relationship(
        order_by="ProcessStage.position", back_populates="process", cascade="all, delete-orphan"
    )


class ProcessStage(db.Model):
    """One stage; `position` counts from 1."""

    __tablename__ = "process_stage"
    __table_args__ = (
        UniqueConstraint("process_id", "key"),
        UniqueConstraint("process_id", "position", name="uq_process_stage_position"),
        CheckConstraint("position >= 1", name="position_from_1"),
        # 'end' names the end of the whole visit wherever durations are read.
        CheckConstraint("key <> 'end'", name="end_is_no_stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(120))
    process: Mapped[Process] = relationship(back_populates="stages")


class VisitBatch(db.Model):
    """One imported file of visits."""

    __tablename__ = "visit_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id", ondelete="RESTRICT"))
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    process: Mapped[Process] = relationship()


class Visit(db.Model):
    """One visit: its start, and its end with an outcome once there is one.

    Without an end it is open: still running, or, with `observed_until`, last seen open at that
    moment (the cut-off of an import). `idle_seconds` is time within the visit during which nothing
    was done for the customer; it is recorded beside the durations, never taken off them. A `void`
    visit never took place, and counts nowhere.
    """

    __tablename__ = "visit"
    __table_args__ = (
        # External ids are NULL for visits timed here; those are told apart by `public_id`.
        UniqueConstraint("process_id", "external_id"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="end_has_outcome"),
        CheckConstraint("outcome IN ('completed', 'called_back', 'left')", name="outcome_known"),
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        CheckConstraint(
            "observed_until IS NULL OR (ended_at IS NULL AND observed_until >= started_at)",
            name="observed_while_open",
        ),
        CheckConstraint("idle_seconds >= 0", name="idle_not_negative"),
        Index("ix_visit_unit_id_started_at", "unit_id", "started_at"),
        Index("ix_visit_representative_id_started_at", "representative_id", "started_at"),
        Index("ix_visit_process_id_ended_at", "process_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id", ondelete="RESTRICT"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    representative_id: Mapped[int | None] = mapped_column(
        ForeignKey("representative.id", ondelete="RESTRICT")
    )
    customer: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(20))
    observed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    external_id: Mapped[str | None] = mapped_column(String(200))
    batch_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_batch.id", ondelete="RESTRICT"), index=True
    )
    idle_seconds: Mapped[float] = mapped_column(default=0.0)
    void: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    process: Mapped[Process] = relationship()
    unit: Mapped[Unit] = relationship()
    representative: Mapped[Representative | None] = relationship()
    events: Mapped[list[StageEvent]] = relationship(
        order_by="StageEvent.at, StageEvent.id", back_populates="visit"
    )
    corrections: Mapped[list[VisitCorrection]] = relationship(
        order_by="VisitCorrection.revision", back_populates="visit"
    )


class StageEvent(db.Model):
    """A visit reached a stage; once only, whoever taps twice."""

    __tablename__ = "stage_event"
    __table_args__ = (UniqueConstraint("visit_id", "stage_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("process_stage.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    visit: Mapped[Visit] = relationship(back_populates="events")
    stage: Mapped[ProcessStage] = relationship()


class VisitCorrection(db.Model):
    """A visit was corrected: why, by whom, and how it stood before.

    `before` has cells as `correcting.cells_of` gives them, moments in UTC. The first revision of a
    visit is what was timed or imported; `revision` is the one that this correction made.
    """

    __tablename__ = "visit_correction"
    __table_args__ = (
        UniqueConstraint("visit_id", "revision"),
        CheckConstraint("revision >= 2", name="revision_from_2"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    revision: Mapped[int]
    before: Mapped[dict[str, str]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(Text)
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrected_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    visit: Mapped[Visit] = relationship(back_populates="corrections")
    corrected_by: Mapped[User | None] = relationship()


class VisitFollowUp(db.Model):
    """A series has decided, once for each visit, whether its customer is asked about it.

    Corrections of the visit do not bring the decision up again.
    """

    __tablename__ = "visit_follow_up"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_series.id", ondelete="CASCADE"), primary_key=True
    )
    visit_id: Mapped[int] = mapped_column(
        ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    asked: Mapped[bool]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
