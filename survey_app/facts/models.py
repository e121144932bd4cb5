"""Table of what was last written to Parquet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import UtcDateTime, db

KINDS = ("ratings", "durations", "figures")


class FactMonth(db.Model):
    """One file of facts: one kind, one month in the organisation's time zone."""

    __tablename__ = "fact_month"
    __table_args__ = (
        CheckConstraint("kind IN ('ratings', 'durations', 'figures')", name="kind"),
        CheckConstraint("row_count >= 0", name="row_count"),
    )

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    # What the sources looked like when the file was written: it changes when they do.
    fingerprint: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    built_at: Mapped[datetime] = mapped_column(UtcDateTime)
