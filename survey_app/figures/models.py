"""Tables of imported figures: a value for each measure, unit, representative and month."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.db import UtcDateTime, db
from survey_app.organisation.models import Representative, Unit

KINDS = {
    "flow": "flow: adds up over months, like sales",
    "stock": "stock: a level at a point in time, like a head count",
}


class Measure(db.Model):
    """What is counted, and in which unit of measurement."""

    __tablename__ = "measure"
    __table_args__ = (CheckConstraint("kind IN ('flow', 'stock')", name="kind_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    unit_of_measure: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(5))


class FigureBatch(db.Model):
    """One imported file of figures; an undone one counts no longer, but stays on record."""

    __tablename__ = "figure_batch"
    __table_args__ = (
        CheckConstraint("undone_at IS NULL OR undone_at >= imported_at", name="undone_later"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Figure(db.Model):
    """One value of one row of a file.

    Measure, unit, representative and period are its natural key: of all figures that share it, the
    one of the newest batch that is not undone is current. `representative_key` is '' where there is
    no representative, because a unique constraint would take two NULLs for different values.
    """

    __tablename__ = "figure"
    __table_args__ = (
        UniqueConstraint("batch_id", "measure_id", "unit_id", "representative_key", "period_start"),
        CheckConstraint(
            "(representative_id IS NULL) = (representative_key = '')", name="representative_or_none"
        ),
        CheckConstraint("row_number >= 2", name="row_below_header"),
        Index("ix_figure_measure_id_period_start", "measure_id", "period_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("figure_batch.id", ondelete="RESTRICT"))
    row_number: Mapped[int]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id", ondelete="RESTRICT"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    representative_id: Mapped[int | None] = mapped_column(
        ForeignKey("representative.id", ondelete="RESTRICT")
    )
    representative_key: Mapped[str] = mapped_column(String(63), default="")
    period_start: Mapped[date] = mapped_column(index=True)
    value: Mapped[float]
    batch: Mapped[FigureBatch] = relationship()
    measure: Mapped[Measure] = relationship()
    unit: Mapped[Unit] = relationship()
    representative: Mapped[Representative | None] = relationship()
