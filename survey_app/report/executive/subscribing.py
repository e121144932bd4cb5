"""Who gets which report by mail: each for themselves, or by a manager for others within rights."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.accounts.models import User
from survey_app.accounts.queries import find_user
from survey_app.db import db
from survey_app.domain.problems import Forbidden, Problem
from survey_app.report.executive.models import ReportDelivery, ReportSubscription
from survey_app.report.queries import Scope, results_seen_by

OCCASIONS = {
    "closed": "a period is closed",
    "scheduled": "a run of a schedule is done",
}
PERIOD_TYPES = {
    "any": "every period",
    "month": "every month",
    "quarter": "every quarter",
    "year": "every year",
}


def scope_seen_by(user: User, type_: str, key: str) -> Scope | None:
    """The scope, if the user may see its results now; nobody may who cannot sign in."""
    if not user.active or not user.roles:
        return None
    seen = (one for one in results_seen_by(user).scopes if (one.type, one.id) == (type_, key))
    return next(seen, None)


def subscribe(
    by: User, email: str, scope: Scope, occasion: str, period_type: str, now: datetime
) -> tuple[ReportSubscription | None, list[Problem]]:
    """Send the report of a scope to a user from now on; without an address to who asks.

    `scope` is one that who asks may see. What is subscribed already stays as it is.
    """
    user, problems = find_user(email) if email.strip() else (by, [])
    if occasion not in OCCASIONS:
        problems.append(Problem("occasion", "unknown", "Choose an occasion from the list."))
    if period_type not in PERIOD_TYPES:
        problems.append(Problem("period_type", "unknown", "Choose the periods from the list."))
    if user is not None and user.id != by.id:
        if not by.manages:
            message = "You can subscribe yourself only. Leave the address empty."
            problems.append(Problem("email", "not_allowed", message))
        elif scope_seen_by(user, scope.type, scope.id) is None:
            message = (
                f"{user.email} may not see the results of {scope.name}. Choose another report, or "
                "ask an administrator to give the sight of it."
            )
            problems.append(Problem("email", "no_right", message))
    if user is None or problems:
        return None, problems
    subscription = ReportSubscription(
        user_id=user.id,
        scope_type=scope.type,
        scope_id=scope.id,
        occasion=occasion,
        period_type=period_type,
        created_at=now,
        created_by_id=acting_user_id(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(subscription)
            db.session.flush()
    except IntegrityError:
        return _same(subscription), []
    record("report subscribed", user.email, now, scope=scope.label, occasion=occasion)
    return subscription, []


def unsubscribe(subscription: ReportSubscription, by: User, now: datetime) -> None:
    """Send it no more; raises Forbidden for who may not end it."""
    if subscription not in subscriptions_seen_by(by):
        raise Forbidden("You can end your own subscriptions, and as a manager those you can see.")
    record(
        "report unsubscribed",
        subscription.user.email,
        now,
        scope=":".join(filter(None, (subscription.scope_type, subscription.scope_id))),
        occasion=subscription.occasion,
    )
    db.session.delete(subscription)
    db.session.flush()


def subscriptions_seen_by(user: User) -> list[ReportSubscription]:
    """The user's own subscriptions first; for managers also those of others to what they see."""
    found = db.session.scalars(
        select(ReportSubscription)
        .join(ReportSubscription.user)
        .order_by(ReportSubscription.user_id != user.id, User.email, ReportSubscription.id)
    ).all()
    seen = {(one.type, one.id) for one in results_seen_by(user).scopes} if user.manages else set()
    return [
        one for one in found if one.user_id == user.id or (one.scope_type, one.scope_id) in seen
    ]


def last_delivery(subscription: ReportSubscription) -> ReportDelivery | None:
    """What became of the newest report of the scope for the user, since it was subscribed."""
    return db.session.scalar(
        select(ReportDelivery)
        .where(
            ReportDelivery.user_id == subscription.user_id,
            ReportDelivery.scope_type == subscription.scope_type,
            ReportDelivery.scope_id == subscription.scope_id,
            ReportDelivery.decided_at >= subscription.created_at,
        )
        .order_by(ReportDelivery.id.desc())
        .limit(1)
    )


def _same(wanted: ReportSubscription) -> ReportSubscription | None:
    return db.session.scalar(
        select(ReportSubscription).where(
            ReportSubscription.user_id == wanted.user_id,
            ReportSubscription.scope_type == wanted.scope_type,
            ReportSubscription.scope_id == wanted.scope_id,
            ReportSubscription.occasion == wanted.occasion,
            ReportSubscription.period_type == wanted.period_type,
        )
    )
