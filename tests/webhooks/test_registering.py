from __future__ import annotations

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db, utc_now
from survey_app.webhooks.registering import add_webhook


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://example.org/", "not_https"),
        ("ftp://example.org/", "not_https"),
        ("example.org", "form"),
        ("https://", "form"),
        ("https://exa mple.org/", "form"),
        ("https://example.org/\r\nX: y", "form"),
        ("https://example.org:99999/", "form"),
        ("https://user:word@example.org/", "form"),
        ("https://example.org/#top", "form"),
        ("https://münchen.example/", "form"),
        ("https://example.org/" + "a" * 500, "form"),
        ("http://127.0.0.1/", "not_https"),
    ],
)
def test_what_cannot_be_called_safely_is_not_registered(
    app: Flask, address: str, code: str
) -> None:
    with app.app_context():
        webhook, problems = add_webhook(address, ["run.done"], utc_now(), private=False)
        assert webhook is None
        assert [(problem.place, problem.code) for problem in problems] == [("address", code)]


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:1"])
def test_http_is_for_this_machine_alone_and_only_where_that_is_allowed(
    app: Flask, host: str
) -> None:
    with app.app_context():
        for private in (True, False):
            webhook, _ = add_webhook(f"http://{host}/", ["run.done"], utc_now(), private)
            assert (webhook is not None) == private
        other, _ = add_webhook("http://10.0.0.1/", ["run.done"], utc_now(), private=True)
        assert other is None


def test_events_must_be_known(app: Flask) -> None:
    with app.app_context():
        for events, code in (([], "empty"), (["run.lost"], "unknown")):
            _, problems = add_webhook("https://example.org/", events, utc_now(), private=False)
            assert [problem.code for problem in problems] == [code]


def test_a_webhook_is_registered_and_that_is_recorded(app: Flask) -> None:
    with app.app_context():
        webhook, _ = add_webhook(
            " https://example.org/h ", ["run.failed", "run.done"], utc_now(), private=False
        )
        assert webhook is not None
        assert (webhook.address, webhook.events) == (
            "https://example.org/h",
            ["run.done", "run.failed"],
        )
        assert db.session.query(AuditEntry).one().action == "webhook added"
