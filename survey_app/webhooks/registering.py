"""Registering webhooks: where to call, for which events; new secrets, pauses, ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.problems import Problem, quoted
from survey_app.webhooks.models import EVENTS, Webhook
from survey_app.webhooks.signing import new_salt

LONGEST_ADDRESS = 500
# What a request line can carry; a space or a control character would end it.
PLAIN = re.compile(r"[!-~]+")


def add_webhook(
    address: str, events: Sequence[str], now: datetime, private: bool
) -> tuple[Webhook | None, list[Problem]]:
    """Register an address for events. `private` allows http to this machine itself."""
    address = address.strip()
    problems = [*_address_problems(address, private), *_event_problems(events)]
    if problems:
        return None, problems
    webhook = Webhook(
        address=address,
        events=[event for event in EVENTS if event in events],
        salt=new_salt(),
        created_at=now,
        created_by_id=acting_user_id(),
    )
    db.session.add(webhook)
    db.session.flush()
    record("webhook added", address, now, events=webhook.events)
    return webhook, []


def rotate_secret(webhook: Webhook, now: datetime) -> None:
    """Give the webhook another secret; calls from now on are signed with it."""
    webhook.salt = new_salt()
    record("webhook secret changed", webhook.address, now)
    db.session.flush()


def disable(webhook: Webhook, now: datetime) -> None:
    """Call no more; what waits, waits on."""
    if webhook.disabled_at is None:
        webhook.disabled_at, webhook.disabled_because = now, "Somebody has paused it."
        record("webhook paused", webhook.address, now)
        db.session.flush()


def enable(webhook: Webhook, now: datetime) -> None:
    """Call again."""
    if webhook.disabled_at is not None:
        webhook.disabled_at, webhook.disabled_because = None, ""
        record("webhook resumed", webhook.address, now)
        db.session.flush()


def remove(webhook: Webhook, now: datetime) -> None:
    """End a webhook, with the log of what it was told."""
    record("webhook removed", webhook.address, now)
    db.session.delete(webhook)
    db.session.flush()


def _address_problems(address: str, private: bool) -> list[Problem]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if len(address) > LONGEST_ADDRESS or not PLAIN.fullmatch(address) or not host or port == 0:
        message = (
            f"{quoted(address)} is no address that can be called. Write one like "
            f"https://example.org/soundings, with at most {LONGEST_ADDRESS} plain characters."
        )
        return [Problem("address", "form", message)]
    if parts.username is not None or parts.fragment:
        message = "Leave out the user and what follows #. The signature says who calls."
        return [Problem("address", "form", message)]
    if parts.scheme == "https" or (parts.scheme == "http" and private and _is_loopback(host)):
        return []
    message = "Use https, so that nobody on the way reads or changes what is told."
    return [Problem("address", "not_https", message)]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _event_problems(events: Sequence[str]) -> list[Problem]:
    if not events:
        return [Problem("events", "empty", "Choose what to tell, at least one event.")]
    return [
        Problem("events", "unknown", f"{quoted(event)} is no event. Choose from the list.")
        for event in events
        if event not in EVENTS
    ]
