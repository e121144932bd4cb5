from __future__ import annotations

from typing import Any

from flask import Flask

from survey_app.db import db
from survey_app.invite.models import Invitation, OutboxMail
from tests.factories.campaigns import make_contact, make_version
from tests.factories.machines import Machine, add_machine
from tests.factories.workplaces import make_workplace

CAMPAIGN = {
    "name": "July",
    "questionnaire": "visit_feedback",
    "version": 1,
    "subject": "How was it?",
    "message": "Dear {name}, {link}",
}


def prepare(app: Flask, sees: str = "company") -> Machine:
    with app.app_context():
        make_workplace()
        make_version()
        make_contact("mia@example.org", "Mia", unit="leasing")
        make_contact("noa@example.org", "Noa", unit="credit")
        db.session.commit()
    return add_machine(app, sees=sees)


def body_of(answer: Any) -> Any:
    assert answer.json is not None
    return answer.json


def test_a_campaign_is_written_and_sent_once(app: Flask) -> None:
    machine = prepare(app)
    made = machine.post("/campaigns", CAMPAIGN | {"closes_at": "2099-01-01T00:00:00+01:00"})
    assert made.status_code == 201
    told = body_of(made)
    assert (told["recipients"], told["launched_at"]) == (2, None)
    assert told["closes_at"] == "2098-12-31T23:00:00+00:00"
    path = made.headers["Location"].removeprefix("/api/v1")
    assert body_of(machine.get(path)) == told
    assert machine.post(f"{path}/launch", {"recipients": 3}).status_code == 409
    sent = machine.post(f"{path}/launch", {"recipients": 2})
    assert sent.status_code == 200
    assert body_of(sent)["mails"] == {
        "queued": 2,
        "sending": 0,
        "sent": 0,
        "failed": 0,
        "dropped": 0,
    }
    assert machine.post(f"{path}/launch", {"recipients": 2}).status_code == 409
    with app.app_context():
        assert db.session.query(Invitation).count() == db.session.query(OutboxMail).count() == 2
    assert [one["name"] for one in body_of(machine.get("/campaigns"))["items"]] == ["July"]


def test_a_campaign_is_for_units_in_sight_alone(app: Flask) -> None:
    machine = prepare(app, sees="leasing")
    for audience in (None, "company", "credit"):
        answer = machine.post("/campaigns", CAMPAIGN | {"audience": audience})
        assert answer.status_code == 422, audience
        assert body_of(answer)["problems"][0]["place"] == "audience"
    made = machine.post("/campaigns", CAMPAIGN | {"audience": "leasing"})
    assert (made.status_code, body_of(made)["recipients"]) == (201, 1)
    contacts = body_of(machine.get("/contacts"))["items"]
    assert [one["email"] for one in contacts] == ["mia@example.org"]
    assert machine.get("/contacts/2").status_code == 404


def test_a_contact_is_added_and_changed_with_what_is_named_alone(app: Flask) -> None:
    machine = prepare(app)
    made = machine.post(
        "/contacts",
        {"email": "Lea@Example.org", "name": "Lea", "attributes": {"tier": "gold", "city": "Bern"}},
    )
    assert made.status_code == 201
    assert body_of(made)["email"] == "lea@example.org"
    path = made.headers["Location"].removeprefix("/api/v1")
    changed = machine.send(
        "PATCH",
        path,
        {"representative": "anna", "unit": "leasing", "attributes": {"city": ""}},
        If_Match=made.headers["ETag"],
    )
    told = body_of(changed)
    assert (told["name"], told["unit"], told["representative"]) == ("Lea", "leasing", "anna")
    assert told["attributes"] == {"tier": "gold"}
    wrong = machine.post("/contacts", {"email": "x@example.org", "attributes": {"Unit": "a"}})
    assert (wrong.status_code, body_of(wrong)["problems"][0]["code"]) == (422, "column_name")


def test_a_file_of_contacts_is_imported_whole_or_not_at_all(app: Flask) -> None:
    machine = prepare(app)
    file = {"filename": "c.csv", "csv": "email,name\nmia@example.org,Mia M.\nada@example.org,Ada\n"}
    assert body_of(machine.post("/contacts/imports", file)) == {
        "added": 1,
        "updated": 1,
        "unchanged": 0,
    }
    file["csv"] = "email,name\numa@example.org,Uma\nnobody,Nobody\n"
    answer = machine.post("/contacts/imports", file)
    assert answer.status_code == 422
    assert body_of(answer)["problems"][0]["place"] == "row 3, column email"
    assert len(body_of(machine.get("/contacts"))["items"]) == 3
