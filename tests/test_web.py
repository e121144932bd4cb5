from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from survey_app.accounts.models import AuditEntry
from survey_app.db import db, utc_now
from survey_app.domain.problems import Conflict
from survey_app.web import allow


def write_then(app: Flask, status: int) -> None:
    """Add a page that stores something and then answers with a status."""

    def page() -> tuple[str, int]:
        db.session.add(AuditEntry(at=utc_now(), action="page", subject="page"))
        db.session.flush()
        return "done", status

    app.add_url_rule("/page", "page", allow("manager")(page), methods=["POST"])


def count_entries(app: Flask) -> int:
    with app.app_context():
        return db.session.query(AuditEntry).count()


@pytest.mark.parametrize(("status", "stored"), [(200, 1), (302, 1), (422, 0), (409, 0), (500, 0)])
def test_a_request_is_stored_whole_or_not_at_all(
    app: Flask, signed_in: Callable[[str], FlaskClient], status: int, stored: int
) -> None:
    write_then(app, status)
    signed_in("manager").post("/page")
    assert count_entries(app) == stored


@pytest.mark.parametrize("trouble", [Conflict("Somebody was faster."), None])
def test_an_exception_stores_nothing_and_says_so_in_a_sentence(
    app: Flask, signed_in: Callable[[str], FlaskClient], trouble: Conflict | None
) -> None:
    def page() -> str:
        db.session.add(AuditEntry(at=utc_now(), action="page", subject="page"))
        db.session.flush()
        if trouble:
            raise trouble
        abort(404)

    app.add_url_rule("/page", "page", allow("manager")(page), methods=["POST"])
    answer = signed_in("manager").post("/page")
    assert answer.status_code == (409 if trouble else 404)
    expected = "Somebody was faster." if trouble else "There is no page at this address."
    assert expected in answer.get_data(as_text=True)
    assert count_entries(app) == 0


def test_a_surprise_is_an_error_page_without_its_details(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    def page() -> str:
        raise RuntimeError("the inside of the machine")

    app.add_url_rule("/page", "page", allow("manager")(page))
    client = signed_in("manager")
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/page")
    assert answer.status_code == 500
    assert "Nothing was stored" in answer.get_data(as_text=True)
    assert "inside of the machine" not in answer.get_data(as_text=True)


def test_a_form_without_its_token_is_refused(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    client = signed_in("admin")
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/organisation/units/new", data={"key": "a", "name": "A"})
    assert answer.status_code == 400
    assert "open for too long" in answer.get_data(as_text=True)


def test_pages_run_no_foreign_or_inline_script_and_are_not_kept(app: Flask) -> None:
    answer = app.test_client().get("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    page = answer.get_data(as_text=True)
    assert "<script>" not in page
    assert "style=" not in page


def test_health_asks_the_database(app: Flask) -> None:
    assert app.test_client().get("/health").json == {"status": "ok"}
