"""Pages of answers: who may take what, what is told before, and what waits for whom."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.report.answers import preparing
from tests.factories.people import add_user, sign_in
from tests.factories.workplaces import let_see
from tests.report.answers.answering import FULL, KEY, make_answered, respond

PAGE = f"/answers/{KEY}"
FILE = f"{PAGE}/file"


@pytest.fixture(autouse=True)
def _answers(app: Flask) -> None:
    """Six responses in Leasing, five in Credit; users who see all of it or Credit alone."""
    with app.app_context():
        make_answered()
        for number in range(6):
            respond(number, FULL)
        for number in range(10, 15):
            respond(
                number, {**FULL, "words": {"missing": "skipped"}}, unit="credit", person="bruno"
            )
        for role in ("manager", "analyst"):
            for unit in ("company", "credit"):
                add_user(role, f"{role}.{unit}@example.org")
                let_see(f"{role}.{unit}@example.org", unit)
        db.session.commit()


def enter(app: Flask, name: str) -> FlaskClient:
    """A client of 'manager.credit' and the like."""
    return sign_in(app, f"{name}@example.org")


def units(content: bytes) -> dict[str, int]:
    """How many rows of a CSV belong to which unit."""
    counts: dict[str, int] = pd.read_csv(io.BytesIO(content))["unit"].value_counts().to_dict()
    return counts


def test_the_page_tells_how_many_responses_match_before_anything_is_downloaded(app: Flask) -> None:
    client = enter(app, "analyst.company")
    assert "11 responses match" in client.get(PAGE).text
    assert "6 responses match your choice, all complete" in client.get(f"{PAGE}?complete=1").text
    assert "0 responses match" in client.get(f"{PAGE}?first=2026-08").text
    assert "5 responses match" in enter(app, "analyst.credit").get(PAGE).text
    listed = enter(app, "analyst.credit").get("/answers/").text
    assert "Every type" in listed
    assert '<td class="num">5</td>' in listed


def test_nobody_gets_more_than_their_units(app: Flask) -> None:
    assert units(enter(app, "analyst.company").get(FILE).data) == {"leasing": 6, "credit": 5}
    assert units(enter(app, "analyst.credit").get(FILE).data) == {"credit": 5}
    answer = enter(app, "manager.credit").post(FILE, data={"named": "1"})
    assert units(answer.data) == {"credit": 5}


def test_names_and_words_are_for_managers_and_go_on_record(app: Flask) -> None:
    analyst, manager = enter(app, "analyst.company"), enter(app, "manager.company")
    assert analyst.post(FILE, data={"named": "1"}).status_code == 403
    for asked in ("named=1", "texts=1"):
        assert analyst.get(f"{FILE}?{asked}").status_code == 409
        assert manager.get(f"{FILE}?{asked}").status_code == 409
    assert "With names or words" not in analyst.get(PAGE).text
    assert "With names or words" in manager.get(PAGE).text
    answer = manager.post(FILE, data={"named": "1", "texts": "1", "first": "2026-07"})
    assert answer.status_code == 200
    assert "named_texts" in answer.headers["Content-Disposition"]
    assert b"customer-3" in answer.data
    with app.app_context():
        entry = db.session.query(AuditEntry).filter_by(action="answers taken away").one()
        assert entry.user_id is not None
        assert (entry.detail["named"], entry.detail["texts"]) == (True, True)


def test_representatives_take_nothing_away(signed_in: Callable[[str], FlaskClient]) -> None:
    client = signed_in("representative")
    for address in ("/answers/", PAGE, FILE, f"{PAGE}/codebook"):
        assert client.get(address).status_code == 403


def test_each_file_has_its_type_and_name(app: Flask) -> None:
    client = enter(app, "analyst.company")
    for asked, kind, name in (
        ("", "text/csv; charset=utf-8", "answers_every_type_wide.csv"),
        ("?format=parquet", "application/vnd.apache.parquet", "answers_every_type_wide.parquet"),
        ("?format=sav&shape=long", "application/x-spss-sav", "answers_every_type_long.sav"),
        ("?package=1&version=1", "application/zip", "answers_every_type_v1_wide.zip"),
    ):
        answer = client.get(FILE + asked)
        assert answer.content_type == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"{FILE}?bom=1").data.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("first=July", "is no month. Write it like 2026-07."),
        ("first=2026-08&last=2026-07", "2026-08 is after 2026-07"),
        ("format=xls", "There is no format"),
        ("version=two", "is no version"),
    ],
)
def test_what_cannot_be_asked_for_is_a_sentence(app: Flask, asked: str, told: str) -> None:
    client = enter(app, "analyst.company")
    for address in (PAGE, FILE):
        answer = client.get(f"{address}?{asked}")
        assert answer.status_code == 422
        assert told in answer.text


def test_what_is_not_there_is_not_found(app: Flask) -> None:
    client = enter(app, "analyst.company")
    for address in ("/answers/nothing", f"{PAGE}?version=9", f"{FILE}?version=9"):
        assert client.get(address).status_code == 404


def test_many_new_answers_are_copied_by_the_worker_while_the_page_waits(
    app: Flask, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "MOST_UNASKED", 5)
    client = enter(app, "analyst.company")
    page = client.get(f"{PAGE}?complete=1").text
    assert "11 new responses are not in the files yet" in page
    assert "disabled" in page
    answer = client.post(f"{PAGE}/copy", data={"complete": "1"})
    assert answer.headers["Location"].endswith("complete=1")
    assert run_jobs() == 1
    assert "new responses are not in the files" not in client.get(PAGE).text
    assert units(client.get(FILE).data) == {"leasing": 6, "credit": 5}


def test_far_too_many_new_answers_are_not_copied_within_a_request(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "MOST_IN_A_REQUEST", 10)
    answer = enter(app, "analyst.company").get(FILE)
    assert answer.status_code == 409
    assert "11 answers have to be copied first" in answer.text


def test_the_codebook_is_a_page_too(app: Flask) -> None:
    page = enter(app, "analyst.company").get(f"{PAGE}/codebook").text
    for words in ("grid.speed", "About grid? – Speed", "1 to 5 points", "<code>5</code> good"):
        assert words in page
    assert "Not shown: off the person&#39;s path" in page


def test_the_command_line_writes_the_same_bytes(
    app: Flask, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from survey_app import cli
    from survey_app.command_line import command_edge

    monkeypatch.setattr(command_edge, "create_app", lambda: app)
    sent = enter(app, "manager.company").get(f"{FILE}?shape=long").data
    done = CliRunner().invoke(cli.commands, ["answers", "export", KEY, "--shape", "long"])
    assert done.exit_code == 0, done.output
    assert done.stdout_bytes == sent
    done = CliRunner().invoke(cli.commands, ["answers", "export", KEY, "--named"])
    assert b"customer-3" in done.stdout_bytes
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(action="answers taken away").count() == 1
