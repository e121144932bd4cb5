"""Where bounces are fetched from, and how that goes."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from survey_app.config import Settings
from survey_app.db import db
from survey_app.invite.bounces.boxes import Box
from survey_app.invite.bounces.imap import ImapBox
from survey_app.invite.bounces.maildirs import Maildir
from survey_app.invite.bounces.models import BounceFetching

log = logging.getLogger(__name__)

# A server that does not answer is left alone for a while: other jobs wait meanwhile, and many
# wrong passwords in a row lock an account.
PAUSE_AFTER_TROUBLE = timedelta(minutes=5)


def open_box(settings: Settings) -> Box | None:
    """The box that bounces are fetched from; a connection is made when it is first asked."""
    if settings.bounce_maildir:
        return Maildir(Path(settings.bounce_maildir))
    return ImapBox(settings.bounce_imap) if settings.bounce_imap else None


def describe_box(settings: Settings) -> str:
    """Where bounces are fetched from, for people and without a password; '' if from nowhere."""
    if settings.bounce_maildir:
        return f"the maildir {settings.bounce_maildir}"
    return f"the mailbox {ImapBox(settings.bounce_imap)}" if settings.bounce_imap else ""


def fetching_state() -> BounceFetching:
    """How the fetching goes."""
    return db.session.get_one(BounceFetching, 1)


def begin_fetching(now: datetime) -> bool:
    """Note an attempt; False, and nothing noted, while a pause after trouble lasts."""
    state = db.session.get_one(BounceFetching, 1, with_for_update=True, populate_existing=True)
    if state.trouble and state.tried_at and now < state.tried_at + PAUSE_AFTER_TROUBLE:
        return False
    state.tried_at = now
    return True


def end_fetching(trouble: str, now: datetime) -> None:
    """Note how an attempt ended, '' for well; what has changed since the last one is logged."""
    state = db.session.get_one(BounceFetching, 1, with_for_update=True, populate_existing=True)
    if trouble and not state.trouble:
        log.error("Bounces cannot be fetched: %s", trouble)
        state.troubled_since = now
    elif state.trouble and not trouble:
        log.warning("Bounces are fetched again.")
        state.troubled_since = None
    if not trouble:
        state.worked_at = now
    state.trouble = trouble
    db.session.flush()
