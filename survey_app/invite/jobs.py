"""Sending what waits in the outbox, in the worker; nothing is locked while a server is asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from flask import current_app
from sqlalchemy import Connection

from survey_app.config import Settings
from survey_app.db import begin_reading, db, loosely_written, utc_now
from survey_app.invite.delivering import Deferred, Post, Refused, Unreachable, WireMail, open_post
from survey_app.invite.encoding import Writer, make_writer
from survey_app.invite.mailing import (
    CLAIM_HOLDS,
    ClaimedMail,
    claim_mails,
    drop_ended,
    postpone,
    record_failed,
    record_sent,
    release,
    somebody_sends,
    take_back,
)
from survey_app.invite.pausing import pause_where_mails_bounce
from survey_app.invite.reminding import is_reminder_due, write_reminders
from survey_app.invite.suppressing import suppress
from survey_app.jobs import dispatch_queued, enqueue, every_minute, job

log = logging.getLogger(__name__)

BATCH = 200
# One run is short, so that other jobs get their turn between two of them.
SECONDS_A_RUN = 20.0
# Well before a claim ends, the rest of a slow batch is given back instead of sent twice.
CLAIM_USED = CLAIM_HOLDS / 2


@job
def send_mails() -> None:
    """Send mails that are due; if some are left after SECONDS_A_RUN, ask for another run."""
    settings: Settings = current_app.config["SETTINGS"]
    end = time.monotonic() + SECONDS_A_RUN
    with closing(open_post(settings)) as post:
        while True:
            now = utc_now()
            drop_ended(now)
            pause_where_mails_bounce(now)
            mails = claim_mails(BATCH, now, settings.zone)
            # Only now are the links valid and the mails this worker's own.
            db.session.commit()
            if not mails or not _send_batch(post, mails, settings):
                return
            if time.monotonic() > end:
                break
    enqueue(send_mails)
    dispatch_queued()


@every_minute
def look_for_mails() -> None:
    """Take up what a lost job, a dead worker or a pause between attempts has left waiting."""
    now = utc_now()
    settings: Settings = current_app.config["SETTINGS"]
    # Most minutes there is nothing to remind of: that is found without keeping a writer waiting.
    begin_reading()
    due = is_reminder_due(now, settings.zone)
    db.session.rollback()
    if due:
        write_reminders(now, settings.zone)
    take_back(now)
    busy = somebody_sends(now)
    db.session.commit()
    if not busy:
        send_mails()


def _send_batch(post: Post, mails: Sequence[ClaimedMail], settings: Settings) -> bool:
    """Send claimed mails one by one; False when there is no point in going on now.

    What became of each is written down, each for itself, before the next one leaves: a worker that
    is killed has at most one mail on the wire whose fate is not written down.
    """
    rest = list(mails)
    with loosely_written() as connection:
        sending = _Sending(connection, post, make_writer(settings))
        try:
            while rest and utc_now() - rest[0].claimed_at <= CLAIM_USED:
                sending.send(rest.pop(0))
        except _TooLate:
            return True
        except Unreachable:
            return False
        finally:
            try:
                sending.settle()
            finally:
                release(connection, rest)
    return True


class _TooLate(Exception):
    """The claim of a mail would end before it is sent for certain: it was given back."""


class _Sending:
    """A worker at its mails.

    That a mail was taken is written down after the server was told of the next one and before that
    one leaves: while the server thinks, there is time for it, and for writing the next.
    """

    def __init__(self, connection: Connection, post: Post, writer: Writer) -> None:
        self.connection, self.post, self.writer = connection, post, writer
        self.taken: tuple[ClaimedMail, datetime] | None = None

    def send(self, mail: ClaimedMail) -> None:
        """Send a mail and note what became of it; raises Unreachable if none can be sent now."""
        trouble = self._begin(mail)
        self.settle()
        # A server or a database may have kept us waiting.
        if utc_now() - mail.claimed_at > CLAIM_USED:
            self.post.drop()
            release(self.connection, [mail])
            raise _TooLate
        try:
            if trouble is not None:
                raise trouble
            self.post.finish(self._write(mail))
        except Unreachable as trouble:
            postpone(self.connection, mail, trouble.message, utc_now())
            raise
        except Deferred as trouble:
            postpone(self.connection, mail, trouble.message, utc_now())
        except Refused as trouble:
            now = utc_now()
            if trouble.no_such_mailbox:
                suppress(mail.letter.to_address, "hard_bounce", now, trouble.message)
                db.session.commit()
            record_failed(self.connection, mail, trouble.message, bounced_at=now)
        except (ValueError, LookupError) as trouble:
            # What no header line can hold, or the e-mail library stumbles over, is wrong with this
            # mail alone.
            record_failed(self.connection, mail, f"The mail could not be written: {trouble}")
        except Exception as trouble:
            # It must not keep the others waiting, and counts as an attempt.
            log.exception("Mail %s could not be sent", mail.id)
            db.session.rollback()
            told = f"Something went wrong on our side ({type(trouble).__name__})."
            postpone(self.connection, mail, told, utc_now())
        else:
            self.taken = (mail, utc_now())

    def settle(self) -> None:
        """Write down that the mail before was taken."""
        taken, self.taken = self.taken, None
        if taken is not None:
            record_sent(self.connection, *taken)

    def _begin(self, mail: ClaimedMail) -> Exception | None:
        try:
            self.post.begin(self.writer.sender_of(mail.letter))
        except Exception as trouble:
            return trouble
        return None

    def _write(self, mail: ClaimedMail) -> WireMail:
        try:
            return self.writer.write(mail.letter, utc_now())
        except Exception:
            # Whatever it is: what was begun at the server is no mail.
            self.post.drop()
            raise
