"""The customer's page over HTTP."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, event, func, select
from werkzeug.test import TestResponse

import survey_app.driver
from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.respond.models import Response
from tests.factories.kept_apps import own_app
from tests.factories.questionnaires import NOW, add_invitation, add_version, definition

ANSWERS = {"q1": "4", "q2": "shop", "q3": ["a", "b"], "q4": "12", "q5": "Nothing."}


@pytest.fixture
def token(app: Flask) -> str:
    """The token of one invitation to the usual questionnaire."""
    with app.app_context():
        token = add_invitation(add_version())[1]
        db.session.commit()
    return token


@pytest.fixture
def customer(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    # As in production: forms are protected, except that of a personal link.
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def post_raw(client: FlaskClient, token: str, body: bytes) -> TestResponse:
    form = "application/x-www-form-urlencoded"
    return client.post(f"/r/{token}", data=body, content_type=form)


def stored(app: Flask) -> list[Response]:
    with app.app_context():
        return list(db.session.scalars(select(Response).order_by(Response.id)))


def test_answers_are_stored_and_thanked_for(app: Flask, token: str, customer: FlaskClient) -> None:
    answer = customer.post(f"/r/{token}", data=ANSWERS)
    assert answer.status_code == 200
    assert "Your answers have arrived" in answer.text
    assert "We read every answer." in answer.text
    assert [response.answers["q3"] for response in stored(app)] == [{"value": ["a", "b"]}]


@own_app
def test_a_visit_asks_the_database_no_more_than_it_must(
    app: Flask, token: str, customer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        version = db.session.query(QuestionnaireVersion).one()
        other_token = add_invitation(version, 2)[1]
        db.session.commit()
        engines = list(db.engines.values())
    # The first visit of all makes the pages.
    customer.get(f"/r/{other_token}")
    customer.post(f"/r/{other_token}", data=ANSWERS)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement.split()[0])

    def note_run(prepared: Any, cursor: Any, parameters: Any) -> None:
        asked.append(prepared.text.split()[0])
        run(prepared, cursor, parameters)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    run = survey_app.driver._Prepared.run
    monkeypatch.setattr("survey_app.driver._Prepared.run", note_run)
    customer.get(f"/r/{token}")
    assert asked == ["SELECT"]
    asked.clear()
    customer.post(f"/r/{token}", data=ANSWERS)
    # On PostgreSQL the mark of the invitation goes along with the response.
    on_sqlite = engines[0].dialect.name == "sqlite"
    assert asked == (["SELECT", "INSERT", "UPDATE"] if on_sqlite else ["SELECT", "WITH"])


def test_a_colleague_who_answers_stays_signed_in(
    token: str, signed_in: Callable[[str], FlaskClient]
) -> None:
    colleague = signed_in("manager")
    assert colleague.get(f"/r/{token}").status_code == 200
    assert colleague.post(f"/r/{token}", data=ANSWERS).status_code == 200
    assert colleague.get("/report/").status_code == 200


def test_answering_again_is_told_kindly_and_changes_nothing(
    app: Flask, token: str, customer: FlaskClient
) -> None:
    customer.post(f"/r/{token}", data=ANSWERS)
    for answer in (
        customer.post(f"/r/{token}", data=ANSWERS | {"q1": "1"}),
        customer.get(f"/r/{token}"),
    ):
        assert answer.status_code == 200
        assert "have reached us already" in answer.text
    assert [response.answers["q1"] for response in stored(app)] == [{"value": 4}]


def test_opening_a_link_changes_no_row(app: Flask, token: str, customer: FlaskClient) -> None:
    def all_rows() -> dict[str, list[tuple[object, ...]]]:
        with app.app_context():
            tables = MetaData()
            tables.reflect(db.engine)
            return {
                table.name: [tuple(row) for row in db.session.execute(select(table))]
                for table in tables.tables.values()
            }

    before = all_rows()
    for _ in range(25):
        assert customer.get(f"/r/{token}").status_code == 200
        assert customer.head(f"/r/{token}").status_code == 200
    assert all_rows() == before


def test_the_page_is_the_same_bytes_for_all_holds_no_token_and_is_small(
    app: Flask, token: str, customer: FlaskClient
) -> None:
    with app.app_context():
        version = add_version(definition(key="other_one"))
        tokens = [add_invitation(version, number)[1] for number in (7, 8)]
        db.session.commit()
    first, second = (customer.get(f"/r/{one}").data for one in tokens)
    assert first == second
    answer = customer.get(f"/r/{token}")
    assert token not in answer.text
    assert len(answer.data) < 30_000
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    linked = re.findall(r'(?:src|href)="(/[^"]+)"', answer.text)
    assert linked == ["/static/respond.css", "/static/respond.js"]
    assert re.findall(r"<script[^>]*>", answer.text) == ['<script src="/static/respond.js" defer>']


def test_two_versions_and_two_questionnaires_keep_their_own_pages(
    app: Flask, token: str, customer: FlaskClient
) -> None:
    with app.app_context():
        other = add_version(definition(key="other_one", title="Another"))
        other_token = add_invitation(other, 2)[1]
        db.session.commit()
    assert "<h1>How was your visit?</h1>" in customer.get(f"/r/{token}").text
    assert "<h1>Another</h1>" in customer.get(f"/r/{other_token}").text
    assert "<h1>How was your visit?</h1>" in customer.get(f"/r/{token}").text


def test_refused_answers_stay_on_the_page_and_each_field_says_what_is_wrong(
    app: Flask, token: str, customer: FlaskClient
) -> None:
    typed = {"q2": "missing:refused", "q3": ["b"], "q4": "a while", "q5": "\nZwei\r\n<b>Zeilen</b>"}
    answer = customer.post(f"/r/{token}", data=typed)
    assert answer.status_code == 422
    page = answer.text
    assert "2 answers need another look" in page
    assert 'href="#a-q1"' in page
    assert 'href="#a-q4"' in page
    assert re.search(r'<section class="summary" tabindex="-1" autofocus', page)
    assert re.search(
        r'role="radiogroup"[^>]* aria-required="true" aria-invalid="true" [^>]*"e-q1"', page
    )
    assert re.search(r'<input id="a-q4"[^>]*"e-q4" aria-invalid="true"[^>]*value="a while"', page)
    assert re.search(r'name="q2" value="missing:refused" checked', page)
    assert re.search(r'name="q3" value="b" checked', page)
    assert not re.search(r'name="q3" value="a"[^>]* checked', page)
    area = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert area is not None
    assert html.unescape(area[1]) == "\nZwei\r\n<b>Zeilen</b>"
    assert stored(app) == []


REFUSED = [
    ("q1", "9"),
    ("q1", "4.5"),
    ("q1", "-1"),
    ("q1", "NaN"),
    ("q1", "missing:skipped"),
    ("q1__missing", "dont_know"),
    ("q2", "elsewhere"),
    ("q4", "a while"),
    ("q4", "9" * 400),
    ("q5", "x" * 1_000_000),
    ("q5", "a\0b"),
    ("q5", "x" * 2001),
    ("nonsense", "1"),
    ("q1\0", "1"),
    ("", "1"),
    ("\u202e", "1"),
]


def test_what_cannot_be_an_answer_is_refused(app: Flask, token: str, customer: FlaskClient) -> None:
    for field, value in REFUSED:
        answer = customer.post(f"/r/{token}", data=ANSWERS | {field: value})
        assert answer.status_code == 422, (field, value[:20])
    assert stored(app) == []


EXACT = [
    "😀 👩\u200d👩\u200d👧",
    "\u202egnirts\u202c",
    "'; DROP TABLE response; --",
    "<script>alert(1)</script>{{ 7 * 7 }}",
    "  spaces  ",
    "\ufffd\ufeff\u200b",
    "=1+1&q1=5%41",
    "a\nb",
    "\x01\x7f\x85",
    "x" * 2000,
    "missing:refused",
]


def test_text_is_stored_exactly_as_typed(app: Flask, customer: FlaskClient) -> None:
    with app.app_context():
        version = add_version()
        tokens = [add_invitation(version, number)[1] for number in range(len(EXACT))]
        db.session.commit()
    for token, text in zip(tokens, EXACT, strict=True):
        answer = customer.post(f"/r/{token}", data=ANSWERS | {"q5": text})
        assert answer.status_code == 200, text[:20]
    assert [response.answers["q5"]["value"] for response in stored(app)] == EXACT


NOT_UTF8 = [
    b"q1=4&q5=%ED%A0%80",
    b"q1=4&q5=\xed\xa0\x80",
    b"q1=4&q5=caf%E9",
    b"q1=4&q5=caf\xe9",
    b"q1=4&%FF=1",
    b"\xff\xfe",
    b"",
    b"q1=4&" * 20_000,
    b"&".join(b"x%d=1" % number for number in range(10_001)),
]


def test_bytes_that_are_no_utf8_form_are_refused(
    app: Flask, token: str, customer: FlaskClient
) -> None:
    for body in NOT_UTF8:
        assert post_raw(customer, token, body).status_code == 422, body[:30]
    assert stored(app) == []


def test_other_kinds_of_posts_are_refused(app: Flask, token: str, customer: FlaskClient) -> None:
    assert customer.post(f"/r/{token}", json=ANSWERS).status_code == 422
    for kind in ("text/plain", "multipart/form-data", "multipart/form-data; boundary=x"):
        answer = customer.post(f"/r/{token}", data=b"q1=4", content_type=kind)
        assert answer.status_code == 422
    large = urlencode({"q5": "x" * (2 * 1024 * 1024)}).encode()
    answer = post_raw(customer, token, large)
    assert answer.status_code == 413
    assert "shorten" in answer.text
    assert stored(app) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_or_ended_link_tells_whom_to_ask(
    method: str, app: Flask, customer: FlaskClient
) -> None:
    with app.app_context():
        ended = add_invitation(add_version(), expires_at=NOW, created_at=NOW)[1]
        db.session.commit()
    for address, status in ((f"/r/{ended}", 410), ("/r/" + quote("wröng"), 404), ("/r/%ff", 404)):
        answer = customer.open(address, method=method, data=ANSWERS if method == "POST" else None)
        assert answer.status_code == status
        assert "please ask Example Ltd: soundings@localhost" in answer.text
        assert "Soundings" not in answer.text


def test_twenty_posts_of_one_link_at_once_make_one_response(app: Flask, token: str) -> None:
    gate = threading.Barrier(20)
    pages: list[tuple[int, str]] = []

    def send(number: int) -> None:
        client = app.test_client()
        gate.wait(30)
        answer = client.post(f"/r/{token}", data=ANSWERS | {"q4": str(number)})
        pages.append((answer.status_code, "arrived" if "arrived" in answer.text else "already"))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(pages) == [(200, "already")] * 19 + [(200, "arrived")]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Response)) == 1


def test_a_token_is_never_written_to_a_log(
    token: str, customer: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    customer.get(f"/r/{token}")
    customer.post(f"/r/{token}", data={"q1": "9"})
    customer.post(f"/r/{token}", data=ANSWERS)
    assert token not in caplog.text
