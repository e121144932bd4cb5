"""The managers' page for taking over answers."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.db import db
from survey_app.respond.models import AnswerBatch, Response
from tests.factories.people import add_user, sign_in
from tests.factories.questionnaires import add_version
from tests.factories.workplaces import let_see, make_workplace

MAPPING = "respondent: id\nanswered_at: {constant: 2021-02-28T12:00}\nquestions: {q1: score}"


@pytest.fixture
def manager(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who sees the company."""
    client = signed_in("manager")
    with app.app_context():
        add_version()
        make_workplace()
        let_see("manager@example.org", "company")
        db.session.commit()
    return client


def send(client: FlaskClient, mapping: str, data: bytes = b"id,score\n1,4\n2,\n") -> TestResponse:
    fields = {"version": "visit_feedback 1", "mapping": mapping}
    return client.post("/respond/import", data=fields | {"file": (io.BytesIO(data), "old.csv")})


def test_without_a_published_questionnaire_the_page_says_what_to_do_first(
    signed_in: Callable[[str], FlaskClient],
) -> None:
    assert "need a questionnaire first" in signed_in("manager").get("/respond/import").text


def test_answers_are_imported_and_the_file_is_listed(app: Flask, manager: FlaskClient) -> None:
    answer = send(manager, MAPPING)
    assert answer.status_code == 302
    page = manager.get("/respond/import").text
    assert "2 responses were imported from old.csv" in page
    assert '<th scope="row">old.csv</th>' in page
    with app.app_context():
        assert db.session.query(Response).count() == 2


def test_what_is_wrong_is_shown_with_the_mapping_as_typed(app: Flask, manager: FlaskClient) -> None:
    for mapping, data, said in [
        (MAPPING, b"id,score\n1,9\n", "row 2, column score"),
        ("respondent: [", b"id\n1\n", "cannot be read here"),
        ("respondent: id", b"id\n1\n", "There is no `questions`"),
    ]:
        answer = send(manager, mapping, data)
        assert answer.status_code == 422
        assert said in answer.text
        assert mapping in answer.text
    assert manager.post("/respond/import", data={"mapping": MAPPING}).status_code == 422
    with app.app_context():
        assert db.session.query(Response).count() == 0
        assert db.session.query(AnswerBatch).count() == 0


def test_a_version_that_was_never_published_is_refused(manager: FlaskClient) -> None:
    fields = {"version": "visit_feedback 2", "mapping": MAPPING}
    fields |= {"file": (io.BytesIO(b"id,score\n1,4\n"), "old.csv")}  # type: ignore[dict-item]
    assert manager.post("/respond/import", data=fields).status_code == 422


def test_who_sees_a_part_imports_for_it_alone_and_sees_no_other_files(
    app: Flask, manager: FlaskClient
) -> None:
    with app.app_context():
        add_user("manager", "part@example.org")
        let_see("part@example.org", "leasing")
        db.session.commit()
    part = sign_in(app, "part@example.org")
    for unit, status in (("", 422), ("unit: {constant: credit}\n", 422)):
        answer = send(part, unit + MAPPING)
        assert answer.status_code == status
        assert "you see a part" in answer.text or "You see no unit" in answer.text
    with app.app_context():
        assert db.session.query(Response).count() == 0
    assert send(part, "representative: {constant: anna}\n" + MAPPING).status_code == 302
    other = b"id,score\n11,4\n12,\n"
    assert send(manager, "unit: {constant: credit}\n" + MAPPING, other).status_code == 302
    with app.app_context():
        db.session.query(AnswerBatch).filter_by(row_count=2).order_by(AnswerBatch.id)[
            1
        ].filename = "credit.csv"
        db.session.commit()
    assert "credit.csv" in manager.get("/respond/import").text
    assert "credit.csv" not in part.get("/respond/import").text
    assert "old.csv" in part.get("/respond/import").text
