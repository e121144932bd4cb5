"""Reading what was imported."""

from __future__ import annotations

from sqlalchemy import select

from survey_app.db import db
from survey_app.respond.models import AnswerBatch


def recent_batches(most: int = 20) -> list[AnswerBatch]:
    """The newest imported files."""
    query = select(AnswerBatch).order_by(AnswerBatch.imported_at.desc(), AnswerBatch.id.desc())
    return list(db.session.scalars(query.limit(most)))
