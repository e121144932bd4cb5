from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from survey_app.accounts.models import PersonalToken, Role, User
from survey_app.accounts.scopes import SCOPES
from survey_app.db import db, utc_now
from survey_app.web import PUBLIC_ENDPOINTS
from tests.architecture.test_entrance import address_of, method_of
from tests.factories.machines import add_machine
from tests.factories.workplaces import make_workplace


def operations(app: Flask) -> list[Rule]:
    """All rules of the API that ask for a token."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint not in PUBLIC_ENDPOINTS
    ]


def change_token(app: Flask, **values: object) -> None:
    with app.app_context():
        token = db.session.query(PersonalToken).one()
        for name, value in values.items():
            setattr(token, name, value)
        db.session.commit()


def told(answer: TestResponse) -> str:
    """The detail of a refusal, which is a problem document."""
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert set(answer.json) == {"type", "title", "status", "detail", "problems"}
    assert answer.json["status"] == answer.status_code
    return str(answer.json["detail"])


def test_a_stranger_is_refused_by_every_operation_with_a_problem_document(app: Flask) -> None:
    client = app.test_client()
    rules = operations(app)
    assert len(rules) > 40
    for rule in rules:
        answer = client.open(address_of(app, rule), method=method_of(rule))
        assert answer.status_code == 401, rule.rule
        assert answer.headers["WWW-Authenticate"].startswith("Bearer"), rule.rule
        assert "Authorization: Bearer" in told(answer)


def test_a_cookie_opens_nothing(app: Flask, signed_in: Callable[[str], FlaskClient]) -> None:
    client = signed_in("admin")
    assert client.get("/organisation/").status_code == 200
    for rule in operations(app):
        answer = client.open(address_of(app, rule), method=method_of(rule))
        assert answer.status_code == 401, rule.rule


def test_every_operation_declares_a_scope_and_the_roles_of_it(app: Flask) -> None:
    for rule in operations(app):
        view = app.view_functions[rule.endpoint]
        assert view.scope in SCOPES, rule.rule
        assert view.allowed_roles == SCOPES[view.scope][1] | {"admin"}, rule.rule
        writes = method_of(rule) != "GET"
        assert view.scope.endswith(":write") == writes, rule.rule


def test_a_token_without_the_scope_is_refused_by_every_operation(app: Flask) -> None:
    for scope in ("figures:read", "contacts:read"):
        with app.app_context():
            db.session.query(User).delete()
            db.session.commit()
        machine = add_machine(app, "admin", [scope])
        for rule in operations(app):
            if app.view_functions[rule.endpoint].scope != scope:
                answer = machine.send(method_of(rule), address_of(app, rule)[len("/api/v1") :])
                assert answer.status_code == 403, rule.rule
                assert "lacks the scope" in told(answer)


def test_a_role_that_was_taken_away_takes_its_scopes_along(app: Flask) -> None:
    machine = add_machine(app, "manager")
    assert machine.get("/contacts").status_code == 200
    with app.app_context():
        user = db.session.query(User).one()
        user.roles = list(db.session.query(Role).filter_by(name="analyst"))
        db.session.commit()
    answer = machine.get("/contacts")
    assert answer.status_code == 403
    assert "role" in told(answer)
    assert machine.get("/goals").status_code == 200


def test_a_user_who_is_shut_out_has_no_tokens(app: Flask) -> None:
    machine = add_machine(app)
    with app.app_context():
        db.session.query(User).one().active = False
        db.session.commit()
    assert machine.get("/contacts").status_code == 401


def test_a_token_that_is_over_or_unknown_is_refused(app: Flask) -> None:
    machine = add_machine(app)
    change_token(app, expires_at=utc_now() - timedelta(seconds=1))
    assert machine.get("/contacts").status_code == 401
    change_token(app, expires_at=utc_now() + timedelta(hours=1))
    assert machine.get("/contacts").status_code == 200
    machine.secret += "x"
    assert machine.get("/contacts").status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic YTpi", "snd_abc"])
def test_a_header_that_is_no_bearer_token_is_refused(app: Flask, header: str) -> None:
    answer = app.test_client().get("/api/v1/contacts", headers={"Authorization": header})
    assert answer.status_code == 401


def test_the_last_use_is_noted_by_the_worker_and_once_an_hour(
    app: Flask, run_jobs: Callable[[], int]
) -> None:
    machine = add_machine(app)
    machine.get("/contacts")
    machine.get("/contacts")
    with app.app_context():
        assert db.session.query(PersonalToken).one().last_used_at is None
    assert run_jobs() == 1
    with app.app_context():
        noted = db.session.query(PersonalToken).one().last_used_at
        assert noted is not None
        assert utc_now() - noted < timedelta(minutes=1)
    machine.get("/contacts")
    assert run_jobs() == 0


def test_nobody_sees_more_through_the_api_than_on_the_pages(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        db.session.commit()
    machine = add_machine(app, "manager", sees="leasing")
    units = machine.get("/units").json
    assert units is not None
    assert [unit["key"] for unit in units["items"]] == ["leasing"]
    people = machine.get("/representatives").json
    assert people is not None
    assert [person["key"] for person in people["items"]] == ["anna"]
    assert machine.get("/users").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/contacts", 405), ("GET", "/contacts?page=2", 422)],
)
def test_every_refusal_is_a_problem_document(
    app: Flask, method: str, path: str, status: int
) -> None:
    answer = add_machine(app).send(method, path)
    assert answer.status_code == status
    assert told(answer)
    if status == 405:
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_fault_is_told_without_its_inside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = add_machine(app)
    app.testing = False

    def fail(*_anything: object) -> None:
        raise RuntimeError("the inside of the machine")

    monkeypatch.setattr("survey_app.invite.api.read_page", fail)
    answer = machine.get("/contacts")
    assert answer.status_code == 500
    assert "inside" not in told(answer)
