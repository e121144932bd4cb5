"""Files that come with answers: kept outside the web's folders, and only what is asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from survey_app.config import Settings
from survey_app.db import db
from survey_app.respond.models import Response
from survey_app.respond.queries import named_files
from survey_app.respond.uploading import clear_unnamed, invitations_with_files
from tests.factories.questionnaires import add_invitation, add_version

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 300
PDF = b"%PDF-1.7\n" + b" " * 300
SURVEY: dict[str, Any] = {
    "format": "soundings-questionnaire/1",
    "key": "pictures",
    "title": "Pictures",
    "sections": [
        {
            "id": "all",
            "questions": [
                {"id": "picture", "type": "file", "text": "A picture?", "megabytes": 1},
                {"id": "word", "type": "text", "text": "A word?", "required": True},
                {"id": "paper", "type": "file", "text": "A paper?", "kinds": ["pdf"]},
            ],
        }
    ],
}


@pytest.fixture
def links(app: Flask) -> list[str]:
    """Two links to a questionnaire that asks for files."""
    with app.app_context():
        version = add_version(SURVEY)
        links = [f"/r/{add_invitation(version, number)[1]}" for number in (1, 2)]
        db.session.commit()
    return links


def form(**fields: Any) -> dict[str, Any]:
    files = {
        name: FileStorage(BytesIO(value[1]), value[0]) if isinstance(value, tuple) else value
        for name, value in fields.items()
    }
    # Encoded here: the test client keeps a large form in a file that it leaves open.
    boundary, body = encode_multipart({"_page": "", **files})
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def kept(settings: Settings) -> list[Path]:
    return sorted(path for path in (settings.home / "uploads").rglob("*") if path.is_file())


def test_a_file_is_stored_with_its_answer_and_given_to_managers_to_save(
    app: Flask,
    links: list[str],
    settings: Settings,
    signed_in: Callable[[str], FlaskClient],
) -> None:
    sent = form(picture=("../../etc/p\u202e hoto.png", PNG), word="Hi", paper=("", b""))
    assert app.test_client().post(links[0], **sent).status_code == 200
    with app.app_context():
        answers = db.session.query(Response).one().answers
    value = answers["picture"]["value"]
    assert value == {"id": value["id"], "name": "p hoto.png", "size": 308, "type": "image/png"}
    assert answers["paper"] == {"missing": "skipped"}
    assert kept(settings)[0].read_bytes() == PNG
    manager = signed_in("admin")
    page = manager.get("/respond/files")
    assert "p hoto.png" in page.text
    file = manager.get(f"/respond/files/1/{value['id']}")
    assert file.data == PNG
    file.close()
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert manager.get(f"/respond/files/2/{value['id']}").status_code == 404
    assert app.test_client().get(f"/respond/files/1/{value['id']}").status_code == 302


def test_a_file_stays_where_another_answer_is_refused(
    app: Flask, links: list[str], settings: Settings
) -> None:
    client = app.test_client()
    answer = client.post(links[0], **form(picture=("a.png", PNG), word=""))
    assert answer.status_code == 422
    file_id = kept(settings)[0].name
    assert f'name="picture" value="{file_id}" checked' in answer.text
    assert client.post(links[0], **form(picture=file_id, word="Hi")).status_code == 200
    with app.app_context():
        assert db.session.query(Response).one().answers["picture"]["value"]["name"] == "a.png"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.png", b"<script>alert(1)</script>", "is of no kind that is taken here"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is of no kind"),
        ("a.png", b"", "is empty"),
        ("a.png", PNG + b"\0" * 1024 * 1024, "is larger than 1 MB"),
        ("a.exe", b"MZ" + b"\0" * 500, "is of no kind"),
    ],
)
def test_what_is_not_asked_for_is_refused_and_not_kept(
    app: Flask, links: list[str], settings: Settings, name: str, content: bytes, told: str
) -> None:
    answer = app.test_client().post(links[0], **form(picture=(name, content), word="Hi"))
    assert answer.status_code == 422
    assert told in answer.text
    assert kept(settings) == []
    with app.app_context():
        assert db.session.query(Response).count() == 0


def test_nobody_takes_a_file_of_somebody_else_or_of_another_question(
    app: Flask, links: list[str], settings: Settings
) -> None:
    client = app.test_client()
    client.post(links[0], **form(picture=("a.png", PNG), word=""))
    file_id = kept(settings)[0].name
    for link, fields in [
        (links[1], {"picture": file_id}),
        (links[0], {"paper": file_id}),
        (links[0], {"picture": "../1/" + file_id}),
        (links[0], {"picture": '{"id": "x", "name": "x", "size": 1, "type": "image/png"}'}),
        (links[0], {"picture": "0" * 32}),
    ]:
        answer = client.post(link, **form(word="Hi", **fields))
        assert answer.status_code == 422
        assert "did not arrive" in answer.text


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("evil.html", "evil.html.png"),
        ("..", "file.png"),
        ("/pictures/me.PNG", "me.PNG"),
        ("photo", "photo.png"),
    ],
)
def test_the_name_of_a_file_ends_as_its_bytes_say(
    app: Flask, links: list[str], name: str, kept_as: str
) -> None:
    app.test_client().post(links[0], **form(picture=(name, PNG + b"<script>"), word="Hi"))
    with app.app_context():
        assert db.session.query(Response).one().answers["picture"]["value"]["name"] == kept_as


def test_one_link_keeps_a_bounded_number_of_files(
    app: Flask, links: list[str], settings: Settings
) -> None:
    client = app.test_client()
    for number in range(25):
        answer = client.post(links[0], **form(picture=(f"{number}.png", PNG), word=""))
    assert "Too many files" in answer.text
    assert len(kept(settings)) == 40
    # What is there already may be sent again.
    again = client.post(links[0], **form(picture=("0.png", PNG), word="Hi"))
    assert again.status_code == 200


def test_the_same_file_sent_again_is_kept_once(
    app: Flask, links: list[str], settings: Settings
) -> None:
    client = app.test_client()
    sent = form(_go="next", picture=("p.png", PNG))
    with ThreadPoolExecutor(4) as people:
        posts = [people.submit(app.test_client().post, links[0], **sent) for _ in range(8)]
        assert {post.result().status_code for post in posts} == {422}
    assert len(kept(settings)) == 2
    # Another name, other content and another link are other files.
    for again, link in ((("q.png", PNG), 0), (("p.png", PNG + b"\0"), 0), (("p.png", PNG), 1)):
        client.post(links[link], **form(picture=again))
    assert len(kept(settings)) == 8


def test_one_file_may_answer_two_questions(
    app: Flask, links: list[str], settings: Settings
) -> None:
    client = app.test_client()
    answer = client.post(links[0], **form(picture=("a.pdf", PDF), paper=("a.pdf", PDF), word=""))
    assert answer.status_code == 422
    named = dict(re.findall(r'name="(picture|paper)" value="(\w{32})" checked', answer.text))
    assert set(named) == {"picture", "paper"}
    assert client.post(links[0], **form(**named, word="Hi")).status_code == 200


def test_a_part_without_a_name_and_a_flood_without_a_link_are_refused(
    app: Flask, links: list[str]
) -> None:
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    client = app.test_client()
    assert client.post(links[0], data=body, content_type=kind).status_code == 422
    flood = b"a" * 100_000
    assert client.post("/r/nobody", data=flood, content_type=kind).status_code == 404


def test_files_that_no_answer_names_are_cleared_away_later(
    app: Flask, links: list[str], settings: Settings
) -> None:
    client = app.test_client()
    client.post(links[0], **form(picture=("a.png", PNG), word=""))
    client.post(links[1], **form(picture=("b.png", PNG), word="Hi"))
    now = datetime.now(UTC)
    with app.app_context():
        named = named_files(invitations_with_files())
        assert clear_unnamed(named, now - timedelta(days=2)) == 0
        unfinished = settings.home / f"uploads/2/{next(iter(named[2]))}.part"
        unfinished.write_bytes(b"")
        for path in kept(settings):
            os.utime(path, (0, 0))
        assert clear_unnamed(named, now - timedelta(days=2)) == 1
    assert [path.suffix for path in kept(settings)] == ["", ".json"]
    assert {path.parent.name for path in kept(settings)} == {"2"}


def test_a_file_that_is_named_again_is_not_cleared_away(
    app: Flask, links: list[str], settings: Settings
) -> None:
    client = app.test_client()
    client.post(links[0], **form(picture=("a.png", PNG), word=""))
    for path in kept(settings):
        os.utime(path, (0, 0))
    with app.app_context():
        named = named_files(invitations_with_files())
    # Sent once more, or by its id, while the worker is about to clear.
    for again in (("a.png", PNG), kept(settings)[0].name):
        client.post(links[0], **form(picture=again, word=""))
        with app.app_context():
            assert clear_unnamed(named, datetime.now(UTC) - timedelta(days=2)) == 0
        assert len(kept(settings)) == 2
        for path in kept(settings):
            os.utime(path, (0, 0))
