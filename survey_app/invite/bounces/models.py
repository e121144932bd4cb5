"""The table of fetching: when bounces were last fetched, and what is in the way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import UtcDateTime, db


class BounceFetching(db.Model):
    """How the fetching of bounces goes; the one row has the id 1.

    `tried_at` is the last attempt, `worked_at` the last one that worked. `trouble` is why the last
    one did not, '' if it did, and `troubled_since` is when that began.
    """

    __tablename__ = "bounce_fetching"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(Text, default="", server_default="")
    troubled_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
