"""What the worker does for visits: ask customers some days after theirs."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.exc import OperationalError

from survey_app.config import Settings
from survey_app.db import begin_reading, db, utc_now
from survey_app.invite.repeating import AFTER_VISIT
from survey_app.invite.sending_series import due_series, take_series
from survey_app.jobs import every_minute
from survey_app.visits.inviting import decide_on, end_turn, place_of, undecided_visits

log = logging.getLogger(__name__)


@every_minute
def ask_after_visits() -> None:
    """Do the turns that are due of series after visits; one that fails keeps no other waiting."""
    settings: Settings = current_app.config["SETTINGS"]
    begin_reading()
    due = due_series(AFTER_VISIT, utc_now())
    db.session.rollback()
    for series_id in due:
        try:
            _do_turn(series_id, settings.zone)
        except OperationalError:
            # The database is busy or away: it is tried again in a minute.
            raise
        except Exception:
            # It stays due and is tried again in a minute; the other series do not wait for it.
            db.session.rollback()
            log.exception("Customers could not be asked for the series %s", series_id)


def _do_turn(series_id: int, zone: ZoneInfo) -> None:
    """Decide on all visits of a turn, some in each transaction, so that nobody waits for long."""
    now, behind = utc_now(), None
    while (series := take_series(series_id, now)) is not None:
        visits = undecided_visits(series, zone, now, behind)
        if visits:
            behind = place_of(visits[-1])
            decide_on(series, visits, zone, now)
        else:
            end_turn(series, zone, now)
        db.session.commit()
    db.session.rollback()
