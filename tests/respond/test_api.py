from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.respond.models import Response
from tests.factories.machines import Machine, add_machine
from tests.factories.scorings import add_response, make_company

FILE = {
    "questionnaire": "feedback",
    "version": 1,
    "filename": "old.csv",
    "csv": "who,rating,when,where\nr1,4,2026-06-30T22:30Z,leasing\nr2,5,2026-06-30T12:00Z,sales\n",
    "mapping": {
        "respondent": "who",
        "answered_at": "when",
        "unit": "where",
        "questions": {"q1": "rating"},
    },
}


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_company


def prepare(app: Flask, sees: str = "company") -> Machine:
    with app.app_context():
        db.session.query(Response).delete()
        db.session.commit()
    return add_machine(app, sees=sees)


def body_of(answer: Any) -> Any:
    assert answer.json is not None
    return answer.json


def ids(machine: Machine, query: str = "") -> list[str]:
    return [one["source_id"] for one in body_of(machine.get(f"/responses{query}"))["items"]]


def test_answers_are_imported_and_read_by_month_of_the_organisation(app: Flask) -> None:
    machine = prepare(app)
    done = machine.post("/responses/imports", FILE)
    assert done.status_code == 201, done.json
    assert body_of(done)["row_count"] == 2
    assert machine.post("/responses/imports", FILE).status_code == 409
    assert ids(machine) == ["feedback/r1", "feedback/r2"]
    assert ids(machine, "?month=2026-06") == ["feedback/r1", "feedback/r2"]
    assert ids(machine, "?month=2026-07&questionnaire=feedback") == []
    assert ids(machine, "?updated_since=2099-01-01T00:00:00Z") == []
    first = body_of(machine.get("/responses"))["items"][0]
    assert (first["unit"], first["answers"]["q1"]) == ("leasing", {"value": 4})
    assert body_of(machine.get(f"/responses/{first['id']}")) == first


def test_answers_of_units_out_of_sight_are_neither_read_nor_written(app: Flask) -> None:
    machine = prepare(app, sees="leasing")
    assert machine.post("/responses/imports", FILE).status_code == 422
    with app.app_context():
        add_response("anna", 4, 9)
        add_response(None, 3, 9)
        db.session.commit()
        seen = [row.id for row in db.session.query(Response) if row.representative_id]
    items = body_of(machine.get("/responses"))["items"]
    assert [one["id"] for one in items] == seen


def test_of_a_response_that_was_changed_the_newest_revision_is_read(app: Flask) -> None:
    machine = prepare(app)
    with app.app_context():
        first = add_response("anna", 4, 9)
        db.session.flush()
        copied = {
            column.key: getattr(first, column.key)
            for column in Response.__table__.columns
            if column.key not in ("id", "revision")
        }
        db.session.add(Response(**copied, revision=2))
        old_id = first.id
        db.session.commit()
    items = body_of(machine.get("/responses"))["items"]
    assert [one["revision"] for one in items] == [2]
    assert machine.get(f"/responses/{old_id}").status_code == 404
