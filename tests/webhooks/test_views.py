from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db, utc_now
from survey_app.webhooks.announcing import announce
from survey_app.webhooks.jobs import send_webhooks
from survey_app.webhooks.models import Webhook, WebhookDelivery
from tests.factories.workplaces import let_see, make_workplace
from tests.webhooks.conftest import Receiver


@pytest.fixture
def manager(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who sees the company."""
    with app.app_context():
        make_workplace()
        db.session.commit()
    client = signed_in("manager")
    with app.app_context():
        let_see("manager@example.org", "company")
        db.session.commit()
    return client


def secret_on(page: str) -> str:
    found = re.search(r'value="(whsec_[\w-]+)"', page)
    assert found is not None
    return found[1]


def register(client: FlaskClient, address: str) -> str:
    answer = client.post("/webhooks/new", data={"address": address, "events": ["run.done"]})
    assert answer.status_code == 200
    return secret_on(answer.get_data(as_text=True))


def test_a_secret_is_shown_once_and_can_be_changed(manager: FlaskClient) -> None:
    first = register(manager, "https://example.org/hook")
    assert first not in manager.get("/webhooks/1").get_data(as_text=True)
    second = secret_on(manager.post("/webhooks/1/secret").get_data(as_text=True))
    assert second != first


def test_what_is_wrong_is_told_and_nothing_stored(app: Flask, manager: FlaskClient) -> None:
    answer = manager.post(
        "/webhooks/new", data={"address": "http://example.org/", "events": ["run.done"]}
    )
    assert answer.status_code == 422
    assert "Use https" in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.query(Webhook).count() == 0


def test_the_log_tells_what_became_of_each_delivery_and_sends_it_again(
    app: Flask, manager: FlaskClient, receiver: Receiver, run_jobs: Callable[[], int]
) -> None:
    register(manager, receiver.address)
    receiver.status = 500
    with app.app_context():
        announce("run.done", {}, utc_now())
        db.session.commit()
        send_webhooks()
    page = manager.get("/webhooks/1").get_data(as_text=True)
    assert "waits until" in page
    assert "127.0.0.1 answered 500." in page
    receiver.status = 200
    assert manager.post("/webhooks/1/deliveries/1/again").status_code == 302
    run_jobs()
    assert "taken" in manager.get("/webhooks/1").get_data(as_text=True)
    assert len(receiver.calls) == 2


def test_a_webhook_is_paused_resumed_and_removed(app: Flask, manager: FlaskClient) -> None:
    register(manager, "https://example.org/hook")
    with app.app_context():
        announce("run.done", {}, utc_now())
        db.session.commit()
    manager.post("/webhooks/1/pause")
    assert "Disabled since" in manager.get("/webhooks/1").get_data(as_text=True)
    manager.post("/webhooks/1/resume")
    assert "Disabled since" not in manager.get("/webhooks/1").get_data(as_text=True)
    manager.post("/webhooks/1/remove")
    assert manager.get("/webhooks/1").status_code == 404
    with app.app_context():
        assert db.session.query(WebhookDelivery).count() == 0


def test_who_sees_a_part_of_the_company_registers_nothing(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        make_workplace()
        db.session.commit()
    client = signed_in("manager")
    with app.app_context():
        let_see("manager@example.org", "leasing")
        db.session.commit()
    for path in ("/webhooks/", "/webhooks/new", "/webhooks/1"):
        assert client.get(path).status_code == 403
    assert client.post("/webhooks/1/remove").status_code == 403
