"""Reading webhooks and the log of what they were told."""

from __future__ import annotations

from sqlalchemy import func, select

from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.webhooks.models import Webhook, WebhookDelivery

SHOWN_DELIVERIES = 100


def all_webhooks() -> list[Webhook]:
    """All webhooks, in the order in which they were registered."""
    return list(db.session.scalars(select(Webhook).order_by(Webhook.id)))


def waiting_counts() -> dict[int, int]:
    """By webhook, how many deliveries wait."""
    counted = db.session.execute(
        select(WebhookDelivery.webhook_id, func.count())
        .where(WebhookDelivery.state.in_(("queued", "sending")))
        .group_by(WebhookDelivery.webhook_id)
    )
    return dict(counted.tuples().all())


def webhook_by_id(webhook_id: int) -> Webhook:
    """The webhook; raises NotFound."""
    webhook = db.session.get(Webhook, webhook_id)
    if webhook is None:
        raise NotFound("There is no such webhook. Choose one from the list.")
    return webhook


def newest_deliveries(webhook: Webhook) -> list[WebhookDelivery]:
    """What the webhook was told last, the latest first."""
    return list(
        db.session.scalars(
            select(WebhookDelivery)
            .where(WebhookDelivery.webhook_id == webhook.id)
            .order_by(WebhookDelivery.id.desc())
            .limit(SHOWN_DELIVERIES)
        )
    )


def delivery_by_id(webhook: Webhook, delivery_id: int) -> WebhookDelivery:
    """One delivery of the webhook; raises NotFound."""
    delivery = db.session.get(WebhookDelivery, delivery_id)
    if delivery is None or delivery.webhook_id != webhook.id:
        raise NotFound("There is no such delivery any more. Choose one from the log.")
    return delivery
