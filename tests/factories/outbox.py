"""Sending without a mail server, step by step and at chosen moments; inside an app context."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from survey_app.db import db
from survey_app.invite.mailing import ClaimedMail, claim_mails, record_sent

UTC_ZONE = ZoneInfo("UTC")


def send_due(now: datetime, zone: ZoneInfo = UTC_ZONE, most: int = 1_000) -> list[ClaimedMail]:
    """Claim what may leave now, and note that a server took it."""
    mails = claim_mails(most, now, zone)
    for mail in mails:
        record_sent(db.session.connection(), mail, now)
    return mails
