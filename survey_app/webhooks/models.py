"""Tables of webhooks, and of what each of them was told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.accounts.models import User
from survey_app.db import Json, UtcDateTime, db

EVENTS = {
    "run.done": "a run is done",
    "run.failed": "a run has failed",
    "period.closed": "a period was closed",
    "period.reopened": "a period was reopened",
    "alert.raised": "an alert was raised",
}


class Webhook(db.Model):
    """An address that is told of events.

    The secret is made from the installation's key and `salt`, and is not in the table. While
    `disabled_at` is set nothing is told; `disabled_because` says why.
    """

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("(disabled_at IS NULL) = (disabled_because = '')", name="disabled_because"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(Json)
    salt: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    last_success_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_because: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[User | None] = relationship()


class WebhookDelivery(db.Model):
    """One event told to one webhook; `body` is what is sent, byte for byte.

    `not_before` is when the next attempt may be made, `claimed_at` since when a worker is at it.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="state"),
        Index("ix_webhook_delivery_state_not_before", "state", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    webhook_id: Mapped[int] = mapped_column(
        ForeignKey("webhook.id", ondelete="CASCADE"), index=True
    )
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    webhook: Mapped[Webhook] = relationship()
