from __future__ import annotations

import pytest
from flask import Flask

from survey_app.db import db
from tests.factories.campaigns import make_contact
from tests.factories.machines import Machine, add_machine


@pytest.fixture
def machine(app: Flask) -> Machine:
    """An admin's program, and a contact."""
    with app.app_context():
        make_contact()
        db.session.commit()
    return add_machine(app, "admin")


def contact(machine: Machine) -> tuple[str, str]:
    """The address of the contact, and its tag."""
    page = machine.get("/contacts").json
    assert page is not None
    path = f"/contacts/{page['items'][0]['id']}"
    return path, machine.get(path).headers["ETag"]


def test_what_is_known_already_is_not_sent_again(machine: Machine) -> None:
    path, tag = contact(machine)
    answer = machine.get(path, If_None_Match=tag)
    assert (answer.status_code, answer.data) == (304, b"")
    page = machine.get("/contacts")
    assert machine.get("/contacts", If_None_Match=page.headers["ETag"]).status_code == 304
    machine.send("PATCH", path, {"name": "Mia M."}, If_Match=tag)
    assert machine.get(path, If_None_Match=tag).status_code == 200
    assert machine.get("/contacts", If_None_Match=page.headers["ETag"]).status_code == 200


def test_a_change_says_on_which_state_it_was_made(machine: Machine) -> None:
    path, tag = contact(machine)
    assert machine.send("PATCH", path, {"name": "Mia M."}).status_code == 428
    changed = machine.send("PATCH", path, {"name": "Mia M."}, If_Match=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] == machine.get(path).headers["ETag"] != tag
    late = machine.send("PATCH", path, {"name": "Mia N."}, If_Match=tag)
    assert late.status_code == 412
    assert machine.get(path).json["name"] == "Mia M."  # type: ignore[index]
