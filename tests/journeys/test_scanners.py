"""A mail with the first question in it meets a scanner that opens every link, then its reader."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from survey_app.config import Settings
from survey_app.db import Base, db, utc_now
from survey_app.invite import jobs
from survey_app.invite.contact_models import Suppression
from survey_app.invite.inviting import launch
from survey_app.respond.models import Response
from tests.conftest import MailCatcher, make_settings
from tests.factories.campaigns import make_campaign, make_contact

LINK = re.compile(r'http://127\.0\.0\.1:8000/[^\s<>"]+')
SCANS = 50


@pytest.fixture
def settings(database_url: str, tmp_path: Path, smtp_server: MailCatcher) -> Settings:
    return make_settings(
        tmp_path,
        database_url,
        smtp_host="127.0.0.1",
        smtp_port=smtp_server.port,
        smtp_security="none",
    )


@pytest.fixture
def mail(app: Flask, smtp_server: MailCatcher) -> EmailMessage:
    with app.app_context():
        make_contact()
        launch(make_campaign(first_question=True), utc_now())
        db.session.commit()
        jobs.send_mails()
    return smtp_server.messages[0]


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int, method: str, address: str, **fields: str) -> tuple[int, str]:
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
    connection.request(method, path, urlencode(fields) if fields else None, headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer.status, page


def links_of(mail: EmailMessage) -> list[str]:
    """Every link of a mail: in its two parts and in its headers."""
    words = [part.get_content() for part in mail.iter_parts()]
    found = LINK.findall("\n".join([*words, str(mail["List-Unsubscribe"])]))
    return list(dict.fromkeys(link.replace("&amp;", "&") for link in found))


def tables(app: Flask) -> dict[str, list[str]]:
    with app.app_context():
        return {
            table.name: sorted(repr(tuple(row)) for row in db.session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


def test_fifty_scanners_at_once_change_nothing_and_then_the_person_answers(
    app: Flask, mail: EmailMessage, port: int
) -> None:
    links = links_of(mail)
    # The link itself, one for each of five answers, and the one for opting out.
    assert len(links) == 7
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    before = tables(app)
    with ThreadPoolExecutor(SCANS) as scanners:
        for method in ("GET", "HEAD"):
            wanted = [(link, method) for link in links for _ in range(SCANS)]
            statuses = scanners.map(lambda one: ask(port, one[1], one[0])[0], wanted)
            assert set(statuses) == {200}
    assert tables(app) == before

    chosen = next(link for link in links if link.endswith("?a.q1=4"))
    page = ask(port, "GET", chosen)[1]
    assert re.search(r'value="4"[^>]*checked', page)
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    status, thanks = ask(port, "POST", chosen.partition("?")[0], **sent, q1="4", _go="send")
    assert status == 200
    assert "Your answers have arrived" in thanks
    with app.app_context():
        assert db.session.query(Response).one().answers == {"q1": {"value": 4}}
        assert db.session.query(Suppression).count() == 0
        db.session.rollback()
    unsubscribe = next(link for link in links if "/u/" in link)
    assert ask(port, "POST", unsubscribe, **{"List-Unsubscribe": "One-Click"})[0] == 200
    with app.app_context():
        assert db.session.query(Suppression).one().email == "mia@example.org"
