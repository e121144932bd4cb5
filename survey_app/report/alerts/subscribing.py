"""Which alerts a user gets by mail, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.report.alerts.kinds import KINDS
from survey_app.report.alerts.models import AlertSubscription
from survey_app.report.alerts.telling import newest_alert_id

DELIVERIES = {
    "none": "no mails",
    "at_once": "at once, as soon as one is raised",
    "daily": "once a day, all together",
}
# Choices beside the single scopes: everybody of a type that is in sight.
EVERY = {"all": "the company", "unit": "every unit", "representative": "every representative"}


@dataclass(frozen=True)
class WantedMails:
    """What a user asks for; no scopes means everything that they may see."""

    delivery: str
    kinds: Sequence[str] = ()
    scopes: Sequence[str] = ()
    hour: int = 7


def subscribe(
    user: User, wanted: WantedMails, in_sight: Collection[str], now: datetime, zone: ZoneInfo
) -> list[Problem]:
    """Keep what a user wants by mail; `in_sight` are the labels of the scopes they may see.

    Alerts from before the first subscription are not told; a changed one goes on where it was.
    """
    subscription = db.session.get(AlertSubscription, user.id)
    if wanted.delivery == "none":
        if subscription is not None:
            db.session.delete(subscription)
            db.session.flush()
        return []
    problems = _check(wanted, in_sight)
    if problems:
        return problems
    if subscription is None:
        local = now.astimezone(zone)
        # Whose hour has passed already is told tomorrow.
        told_on = local.date() - timedelta(0 if local.hour >= wanted.hour else 1)
        subscription = AlertSubscription(
            user_id=user.id, told_on=told_on, told_alert_id=newest_alert_id()
        )
        db.session.add(subscription)
    subscription.kinds, subscription.scopes = list(wanted.kinds), list(wanted.scopes)
    subscription.delivery, subscription.hour = wanted.delivery, wanted.hour
    db.session.flush()
    return []


def subscription_of(user: User) -> WantedMails:
    """What the user asks for now; at the beginning no mails, with all kinds to choose from."""
    kept = db.session.get(AlertSubscription, user.id)
    if kept is None:
        return WantedMails("none", tuple(KINDS))
    return WantedMails(kept.delivery, kept.kinds, kept.scopes, kept.hour)


def _check(wanted: WantedMails, in_sight: Collection[str]) -> list[Problem]:
    problems = []
    if wanted.delivery not in DELIVERIES:
        problems.append(Problem("delivery", "unknown", "Choose none, at once or once a day."))
    if not wanted.kinds or not set(wanted.kinds) <= set(KINDS):
        problems.append(Problem("kinds", "empty", "Choose at least one kind of alert."))
    if set(wanted.scopes) - set(in_sight):
        message = "Choose among the units and representatives that you may see."
        problems.append(Problem("scopes", "out_of_sight", message))
    if not 0 <= wanted.hour <= 23:
        problems.append(Problem("hour", "range", "Give a whole hour from 0 to 23."))
    return problems
