from __future__ import annotations

from flask import Flask

from survey_app.db import db
from tests.factories.campaigns import make_contact, make_contacts
from tests.factories.machines import Machine, add_machine


def addresses(machine: Machine, path: str) -> tuple[list[str], str | None]:
    page = machine.get(path).json
    assert page is not None
    return [contact["email"] for contact in page["items"]], page["next"]


def test_pages_hold_every_row_once_whatever_comes_meanwhile(app: Flask) -> None:
    with app.app_context():
        make_contacts(5)
        db.session.commit()
    machine = add_machine(app, sees="", role="admin")
    first, following = addresses(machine, "/contacts?limit=2")
    assert first == ["person1@example.org", "person2@example.org"]
    with app.app_context():
        # By name it would stand before all others.
        make_contact("aaa@example.org")
        db.session.commit()
    seen = first
    while following:
        assert following.startswith("http://127.0.0.1:8000/api/v1/contacts?")
        assert "limit=2" in following
        page, following = addresses(machine, following.partition("/api/v1")[2])
        seen += page
    assert seen == [*(f"person{number}@example.org" for number in range(1, 6)), "aaa@example.org"]


def test_the_next_page_also_stands_in_the_header_link(app: Flask) -> None:
    with app.app_context():
        make_contacts(2)
        db.session.commit()
    machine = add_machine(app, "admin")
    answer = machine.get("/contacts?limit=1")
    assert answer.json is not None
    assert answer.headers["Link"] == f'<{answer.json["next"]}>; rel="next"'
    assert "Link" not in machine.get("/contacts?limit=2").headers


def test_a_cursor_that_is_made_up_or_of_another_list_is_refused(app: Flask) -> None:
    with app.app_context():
        make_contacts(2)
        db.session.commit()
    machine = add_machine(app, "admin")
    _first, following = addresses(machine, "/contacts?limit=1")
    assert following is not None
    query = following.partition("?")[2]
    assert machine.get(f"/contacts?{query}").status_code == 200
    assert machine.get(f"/units?{query}").status_code == 422
    assert machine.get("/contacts?cursor=MQ.abc").status_code == 422
