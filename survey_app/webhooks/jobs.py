"""Calling webhooks behind the pages."""

from __future__ import annotations

import time

from flask import current_app

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.jobs import dispatch_queued, enqueue, every_minute
from survey_app.webhooks.delivering import (
    ClaimedDelivery,
    claim_deliveries,
    forget_deliveries,
    postpone,
    record_sent,
    release,
)
from survey_app.webhooks.posting import Undelivered, post
from survey_app.webhooks.signing import HEADER, signature_of

BATCH = 10
# One run is short, so that other jobs get their turn between two of them.
SECONDS_A_RUN = 20.0


@every_minute
def send_webhooks() -> None:
    """Make the calls that are due; if some are left after SECONDS_A_RUN, ask for another run."""
    settings: Settings = current_app.config["SETTINGS"]
    end = time.monotonic() + SECONDS_A_RUN
    forget_deliveries(utc_now())
    while claimed := claim_deliveries(BATCH, utc_now()):
        db.session.commit()
        for position, delivery in enumerate(claimed):
            if time.monotonic() > end:
                for untried in claimed[position:]:
                    release(untried)
                db.session.commit()
                enqueue(send_webhooks)
                dispatch_queued()
                return
            _call(delivery, settings)
            db.session.commit()
    db.session.commit()


def _call(delivery: ClaimedDelivery, settings: Settings) -> None:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Soundings",
        "Soundings-Event": delivery.event,
        "Soundings-Delivery": delivery.public_id,
        HEADER: signature_of(delivery.secret, delivery.body, utc_now()),
    }
    try:
        post(delivery.address, delivery.body.encode(), headers, settings.webhook_private)
    except Undelivered as trouble:
        postpone(delivery, trouble.message, utc_now())
    else:
        record_sent(delivery, utc_now())
