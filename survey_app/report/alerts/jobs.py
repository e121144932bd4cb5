"""Looking for alerts once a minute, in the worker."""

from __future__ import annotations

import logging

from flask import current_app
from sqlalchemy.exc import OperationalError

from survey_app.config import Settings
from survey_app.db import begin_reading, db, utc_now
from survey_app.jobs import dispatch_queued, every_minute
from survey_app.report.alerts.announcing import announce_alerts
from survey_app.report.alerts.telling import tell_subscribers
from survey_app.report.alerts.watching import lock_watch, look_at_figures, next_run, note_look

log = logging.getLogger(__name__)


@every_minute
def watch_for_alerts() -> None:
    """Look at every run that has come to count, in order, then at figures; then write the mails.

    What a look raised is stored in one transaction with the look, under a lock: of two workers one
    waits, and finds nothing left to do.
    """
    settings: Settings = current_app.config["SETTINGS"]
    while _look_at_next(settings):
        pass
    announce_alerts(look_at_figures(lock_watch(), utc_now(), settings.zone), settings)
    tell_subscribers(utc_now(), settings)
    db.session.commit()
    dispatch_queued()


def _look_at_next(settings: Settings) -> bool:
    """Look at the next run, if there is one; one that fails does not keep later ones waiting."""
    from survey_app.report.alerts.looking import look_at_run, read_numbers

    begin_reading()
    run = next_run()
    if run is None:
        db.session.rollback()
        return False
    now, run_id = utc_now(), run.id
    try:
        judge = read_numbers(run, settings.zone)
        # Nobody had to wait for the reading; from here on it is short.
        db.session.rollback()
        if _take(run_id):
            raised = [] if judge is None else look_at_run(run, judge, now)
            announce_alerts(raised, settings)
            note_look(run, now)
    except OperationalError:
        # The database is busy or away: it is tried again in a minute.
        raise
    except Exception as error:
        db.session.rollback()
        log.exception("The run %s could not be looked at for alerts", run_id)
        if _take(run_id):
            trouble = f"{type(error).__name__}; the details are in the server's log."
            note_look(run, now, trouble)
    db.session.commit()
    return True


def _take(run_id: int) -> bool:
    """Lock the watch; whether the run is still the next one to be looked at."""
    lock_watch()
    run = next_run()
    return run is not None and run.id == run_id
