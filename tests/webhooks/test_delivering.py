from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.webhooks import delivering
from survey_app.webhooks.announcing import announce
from survey_app.webhooks.delivering import (
    ClaimedDelivery,
    claim_deliveries,
    forget_deliveries,
    postpone,
    queue_again,
    record_sent,
)
from survey_app.webhooks.jobs import send_webhooks
from survey_app.webhooks.models import Webhook, WebhookDelivery
from survey_app.webhooks.registering import add_webhook, disable, enable, rotate_secret
from survey_app.webhooks.signing import secret_of
from tests.webhooks.conftest import Receiver

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
ADDRESS = "https://example.org/hook"


def make_webhook(address: str = ADDRESS, events: tuple[str, ...] = ("run.done",)) -> Webhook:
    webhook, problems = add_webhook(address, events, NOW, private=True)
    assert webhook is not None, problems
    return webhook


def claim_one(now: datetime) -> ClaimedDelivery:
    claimed = claim_deliveries(10, now)
    assert len(claimed) == 1
    return claimed[0]


def only() -> WebhookDelivery:
    return db.session.query(WebhookDelivery).populate_existing().one()


@pytest.fixture
def here(app: Flask) -> Any:
    """Inside the app."""
    with app.app_context():
        yield
        db.session.rollback()


@pytest.mark.usefixtures("here")
def test_an_event_is_told_to_those_who_want_to_hear_of_it() -> None:
    one, other = make_webhook(), make_webhook()
    make_webhook(events=("run.failed",))
    silent = make_webhook()
    disable(silent, NOW)
    assert announce("run.done", {"run": "r1"}, NOW) == 2
    found = db.session.query(WebhookDelivery).order_by(WebhookDelivery.id).all()
    assert [row.webhook_id for row in found] == [one.id, other.id]
    told = json.loads(found[0].body)
    assert told == {
        "id": found[0].public_id,
        "event": "run.done",
        "created_at": "2026-07-01T08:00:00+00:00",
        "data": {"run": "r1"},
    }


@pytest.mark.usefixtures("here")
def test_an_event_that_nobody_knows_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no event"):
        announce("run.lost", {}, NOW)


@pytest.mark.usefixtures("here")
def test_pauses_grow_and_after_eight_attempts_it_is_given_up_and_the_webhook_disabled() -> None:
    webhook = make_webhook()
    announce("run.done", {}, NOW)
    now, pauses = NOW, []
    for _attempt in range(7):
        postpone(claim_one(now), "Nobody there.", now)
        assert claim_deliveries(10, now) == []
        pauses.append((only().not_before - now).total_seconds() / 60)
        now = only().not_before
    # 5 ** 5 minutes would be longer than a day.
    assert pauses == [1, 5, 25, 125, 625, 1440, 1440]
    assert webhook.disabled_at is None
    postpone(claim_one(now), "Nobody there.", now)
    assert (only().state, only().attempts, only().error) == ("failed", 8, "Nobody there.")
    db.session.refresh(webhook)
    assert webhook.disabled_at == now
    assert "Nobody there." in webhook.disabled_because
    assert announce("run.done", {}, now) == 0


@pytest.mark.usefixtures("here")
def test_a_webhook_that_took_something_meanwhile_is_not_disabled() -> None:
    webhook = make_webhook()
    announce("run.done", {}, NOW)
    db.session.query(WebhookDelivery).update({"attempts": 7})
    failing = claim_one(NOW)
    later = NOW + timedelta(minutes=5)
    announce("run.done", {}, later)
    record_sent(claim_one(later), later)
    postpone(failing, "Too busy.", later)
    db.session.refresh(webhook)
    assert webhook.disabled_at is None
    assert webhook.last_success_at == later


@pytest.mark.usefixtures("here")
def test_a_worker_that_died_leaves_its_delivery_and_a_late_one_changes_nothing() -> None:
    make_webhook()
    announce("run.done", {}, NOW)
    first = claim_one(NOW)
    assert claim_deliveries(10, NOW + timedelta(minutes=9)) == []
    second = claim_one(NOW + timedelta(minutes=11))
    record_sent(second, NOW + timedelta(minutes=12))
    postpone(first, "Late.", NOW + timedelta(minutes=13))
    assert (only().state, only().error) == ("sent", "")


