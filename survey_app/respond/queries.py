"""Reading what was imported."""

from __future__ import annotations

from sqlalchemy import select

from survey_app.db import db
from survey_app.organisation.sight import Sight
from survey_app.respond.models import AnswerBatch, Response


def recent_batches(within: Sight, most: int = 20) -> list[AnswerBatch]:
    """The newest imported files that have answers of units in sight alone."""
    query = select(AnswerBatch).order_by(AnswerBatch.imported_at.desc(), AnswerBatch.id.desc())
    if within is not None:
        foreign = select(Response.batch_id).where(
            Response.batch_id.is_not(None),
            Response.unit_id.is_(None) | Response.unit_id.not_in(within),
        )
        query = query.where(AnswerBatch.id.not_in(foreign))
    return list(db.session.scalars(query.limit(most)))
