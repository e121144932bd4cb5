"""Undoing an import of figures: each of its figures falls back to the import before it."""

from __future__ import annotations

from datetime import datetime

from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.figures.models import FigureBatch
from survey_app.figures.queries import units_of_batch
from survey_app.organisation.sight import Sight


def undo_batch(
    batch: FigureBatch, now: datetime, within: Sight = None
) -> tuple[FigureBatch | None, list[Problem]]:
    """Take a batch out of what counts; its rows stay on record.

    `within` are the ids of the units whose figures may be changed, None for all.
    """
    if within is not None and units_of_batch(batch) - within:
        message = (
            "This file also has figures of units that you do not look after. Ask an "
            "administrator to undo it."
        )
        return None, [Problem(batch.filename, "forbidden", message)]
    db.session.refresh(batch, with_for_update=True)
    if batch.undone_at is not None:
        message = "This import was undone before. Nothing was changed."
        return None, [Problem(batch.filename, "undone", message)]
    batch.undone_at = now
    db.session.flush()
    return batch, []
