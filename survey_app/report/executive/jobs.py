"""Reports for subscribers, in the worker: looked for in the tables every minute."""

from __future__ import annotations

import logging

from flask import current_app

from survey_app.config import Settings
from survey_app.db import begin_reading, db, utc_now
from survey_app.jobs import dispatch_queued, every_minute
from survey_app.report.executive.delivering import (
    deliver,
    find_due,
    stop_without_right,
    write_report,
)

log = logging.getLogger(__name__)


@every_minute
def send_reports() -> None:
    """Write the mails of reports that are due; one that fails keeps no other from its reader."""
    settings: Settings = current_app.config["SETTINGS"]
    stop_without_right(utc_now())
    db.session.commit()
    due = find_due()
    db.session.rollback()
    for one in due:
        try:
            begin_reading()
            written = write_report(one, settings)
            db.session.rollback()
            deliver(one, written, utc_now())
            db.session.commit()
        except Exception:
            # Whatever it is: it concerns one report, and the log has all of it.
            db.session.rollback()
            log.exception("The report of run %s was not written; tried again soon.", one.run_id)
        else:
            dispatch_queued()
