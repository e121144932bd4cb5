from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import PersonalToken
from survey_app.db import db
from tests.factories.machines import add_token
from tests.factories.people import add_user


def test_a_user_makes_a_token_uses_it_and_revokes_it(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    client = signed_in("analyst")
    assert "You have no tokens" in client.get("/account/tokens").get_data(as_text=True)
    form = client.get("/account/tokens/new").get_data(as_text=True)
    assert "goals:read" in form
    assert "contacts:read" not in form, "not an analyst's to give"
    made = client.post(
        "/account/tokens/new", data={"name": "sheet", "scopes": ["goals:read"], "days": "7"}
    ).get_data(as_text=True)
    found = re.search(r'value="(snd_[\w-]+)"', made)
    assert found is not None
    header = {"Authorization": f"Bearer {found[1]}"}
    assert app.test_client().get("/api/v1/goals", headers=header).status_code == 200
    listed = client.get("/account/tokens").get_data(as_text=True)
    assert found[1] not in listed
    assert found[1][:10] in listed
    client.post("/account/tokens/1/revoke")
    assert app.test_client().get("/api/v1/goals", headers=header).status_code == 401


def test_what_is_missing_is_told(signed_in: Callable[[str], FlaskClient]) -> None:
    answer = signed_in("manager").post("/account/tokens/new", data={"name": "x", "days": "7"})
    assert answer.status_code == 422
    assert "Choose what the token may do" in answer.get_data(as_text=True)


def test_somebody_else_s_token_is_not_there(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    client = signed_in("manager")
    with app.app_context():
        add_token(add_user("admin"))
        db.session.commit()
    assert client.post("/account/tokens/1/revoke").status_code == 404
    with app.app_context():
        assert db.session.query(PersonalToken).count() == 1
