from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from survey_app.accounts.models import User
from survey_app.db import db
from tests.factories.machines import Machine, add_machine
from tests.factories.workplaces import let_sign_in, make_process, make_workplace

FILE = (
    "external_id,started_at,unit,arrived,answered,shown,ended_at,outcome\n"
    "t1,2026-07-01T08:00Z,leasing,2026-07-01T08:01Z,,,2026-07-01T08:05Z,left\n"
)


@pytest.fixture
def machine(app: Flask) -> Machine:
    """A program of a manager who sees leasing."""
    with app.app_context():
        make_workplace()
        make_process()
        db.session.commit()
    return add_machine(app, sees="leasing")


def body_of(answer: Any) -> Any:
    assert answer.json is not None
    return answer.json


def start(machine: Machine, **more: Any) -> Any:
    return machine.post("/visits", {"process": "sales_visit", "unit": "leasing", **more})


def test_a_visit_is_timed_stage_by_stage(machine: Machine) -> None:
    visit_id = str(uuid4())
    made = start(machine, id=visit_id, representative="anna", customer="C1")
    assert made.status_code == 201
    assert start(machine, id=visit_id, representative="anna", customer="C1").json == made.json
    path = made.headers["Location"].removeprefix("/api/v1")
    assert path == f"/visits/{visit_id}"
    skipped = machine.post(f"{path}/stages", {"stage": "answered"})
    assert body_of(skipped)["problems"][0]["code"] == "skipped"
    for stage in ("arrived", "answered"):
        assert machine.post(f"{path}/stages", {"stage": stage}).status_code == 200
    assert machine.post(f"{path}/stages", {"stage": "nothing"}).status_code == 422
    ended = body_of(machine.post(f"{path}/end", {"outcome": "completed"}))
    assert [one["stage"] for one in ended["stages"]] == ["arrived", "answered", "shown"]
    assert ended["outcome"] == "completed"
    assert body_of(machine.get(path)) == ended


def test_visits_are_started_for_those_in_sight_alone(machine: Machine) -> None:
    wrong = start(machine, unit="credit", representative="bruno")
    assert wrong.status_code == 422
    assert [one["place"] for one in body_of(wrong)["problems"]] == ["unit", "representative"]
    assert start(machine, process="nothing").status_code == 404


def test_a_representative_times_their_own_and_imports_nothing(app: Flask, machine: Machine) -> None:
    start(machine)
    hers = add_machine(app, "representative")
    with app.app_context():
        let_sign_in("anna", "representative@example.org")
        db.session.commit()
    assert body_of(hers.get("/visits"))["items"] == []
    assert start(hers).status_code == 422, "a visit of nobody's she would not see again"
    assert start(hers, representative="anna").status_code == 201
    assert len(body_of(hers.get("/visits"))["items"]) == 1
    refused = hers.post(
        "/visits/imports", {"process": "sales_visit", "filename": "v.csv", "csv": FILE}
    )
    assert refused.status_code == 403
    with app.app_context():
        assert db.session.query(User).count() == 2


def test_a_file_of_visits_is_imported_and_read_by_month(machine: Machine) -> None:
    sent = {"process": "sales_visit", "filename": "v.csv", "csv": FILE}
    done = machine.post("/visits/imports", sent)
    assert (done.status_code, body_of(done)["added"]) == (201, 1)
    assert body_of(machine.post("/visits/imports", sent))["unchanged"] == 1
    july = body_of(machine.get("/visits?month=2026-07&process=sales_visit"))["items"]
    assert [one["external_id"] for one in july] == ["t1"]
    assert body_of(machine.get("/visits?month=2026-08"))["items"] == []
    assert body_of(machine.get("/visits?updated_since=2099-01-01T00:00:00Z"))["items"] == []
    assert machine.get("/visits?updated_since=2026-01-01").status_code == 422
