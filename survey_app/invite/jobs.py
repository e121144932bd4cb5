"""Sending what waits in the outbox, in the worker; nothing is locked while a server is asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from email.errors import MessageError

from flask import current_app

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.invite.composing import compose
from survey_app.invite.delivering import Deferred, Post, Refused, Unreachable, open_post
from survey_app.invite.mailing import (
    CLAIM_HOLDS,
    ClaimedMail,
    claim_mails,
    postpone,
    record_failed,
    record_sent,
    release,
    somebody_sends,
)
from survey_app.jobs import dispatch_queued, enqueue, every_minute, job

BATCH = 50
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
            mails = claim_mails(BATCH, utc_now())
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
    busy = somebody_sends(utc_now())
    db.session.rollback()
    if not busy:
        send_mails()


def _send_batch(post: Post, mails: Sequence[ClaimedMail], settings: Settings) -> bool:
    """Send claimed mails one by one; False when there is no point in going on now."""
    for position, mail in enumerate(mails):
        if utc_now() - mail.claimed_at > CLAIM_USED:
            release(mails[position:])
            db.session.commit()
            return True
        reachable = _send(post, mail, settings)
        if not reachable:
            release(mails[position + 1 :])
        db.session.commit()
        if not reachable:
            return False
    return True


def _send(post: Post, mail: ClaimedMail, settings: Settings) -> bool:
    try:
        post.send(compose(mail.letter, settings, utc_now()))
    except Unreachable as trouble:
        postpone(mail, trouble.message, utc_now())
        return False
    except Deferred as trouble:
        postpone(mail, trouble.message, utc_now())
    except Refused as trouble:
        record_failed(mail, trouble.message)
    except (ValueError, LookupError, MessageError) as trouble:
        # What the e-mail library refuses, or stumbles over, is wrong with this mail alone.
        record_failed(mail, f"The mail could not be written: {trouble}")
    else:
        record_sent(mail, utc_now())
    return True
