"""Saying that an alert was seen, and what is done about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from survey_app.accounts.auditing import acting_user_id
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.report.alerts.models import Alert, AlertEvent

LONGEST_NOTE = 2000


def acknowledge_alert(alert: Alert, note: str, now: datetime) -> list[Problem]:
    """Note who has seen the alert, with their words; the first one's stay.

    An alert that somebody has acknowledged already is left as it is, and that is told.
    """
    if len(note) > LONGEST_NOTE:
        message = f"The note has {len(note)} characters; shorten it to {LONGEST_NOTE}."
        return [Problem("note", "too_long", message)]
    taken = db.session.execute(
        update(Alert)
        .where(Alert.id == alert.id, Alert.acknowledged_at.is_(None))
        .values(acknowledged_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(alert)
    if not taken.rowcount:  # type: ignore[attr-defined]
        message = "Somebody has acknowledged this alert already: their note is below."
        return [Problem("", "acknowledged", message)]
    db.session.add(
        AlertEvent(
            alert_id=alert.id,
            what="acknowledged",
            at=now,
            user_id=acting_user_id(),
            note=note.strip(),
        )
    )
    db.session.flush()
    return []
