from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry, User
from survey_app.db import db
from tests.factories.machines import Machine, add_machine
from tests.factories.questionnaires import definition


@pytest.fixture
def machine(app: Flask) -> Machine:
    """A manager's program."""
    return add_machine(app)


def begin(machine: Machine, **changed: Any) -> str:
    answer = machine.post("/questionnaires", {"definition": definition(**changed)})
    assert answer.status_code == 201, answer.json
    return answer.headers["Location"].removeprefix("/api/v1")


def test_a_questionnaire_is_begun_changed_and_published(app: Flask, machine: Machine) -> None:
    path = begin(machine)
    draft = machine.get(f"{path}/draft")
    assert draft.json is not None
    assert draft.json["revision"] == 1
    assert draft.json["definition"]["title"] == definition()["title"]
    changed = machine.send(
        "PUT",
        f"{path}/draft",
        {"definition": definition(title="Another title")},
        If_Match=draft.headers["ETag"],
    )
    assert changed.json is not None
    assert changed.json["revision"] == 2
    late = machine.send(
        "PUT", f"{path}/draft", {"definition": definition()}, If_Match=draft.headers["ETag"]
    )
    assert late.status_code == 412
    assert machine.post(f"{path}/versions", {"revision": 1}).status_code == 409
    published = machine.post(f"{path}/versions", {"revision": 2})
    assert published.status_code == 201
    version = machine.get(published.headers["Location"].removeprefix("/api/v1"))
    assert version.json == published.json
    assert version.json["definition"]["title"] == "Another title"  # type: ignore[index]
    assert machine.get(path).json["versions"] == [1]  # type: ignore[index]
    assert machine.get(f"{path}/versions").json["items"] == [version.json]  # type: ignore[index]
    with app.app_context():
        entry = db.session.query(AuditEntry).filter_by(action="questionnaire published").one()
        assert entry.user_id == db.session.query(User).one().id


def test_what_keeps_it_from_being_published_is_told_problem_by_problem(machine: Machine) -> None:
    path = begin(machine, sections=[{"id": "s", "title": "", "questions": []}])
    answer = machine.post(f"{path}/versions", {"revision": 1})
    assert answer.status_code == 422
    problems = answer.json["problems"]  # type: ignore[index]
    assert problems
    assert all(set(problem) == {"place", "code", "message"} for problem in problems)


def test_a_key_that_is_taken_and_one_that_is_unknown_are_told(machine: Machine) -> None:
    begin(machine)
    assert machine.post("/questionnaires", {"definition": definition()}).status_code == 409
    assert machine.get("/questionnaires/nothing").status_code == 404
    assert len(machine.get("/questionnaires").json["items"]) == 1  # type: ignore[index]
