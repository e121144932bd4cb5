"""Looking for alerts once a minute, in the worker."""

from __future__ import annotations

import logging

from flask import current_app
from sqlalchemy.exc import OperationalError

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.jobs import dispatch_queued, every_minute
from survey_app.report.alerts.announcing import announce_alerts
from survey_app.report.alerts.models import Alert
from survey_app.report.alerts.telling import tell_subscribers
from survey_app.report.alerts.watching import lock_watch, look_at_figures, next_run, note_look
from survey_app.report.models import ScoreRun

log = logging.getLogger(__name__)


@every_minute
def watch_for_alerts() -> None:
    """Look at every run that has come to count, in order, then at figures; then write the mails.

    Each look is one transaction with what it raised, under a lock: of two workers one waits, and
    finds nothing left to do.
    """
    settings: Settings = current_app.config["SETTINGS"]
    while True:
        lock_watch()
        run = next_run()
        if run is None:
            break
        _look(run, settings)
        db.session.commit()
    announce_alerts(look_at_figures(lock_watch(), utc_now(), settings.zone), settings)
    tell_subscribers(utc_now(), settings)
    db.session.commit()
    dispatch_queued()


def _look(run: ScoreRun, settings: Settings) -> None:
    """Look at one run; one that cannot be looked at does not keep the later ones waiting."""
    from survey_app.report.alerts.looking import look_at_run

    now, run_id = utc_now(), run.id
    try:
        raised: list[Alert] = look_at_run(run, now, settings.zone)
        announce_alerts(raised, settings)
        note_look(run, now)
    except OperationalError:
        # The database is busy or away: it is tried again in a minute.
        raise
    except Exception as error:
        db.session.rollback()
        log.exception("The run %s could not be looked at for alerts", run_id)
        lock_watch()
        trouble = f"{type(error).__name__}; the details are in the server's log."
        note_look(db.session.get_one(ScoreRun, run_id), now, trouble)
