"""Fetching bounces once a minute, in the worker; nothing is locked while a server is asked."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing

from flask import current_app
from sqlalchemy.exc import IntegrityError, OperationalError

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.invite.bounces.boxes import Box, BoxTrouble
from survey_app.invite.bounces.fetching import begin_fetching, end_fetching, open_box
from survey_app.invite.bounces.reading import read_report
from survey_app.invite.bounces.recording import record_report
from survey_app.jobs import every_minute

log = logging.getLogger(__name__)

MOST_A_RUN = 500
# One run is short, so that other jobs get their turn between two of them.
SECONDS_A_RUN = 20.0
# What became of a message, beside the kinds of reports.
BROKEN, NOTHING = "broken", "nothing"


@every_minute
def fetch_reports() -> None:
    """Fetch what has come, at most MOST_A_RUN messages; the rest waits for the next minute."""
    settings: Settings = current_app.config["SETTINGS"]
    box = open_box(settings)
    if box is None:
        return
    due = begin_fetching(utc_now())
    db.session.commit()
    if not due:
        return
    trouble = ""
    try:
        with closing(box):
            _read_for_a_while(box, settings)
    except BoxTrouble as error:
        trouble = error.message
    end_fetching(trouble, utc_now())
    db.session.commit()


def read_messages(box: Box, keys: Iterable[str], settings: Settings) -> Counter[str]:
    """Record these messages of a box, each stored before it is marked; how many were of a kind.

    Whoever is stopped between the two reads the message once more, which changes nothing.
    """
    counts: Counter[str] = Counter()
    for key, content in box.fetch(list(keys)):
        outcome = _take(key, content, settings)
        db.session.commit()
        box.mark(key, broken=outcome == BROKEN)
        counts[outcome] += 1
    return counts


def _read_for_a_while(box: Box, settings: Settings) -> None:
    end = time.monotonic() + SECONDS_A_RUN
    for key in box.unread(MOST_A_RUN):
        read_messages(box, [key], settings)
        if time.monotonic() > end:
            return


def _take(key: str, content: bytes, settings: Settings) -> str:
    """What a message turned out to be; one that breaks the reader stops no other one."""
    try:
        report = read_report(content, settings)
        if report is None or not record_report(report, utc_now()):
            return NOTHING
    except (IntegrityError, OperationalError):
        # The message is innocent, the database busy: it stays unread and is tried again.
        raise
    except Exception:
        db.session.rollback()
        # Its key and not its words: they are somebody's mail.
        log.exception("The message %s among the bounces could not be read", key)
        return BROKEN
    return report.kind
