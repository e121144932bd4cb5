"""Deliveries on their way: workers claim them, try, and write down what became of them.

As with mails (`invite.mailing`), a claim is valid for CLAIM_HOLDS, and what a worker writes down
counts only while its own claim stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import joinedload

from survey_app.db import db
from survey_app.webhooks.models import Webhook, WebhookDelivery
from survey_app.webhooks.signing import secret_of

CLAIM_HOLDS = timedelta(minutes=10)
MOST_ATTEMPTS = 8
LONGEST_PAUSE = timedelta(days=1)
LONGEST_REASON = 500
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that this worker has, with all it needs, so that sending asks no database."""

    id: int
    public_id: str
    webhook_id: int
    event: str
    body: str
    address: str
    secret: str
    attempts: int
    created_at: datetime
    claimed_at: datetime


def claim_deliveries(limit: int, now: datetime) -> list[ClaimedDelivery]:
    """Claim up to `limit` deliveries that are due; commit before sending."""
    # PostgreSQL passes over rows that another worker locks; on SQLite there is one writer only.
    due = db.session.scalars(
        select(WebhookDelivery.id)
        .join(WebhookDelivery.webhook)
        .where(Webhook.disabled_at.is_(None), _is_due(now))
        .order_by(WebhookDelivery.not_before, WebhookDelivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    ).all()
    db.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id.in_(due))
        .values(state="sending", claimed_at=now)
        .execution_options(synchronize_session=False)
    )
    rows = db.session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.id.in_(due))
        .order_by(WebhookDelivery.id)
        .options(joinedload(WebhookDelivery.webhook))
        .execution_options(populate_existing=True)
    )
    return [_claimed(row, now) for row in rows]


def record_sent(delivery: ClaimedDelivery, now: datetime) -> None:
    """The receiver has taken it."""
    if _write(delivery, state="sent", attempts=delivery.attempts + 1, sent_at=now, error=""):
        db.session.execute(
            update(Webhook).where(Webhook.id == delivery.webhook_id).values(last_success_at=now)
        )


def postpone(delivery: ClaimedDelivery, reason: str, now: datetime) -> None:
    """Try again after 1, 5, 25 ... minutes; after MOST_ATTEMPTS attempts it has failed.

    A webhook that has taken nothing all the while is disabled: nobody listens there.
    """
    attempts = delivery.attempts + 1
    reason = reason[:LONGEST_REASON]
    if attempts < MOST_ATTEMPTS:
        pause = min(timedelta(minutes=5 ** (attempts - 1)), LONGEST_PAUSE)
        _write(delivery, state="queued", attempts=attempts, not_before=now + pause, error=reason)
    elif _write(delivery, state="failed", attempts=attempts, error=reason):
        _disable_silent(delivery, reason, now)


def release(delivery: ClaimedDelivery) -> None:
    """Give a delivery back that was claimed and not tried."""
    _write(delivery, state="queued")


def queue_again(delivery: WebhookDelivery, now: datetime) -> None:
    """Send a delivery once more, whatever became of it; its id stays the same."""
    delivery.state, delivery.attempts, delivery.not_before = "queued", 0, now
    delivery.claimed_at, delivery.error = None, ""
    db.session.flush()


def forget_deliveries(now: datetime) -> int:
    """Delete what was sent or has failed a month ago; gives the number."""
    forgotten: int = db.session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.state.in_(("sent", "failed")),
            WebhookDelivery.created_at < now - KEPT_FOR,
        )
    ).rowcount
    return forgotten


def _is_due(now: datetime) -> Any:
    return or_(
        and_(WebhookDelivery.state == "queued", WebhookDelivery.not_before <= now),
        and_(WebhookDelivery.state == "sending", WebhookDelivery.claimed_at < now - CLAIM_HOLDS),
    )


def _claimed(row: WebhookDelivery, now: datetime) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=row.id,
        public_id=row.public_id,
        webhook_id=row.webhook_id,
        event=row.event,
        body=row.body,
        address=row.webhook.address,
        secret=secret_of(row.webhook),
        attempts=row.attempts,
        created_at=row.created_at,
        claimed_at=now,
    )


def _disable_silent(delivery: ClaimedDelivery, reason: str, now: datetime) -> None:
    db.session.execute(
        update(Webhook)
        .where(
            Webhook.id == delivery.webhook_id,
            Webhook.disabled_at.is_(None),
            or_(Webhook.last_success_at.is_(None), Webhook.last_success_at < delivery.created_at),
        )
        .values(
            disabled_at=now,
            disabled_because=f"Nothing was taken in {MOST_ATTEMPTS} attempts. The last: {reason}",
        )
        .execution_options(synchronize_session=False)
    )


def _write(delivery: ClaimedDelivery, **values: Any) -> bool:
    written = db.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.id == delivery.id,
            WebhookDelivery.state == "sending",
            WebhookDelivery.claimed_at == delivery.claimed_at,
        )
        .values(claimed_at=None, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(written.rowcount)  # type: ignore[attr-defined]
