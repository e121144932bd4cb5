"""Mails about alerts, to those who asked for them and may see them when they are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from survey_app.config import Settings
from survey_app.db import db
from survey_app.report.alerts.kinds import is_among
from survey_app.report.alerts.models import Alert, AlertSubscription
from survey_app.report.mails.queueing import queue_mail
from survey_app.report.queries import results_seen_by

# So many in one mail; the others are on the page.
MOST_TOLD = 30
DAILY = "daily"


def tell_subscribers(now: datetime, settings: Settings) -> None:
    """Write the mails that are due: at once, or once a day from the hour that the user has set.

    Nothing is told twice, and nothing that was resolved before it could be told. Without anything
    new there is no mail. What the user may see is asked now, not when they subscribed.
    """
    newest = newest_alert_id()
    today, hour = now.astimezone(settings.zone).date(), now.astimezone(settings.zone).hour
    for one in db.session.scalars(select(AlertSubscription).order_by(AlertSubscription.user_id)):
        if one.told_alert_id >= newest or not _is_due(one, today, hour):
            continue
        alerts = _wanted(one)
        one.told_alert_id, one.told_on = newest, today
        if alerts and one.user.active and one.user.roles:
            subject, text = write_mail(alerts, settings)
            queue_mail(one.user, f"alerts up to {newest}", subject, text, now)
    db.session.flush()


def newest_alert_id() -> int:
    """The id of the latest alert, or 0."""
    return db.session.scalar(select(func.max(Alert.id))) or 0


def _is_due(subscription: AlertSubscription, today: date, hour: int) -> bool:
    if subscription.delivery != DAILY:
        return True
    return subscription.told_on < today and hour >= subscription.hour


def _wanted(subscription: AlertSubscription) -> list[Alert]:
    """The open alerts since the last mail that the user asked for, of those in sight now."""
    found = db.session.scalars(
        select(Alert)
        .where(
            Alert.id > subscription.told_alert_id,
            Alert.resolved_at.is_(None),
            Alert.kind.in_(subscription.kinds),
            results_seen_by(subscription.user).condition(Alert),
        )
        .order_by(Alert.id)
    )
    return [
        alert
        for alert in found
        if not subscription.scopes
        or is_among(subscription.scopes, alert.scope_type, alert.scope_id)
    ]


def write_mail(alerts: Sequence[Alert], settings: Settings) -> tuple[str, str]:
    """Subject and text of a mail about these alerts, each with the address of its page."""
    first = f"{alerts[0].scope_name}: {alerts[0].title}"
    subject = first if len(alerts) == 1 else f"{len(alerts)} alerts, the first: {first}"
    parts = [
        f"{one.scope_name}: {one.title}.\n{one.sentence}\n{settings.address}/report/alerts/{one.id}"
        for one in alerts[:MOST_TOLD]
    ]
    if len(alerts) > MOST_TOLD:
        more = len(alerts) - MOST_TOLD
        parts.append(f"And {more} more: {settings.address}/report/alerts")
    parts.append(
        "You asked for these mails. Change what you get, and when: "
        f"{settings.address}/report/alerts/mails"
    )
    return subject, "\n\n".join(parts) + "\n"
