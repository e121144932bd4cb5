from __future__ import annotations

from flask import Flask

from survey_app.db import db
from tests.factories.machines import add_machine
from tests.factories.workplaces import make_workplace


def test_units_and_people_are_read_with_the_keys_that_imports_use(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        db.session.commit()
    machine = add_machine(app, "admin")
    assert machine.get("/units").json["items"] == [  # type: ignore[index]
        {"key": "company", "name": "Company", "parent": None},
        {"key": "leasing", "name": "Leasing", "parent": "company"},
        {"key": "credit", "name": "Credit", "parent": "company"},
    ]
    assert machine.get("/representatives").json["items"][0] == {  # type: ignore[index]
        "key": "anna",
        "name": "Anna",
        "unit": "leasing",
        "active": True,
    }
    users = machine.get("/users").json["items"]  # type: ignore[index]
    assert [(user["email"], user["roles"]) for user in users] == [("admin@example.org", ["admin"])]
