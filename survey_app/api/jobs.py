"""Clearing away what the API kept for requests sent twice."""

from __future__ import annotations

from survey_app.api.idempotency import forget_answers
from survey_app.db import db, utc_now
from survey_app.jobs import every_minute


@every_minute
def forget_old_answers() -> None:
    """Delete the answers that were kept for a day."""
    forget_answers(utc_now())
    db.session.commit()
