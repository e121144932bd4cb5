from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey_app.accounts.models import AuditEntry
from survey_app.db import db, utc_now
from survey_app.domain.problems import Conflict
from survey_app.web import allow
from tests.factories.kept_apps import own_app

pytestmark = own_app


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


def test_a_request_that_reads_stores_nothing(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    def page() -> str:
        db.session.add(AuditEntry(at=utc_now(), action="page", subject="page"))
        db.session.flush()
        return "done"

    app.add_url_rule("/page", "page", allow("manager")(page))
    assert signed_in("manager").get("/page").status_code == 200
    assert count_entries(app) == 0


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
    page = answer.get_data(as_text=True)
    assert "<script>" not in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/login", "no-store"),
        ("/", "no-store"),
        ("/no-such-page", "no-store"),
        ("/r/not-a-token", "no-store"),
        ("/static/respond.css", "no-cache"),
    ],
)
def test_each_answer_has_each_security_header_once(app: Flask, path: str, kept: str) -> None:
    with app.test_client().get(path) as answer:
        assert answer.headers.getlist("Cache-Control") == [kept]
        assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
        assert answer.headers.getlist("Referrer-Policy") == ["no-referrer"]
        assert len(answer.headers.getlist("Content-Security-Policy")) == 1


def test_health_asks_the_database(app: Flask) -> None:
    assert app.test_client().get("/health").json == {"status": "ok"}


@pytest.mark.parametrize("path", ["/r/", "/r/a/b", "/r/not-a-token"])
def test_a_customer_with_a_broken_link_meets_nothing_of_the_house(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "mail" in page
    assert "/login" not in page
    assert "start page" not in page


def test_a_form_is_taken_behind_tls_where_browsers_send_no_referer(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    behind_tls = {"base_url": "https://surveys.example.org"}
    page = client.get("/login", **behind_tls).get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post(
        "/login",
        data={"email": "a@example.org", "password": "b", "csrf_token": token},
        **behind_tls,
    )
    assert answer.status_code == 200
    assert "not right" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/figures/measures/%00", "/invite/contacts?search=%00", "/report/runs/%00"]
)
def test_a_nul_in_an_address_is_refused_in_a_sentence(
    signed_in: Callable[[str], FlaskClient], path: str
) -> None:
    answer = signed_in("admin").get(path)
    assert answer.status_code == 400
    assert "NUL" in answer.get_data(as_text=True)


def test_an_id_larger_than_any_row_is_no_page(signed_in: Callable[[str], FlaskClient]) -> None:
    client = signed_in("admin")
    for number in (2**31, 99999999999999999999):
        assert client.get(f"/invite/campaigns/{number}").status_code == 404


def test_a_busy_database_is_told_as_such_and_names_no_values(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    def page() -> str:
        db.session.execute(text("SELECT * FROM nowhere WHERE a = :answer"), {"answer": "secret"})
        return ""

    app.add_url_rule("/page", "page", allow("manager")(page))
    client = signed_in("manager")
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/page")
    assert answer.status_code in (500, 503)
    with app.app_context(), pytest.raises(DBAPIError) as raised:
        page()
    assert "secret" not in str(raised.value)
