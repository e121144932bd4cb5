"""Announcing an event: its deliveries are stored with what happened, and sent after the commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from survey_app.db import db
from survey_app.jobs import enqueue
from survey_app.webhooks.jobs import send_webhooks
from survey_app.webhooks.models import EVENTS, Webhook, WebhookDelivery


def announce(event: str, payload: Mapping[str, Any], now: datetime) -> int:
    """Tell every webhook that wants to hear of the event; gives their number.

    Call it in the transaction of what it tells of. `payload` becomes `data` of the body and must be
    ready for JSON. Raises ValueError for an event that is not in EVENTS.
    """
    if event not in EVENTS:
        raise ValueError(f"There is no event {event!r}.")
    listening = [
        webhook
        for webhook in db.session.scalars(select(Webhook).where(Webhook.disabled_at.is_(None)))
        if event in webhook.events
    ]
    for webhook in listening:
        public_id = str(uuid4())
        told = {"id": public_id, "event": event, "created_at": now.isoformat(), "data": payload}
        db.session.add(
            WebhookDelivery(
                public_id=public_id,
                webhook_id=webhook.id,
                event=event,
                body=json.dumps(told),
                created_at=now,
                not_before=now,
            )
        )
    if listening:
        db.session.flush()
        enqueue(send_webhooks)
    return len(listening)
