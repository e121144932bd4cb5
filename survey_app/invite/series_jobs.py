"""What the worker does for campaigns that come again each month."""

from __future__ import annotations

import logging

from flask import current_app
from sqlalchemy.exc import OperationalError

from survey_app.config import Settings
from survey_app.db import begin_reading, db, utc_now
from survey_app.invite.repeating import MONTHLY
from survey_app.invite.sending_series import due_series, send_turn, take_series
from survey_app.jobs import commit_work, every_minute

log = logging.getLogger(__name__)


@every_minute
def send_series() -> None:
    """Send the monthly series that are due; one that fails keeps no other waiting."""
    settings: Settings = current_app.config["SETTINGS"]
    begin_reading()
    due = due_series(MONTHLY, utc_now())
    db.session.rollback()
    for series_id in due:
        now = utc_now()
        try:
            series = take_series(series_id, now)
            if series is not None:
                send_turn(series, settings.zone, now)
            commit_work()
        except OperationalError:
            # The database is busy or away: it is tried again in a minute.
            raise
        except Exception:
            # It stays due and is tried again in a minute; the other series do not wait for it.
            db.session.rollback()
            log.exception("The turn of the series %s could not be sent", series_id)
