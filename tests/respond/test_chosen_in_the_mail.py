"""Links in a mail: one of them shows an answer as chosen, another asks no more; none stores."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server

from survey_app.db import db
from survey_app.invite.models import ANONYMOUS, IDENTIFIED, MODES, Invitation
from survey_app.respond.models import AnonymousDraft, Response, ResponseDraft, SealedResponse
from survey_app.respond.outcomes import SAVE, Enough, Stored
from tests.factories.modes import ask, start_campaign
from tests.factories.questionnaires import add_version, definition
from tests.factories.sending import send

ANSWERS = {"q1": ["4"], "q5": ["Nothing."]}
TABLES = (Response, ResponseDraft, AnonymousDraft, SealedResponse)


def checked(page: str) -> list[str]:
    """What is chosen on a page, as 'field=value'."""
    fields = re.findall(r'<input type="(?:radio|checkbox)"[^>]*>', page)
    return [
        "=".join(re.search(rf'{part}="([^"]*)"', field).group(1) for part in ("name", "value"))  # type: ignore[union-attr]
        for field in fields
        if " checked" in field
    ]


@pytest.fixture
def token(app: Flask) -> str:
    with app.app_context():
        _, token = ask(start_campaign(IDENTIFIED), 1)
        db.session.commit()
    return token


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_link_shows_its_answer_as_chosen_and_nothing_else(
    token: str, client: FlaskClient
) -> None:
    assert checked(client.get(f"/r/{token}").text) == []
    assert checked(client.get(f"/r/{token}?a.q1=4").text) == ["q1=4"]
    # The next who opens the page without a choice sees none.
    assert checked(client.get(f"/r/{token}").text) == []


@pytest.mark.parametrize(
    "query",
    ["a.q1=9", "a.q1=", "a.q1=missing:dont_know", "a.q2=shop", "a.zz=1", "q1=4", "a.=4", "a.q1=４"],
)
def test_what_the_mail_does_not_offer_is_not_chosen(
    token: str, client: FlaskClient, query: str
) -> None:
    answer = client.get(f"/r/{token}?{query}")
    assert answer.status_code == 200
    assert checked(answer.text) == []


def test_what_was_saved_stands_against_a_link(app: Flask, token: str, client: FlaskClient) -> None:
    with app.app_context():
        send(token, {"q1": ["2"]}, action=SAVE)
        db.session.commit()
    assert checked(client.get(f"/r/{token}?a.q1=4").text) == ["q1=2"]


def test_a_chosen_answer_is_shown_where_another_was_saved(
    app: Flask, token: str, client: FlaskClient
) -> None:
    with app.app_context():
        send(token, {"q2": ["shop"]}, action=SAVE)
        db.session.commit()
    assert checked(client.get(f"/r/{token}?a.q1=4").text) == ["q1=4", "q2=shop"]


def state(app: Flask) -> tuple[list[int], list[tuple[bool, bool]]]:
    with app.app_context():
        rows = db.session.execute(select(Invitation.started, Invitation.answered))
        return [db.session.query(table).count() for table in TABLES], [tuple(row) for row in rows]


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The product served by threads, as a mail scanner meets it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(30)
    server.server_close()


def fetch(port: int, method: str, path: str, form: dict[str, str] | None = None) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, path, urlencode(form) if form else None, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.mark.parametrize("mode", MODES)
def test_fifty_scanners_at_once_answer_nothing_and_the_person_can(
    app: Flask, port: int, mode: str
) -> None:
    with app.app_context():
        _, token = ask(start_campaign(mode), 1)
        db.session.commit()
    before = state(app)
    assert before == ([0, 0, 0, 0], [(False, False)])
    gate = threading.Barrier(50)
    found: list[int] = []

    def scan() -> None:
        gate.wait(60)
        found.extend(fetch(port, "GET", f"/r/{token}?a.q1={point}") for point in range(1, 6))

    threads = [threading.Thread(target=scan) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert found == [200] * 250
    assert state(app) == before
    assert fetch(port, "POST", f"/r/{token}?a.q1=5", {"q1": "4", "_page": ""}) == 200
    rows, flags = state(app)
    assert (sum(rows), flags) == (1, [(True, True)])
    with app.app_context():
        kept = SealedResponse if mode == ANONYMOUS else Response
        assert db.session.query(kept).one().answers["q1"] == {"value": 4}


@pytest.mark.parametrize("mode", MODES)
def test_a_full_quota_asks_no_more_and_keeps_nothing(app: Flask, mode: str) -> None:
    gold = {"attributes": {"segment": "gold"}}
    with app.app_context():
        quotas = [{"attribute": "segment", "value": "gold", "limit": 1}]
        campaign = start_campaign(mode, add_version(definition(paging="sections")), quotas=quotas)
        late, begun, other, first = [
            ask(campaign, number, **(gold if number != 3 else {}))[1] for number in (1, 2, 3, 4)
        ]
        send(begun, {"q1": ["2"]}, page="visit", action="next")
        send(first, {"q1": ["5"]}, page="visit", action="next")
        assert isinstance(send(first, {"q5": ["Fine."]}, page="more", revision=1), Stored)
        db.session.commit()
    client = app.test_client()
    before = state(app)
    for answer in (
        client.get(f"/r/{late}"),
        client.get(f"/r/{late}?a.q1=4"),
        client.post(f"/r/{late}", data={"q1": "4", "_page": "visit", "_go": "next"}),
        client.post(f"/r/{late}", data={"q1": "4", "_page": "visit", "_go": "save"}),
    ):
        assert answer.status_code == 200
        assert "We have enough answers" in answer.text
    assert state(app) == before
    # Who has begun finishes, who falls under no quota is asked, who has answered is thanked.
    assert "_page" in client.get(f"/r/{begun}").text
    assert "_page" in client.get(f"/r/{other}").text
    assert "reached us already" in client.get(f"/r/{first}").text
    with app.app_context():
        assert isinstance(send(begun, {"q5": ["Yes."]}, page="more", revision=1), Stored)
        assert isinstance(send(late, {"q1": ["4"]}, page="visit"), Enough)
