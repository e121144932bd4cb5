from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import AuditEntry, User
from survey_app.db import db
from survey_app.organisation.arranging import add_unit
from survey_app.organisation.models import Representative, Unit


def test_an_administrator_arranges_units_people_and_sign_ins(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        add_unit("company", "Company", None)
        db.session.commit()
    admin = signed_in("admin")
    admin.post(
        "/organisation/units/new", data={"key": "leasing", "name": "Leasing", "parent": "company"}
    )
    admin.post(
        "/organisation/users/new",
        data={
            "email": "anna@example.org",
            "name": "Anna",
            "password": "a good long one",
            "role": "representative",
        },
    )
    admin.post(
        "/organisation/representatives/new",
        data={"key": "anna", "name": "Anna", "unit": "leasing", "email": "Anna@example.org"},
    )
    page = admin.get("/organisation/").get_data(as_text=True)
    assert page.count("anna@example.org") >= 2
    with app.app_context():
        assert db.session.query(Unit).count() == 2
        assert db.session.query(Representative).one().user.email == "anna@example.org"
        assert db.session.query(User).count() == 2
        actions = [entry.action for entry in db.session.query(AuditEntry)]
    assert actions == ["unit added", "user added", "representative added"]


def test_a_refused_form_keeps_what_was_typed_and_names_the_place(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        add_unit("company", "Company", None)
        db.session.commit()
    answer = signed_in("admin").post(
        "/organisation/units/new", data={"key": "Bad Key", "name": "Leasing", "parent": "company"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<strong>key:</strong>" in page
    assert 'value="Bad Key"' in page
