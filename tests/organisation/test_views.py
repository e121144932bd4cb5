from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import AuditEntry, User
from survey_app.db import db
from survey_app.organisation.arranging import add_representative, add_unit
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.queries import granted_units, unit_by_key
from tests.factories.people import add_user


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


def test_a_user_is_added_with_sight_of_a_unit_and_given_another(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        company, _ = add_unit("company", "Company", None)
        add_unit("leasing", "Leasing", company)
        add_unit("fleet", "Fleet", company)
        db.session.commit()
    admin = signed_in("admin")
    page = admin.get("/organisation/users/new").get_data(as_text=True)
    # Unless told otherwise, the whole company.
    assert 'checked class="form-check-input" id="sees-0"' in page
    new = {"email": "lea@example.org", "name": "Lea", "password": "a good long one"}
    blind = admin.post("/organisation/users/new", data={**new, "role": "manager"})
    assert blind.status_code == 422
    assert "Choose what they see" in blind.get_data(as_text=True)
    added = admin.post(
        "/organisation/users/new", data={**new, "role": "manager", "sees": ["leasing"]}
    )
    assert added.status_code == 302
    with app.app_context():
        user = db.session.query(User).filter_by(email="lea@example.org").one()
        user_id = user.id
        assert [unit.key for unit in granted_units(user)] == ["leasing"]
    address = f"/organisation/users/{user_id}/edit"
    assert 'value="Lea"' in admin.get(address).get_data(as_text=True)
    changed = {"name": "Lea Vogt", "role": "analyst", "sees": ["fleet", "leasing"], "active": "y"}
    assert admin.post(address, data=changed).status_code == 302
    with app.app_context():
        user = db.session.get(User, user_id)
        assert [unit.key for unit in granted_units(user)] == ["fleet", "leasing"]
        assert [role.name for role in user.roles] == ["analyst"]
        assert (user.name, user.active) == ("Lea Vogt", True)
        entry = db.session.query(AuditEntry).filter_by(action="user changed").one()
        assert entry.detail == {"role": "analyst", "sees": ["fleet", "leasing"], "active": True}
    page = admin.get("/organisation/").get_data(as_text=True)
    assert "Fleet, Leasing" in page
    del changed["active"]
    assert admin.post(address, data=changed).status_code == 302
    assert "(shut out)" in admin.get("/organisation/").get_data(as_text=True)


def test_an_administrator_cannot_shut_themselves_out(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        add_unit("company", "Company", None)
        db.session.commit()
    admin = signed_in("admin")
    with app.app_context():
        address = f"/organisation/users/{db.session.query(User).one().id}/edit"
    for typed in (
        {"name": "Admin", "role": "admin"},
        {"name": "Admin", "role": "manager", "sees": ["company"], "active": "y"},
    ):
        answer = admin.post(address, data=typed)
        assert answer.status_code == 422
        assert "Ask another administrator" in answer.get_data(as_text=True)
    assert admin.get("/organisation/").status_code == 200


def test_names_are_changed_and_a_representative_who_left_starts_no_visits(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        company, _ = add_unit("company", "Company", None)
        add_representative("anna", "Ana", company, add_user("representative", "anna@example.org"))
        db.session.commit()
    admin = signed_in("admin")
    admin.post("/organisation/units/company/edit", data={"name": "Example Ltd"})
    address = "/organisation/representatives/anna/edit"
    assert 'value="anna@example.org"' in admin.get(address).get_data(as_text=True)
    wrong = admin.post(address, data={"name": "Anna", "email": "no@example.org", "active": "y"})
    assert wrong.status_code == 422
    assert admin.post(address, data={"name": "Anna", "email": ""}).status_code == 302
    with app.app_context():
        anna = db.session.query(Representative).one()
        assert (anna.name, anna.active, anna.user) == ("Anna", False, None)
        assert unit_by_key("company").name == "Example Ltd"
    assert "works here no more" in admin.get("/organisation/").get_data(as_text=True)
    for gone in ("units/none", "representatives/none", "users/9999"):
        assert admin.get(f"/organisation/{gone}/edit").status_code == 404
