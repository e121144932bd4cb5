from __future__ import annotations

from flask import Flask

from survey_app.accounts.enrolling import change_password, enrol_user, revise_user
from survey_app.accounts.models import User
from survey_app.db import db


def test_an_enrolled_user_signs_in_with_the_password(app: Flask) -> None:
    with app.app_context():
        user, problems = enrol_user("Mia@Example.org", "Mia", "long enough words", ["manager"])
        assert not problems
        assert user is not None
        assert user.password != "long enough words"
        db.session.commit()
    client = app.test_client()
    answer = client.post(
        "/login", data={"email": "mia@example.org", "password": "long enough words"}
    )
    assert answer.status_code == 302
    assert client.get("/organisation/").status_code == 403


def test_a_wrong_password_and_an_unknown_address_look_the_same(app: Flask) -> None:
    with app.app_context():
        enrol_user("mia@example.org", "Mia", "long enough words", ["manager"])
        db.session.commit()
    pages = []
    for address in ("mia@example.org", "noone@example.org"):
        answer = app.test_client().post("/login", data={"email": address, "password": "wrong"})
        pages.append(answer.get_data(as_text=True).replace(address, ""))
    assert pages[0] == pages[1]
    assert "not right" in pages[0]


def test_every_problem_of_a_new_user_is_told_at_once_and_nothing_is_stored(app: Flask) -> None:
    with app.app_context():
        user, problems = enrol_user("no address", "Mia", "short", ["king"])
        assert user is None
        assert [problem.place for problem in problems] == ["email", "password", "roles"]
        assert db.session.query(User).count() == 0


def test_an_address_has_one_account(app: Flask) -> None:
    with app.app_context():
        enrol_user("mia@example.org", "Mia", "long enough words", ["manager"])
        user, problems = enrol_user("MIA@example.org", "Mia", "long enough words", ["admin"])
        assert user is None
        assert [problem.code for problem in problems] == ["taken"]
        assert db.session.query(User).count() == 1


def test_another_password_fits_and_ends_the_old_one_and_its_sessions(app: Flask) -> None:
    with app.app_context():
        enrol_user("mia@example.org", "Mia", "long enough words", ["admin"])
        db.session.commit()
    old = app.test_client()
    old.post("/login", data={"email": "mia@example.org", "password": "long enough words"})
    assert old.get("/organisation/").status_code == 200
    with app.app_context():
        assert change_password("Mia@example.org ", "other words, as long") == []
        db.session.commit()
    assert old.get("/organisation/").status_code == 302
    new = app.test_client()
    asked = {"email": "mia@example.org", "password": "long enough words"}
    assert new.post("/login", data=asked).status_code == 200
    asked["password"] = "other words, as long"
    assert new.post("/login", data=asked).status_code == 302


def test_a_password_for_nobody_or_too_short_is_refused(app: Flask) -> None:
    with app.app_context():
        problems = change_password("noone@example.org", "short")
    assert [problem.code for problem in problems] == ["unknown", "short"]


def test_who_is_shut_out_is_out_at_once_and_cannot_sign_in(app: Flask) -> None:
    with app.app_context():
        user, _ = enrol_user("mia@example.org", "Mia", "long enough words", ["admin"])
        db.session.commit()
        user_id = user.id
    asked = {"email": "mia@example.org", "password": "long enough words"}
    inside = app.test_client()
    inside.post("/login", data=asked)
    assert inside.get("/organisation/").status_code == 200
    with app.app_context():
        _, problems = revise_user(db.session.get(User, user_id), "Mia", ["admin"], False)
        assert not problems
        db.session.commit()
    assert inside.get("/organisation/").status_code == 302
    assert app.test_client().post("/login", data=asked).status_code == 200


def test_another_role_holds_at_once(app: Flask) -> None:
    with app.app_context():
        user, _ = enrol_user("mia@example.org", "Mia", "long enough words", ["admin"])
        db.session.commit()
        user_id = user.id
    client = app.test_client()
    client.post("/login", data={"email": "mia@example.org", "password": "long enough words"})
    assert client.get("/organisation/").status_code == 200
    with app.app_context():
        revised, _ = revise_user(db.session.get(User, user_id), "Mia Berg", ["analyst"], True)
        assert revised is not None
        db.session.commit()
    assert client.get("/organisation/").status_code == 403