@pytest.mark.usefixtures("here")
def test_a_paused_webhook_s_deliveries_wait_until_it_is_resumed() -> None:
    webhook = make_webhook()
    announce("run.done", {}, NOW)
    disable(webhook, NOW)
    assert claim_deliveries(10, NOW) == []
    enable(webhook, NOW)
    assert claim_one(NOW).attempts == 0


@pytest.mark.usefixtures("here")
def test_a_delivery_is_sent_again_with_the_same_id() -> None:
    make_webhook()
    announce("run.done", {}, NOW)
    first = claim_one(NOW)
    record_sent(first, NOW)
    assert claim_deliveries(10, NOW) == []
    queue_again(only(), NOW)
    again = claim_one(NOW)
    assert (again.public_id, again.body, again.attempts) == (first.public_id, first.body, 0)


@pytest.mark.usefixtures("here")
def test_the_log_goes_back_a_month() -> None:
    make_webhook()
    announce("run.done", {}, NOW)
    assert forget_deliveries(NOW + timedelta(days=40)) == 0, "it still waits"
    record_sent(claim_one(NOW), NOW)
    assert forget_deliveries(NOW + timedelta(days=29)) == 0
    assert forget_deliveries(NOW + delivering.KEPT_FOR + timedelta(seconds=1)) == 1


def documented_check() -> Callable[..., bool]:
    """The function by which the reference says that a receiver checks a call."""
    page = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    snippet = re.search(r"```python\n(import hashlib.*?)```", page, re.DOTALL)
    assert snippet is not None
    names: dict[str, Any] = {}
    exec(snippet[1], names)  # Our own documentation.
    check: Callable[..., bool] = names["is_from_soundings"]
    return check


def test_a_call_arrives_signed_as_the_reference_says(app: Flask, receiver: Receiver) -> None:
    with app.app_context():
        webhook = make_webhook(receiver.address)
        secret = secret_of(webhook)
        announce("run.done", {"run": "ü"}, NOW)
        db.session.commit()
        send_webhooks()
        assert only().state == "sent"
        delivery_id = only().public_id
    call = receiver.calls[0]
    assert call.headers["Soundings-Event"] == "run.done"
    assert call.headers["Soundings-Delivery"] == delivery_id == json.loads(call.body)["id"]
    header, check = call.headers["Soundings-Signature"], documented_check()
    sent_at = int(header.partition(",")[0].removeprefix("t="))
    assert check(secret, header, call.body, now=sent_at)
    assert not check(secret, header, call.body + b" ", now=sent_at)
    assert not check(secret + "x", header, call.body, now=sent_at)
    assert not check(secret, header, call.body, now=sent_at + 301)


def test_a_new_secret_signs_from_now_on(app: Flask, receiver: Receiver) -> None:
    with app.app_context():
        webhook = make_webhook(receiver.address)
        before = secret_of(webhook)
        rotate_secret(webhook, NOW)
        after = secret_of(webhook)
        announce("run.done", {}, NOW)
        db.session.commit()
        send_webhooks()
    call, check = receiver.calls[0], documented_check()
    header = call.headers["Soundings-Signature"]
    assert check(after, header, call.body)
    assert not check(before, header, call.body)


def test_a_call_that_fails_is_noted_and_the_others_go_on(app: Flask, receiver: Receiver) -> None:
    with app.app_context():
        make_webhook("https://nowhere.invalid/")
        make_webhook(receiver.address)
        announce("run.done", {}, NOW)
        db.session.commit()
        send_webhooks()
        failed, sent = db.session.query(WebhookDelivery).order_by(WebhookDelivery.id)
        assert (failed.state, failed.attempts) == ("queued", 1)
        assert "nowhere.invalid is not known" in failed.error
        assert sent.state == "sent"


def test_the_tables_alone_do_not_sign(app: Flask) -> None:
    with app.app_context():
        webhook = make_webhook()
        kept = repr([getattr(webhook, column.key) for column in Webhook.__table__.columns])
        assert secret_of(webhook).removeprefix("whsec_") not in kept
        first = secret_of(webhook)
        app.config["SETTINGS"] = app.config["SETTINGS"].__class__(
            **{**vars(app.config["SETTINGS"]), "secret_key": "another key, long enough to be one"}
        )
        assert secret_of(webhook) != first
