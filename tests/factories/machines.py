"""Programs that use the API with a token, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.accounts.models import User
from survey_app.accounts.scopes import scopes_for
from survey_app.accounts.tokens import make_token
from survey_app.db import db, utc_now
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.models import Unit
from tests.factories.people import add_user


@dataclass
class Machine:
    """A client that sends its token with every request."""

    client: FlaskClient
    secret: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """A request; names of headers have underscores for hyphens."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(
            path if path.startswith("http") else f"/api/v1{path}",
            method=method,
            json=body,
            headers={"Authorization": f"Bearer {self.secret}", **told},
        )

    def get(self, path: str, **headers: str) -> TestResponse:
        """Read."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Add or do something."""
        return self.send("POST", path, {} if body is None else body, **headers)


def add_machine(
    app: Flask, role: str = "manager", scopes: list[str] | None = None, sees: str = ""
) -> Machine:
    """A new user of a role with a token; with all the scopes of the role, unless told otherwise.

    `sees` is the key of a unit that the user is to see with all below it.
    """
    with app.app_context():
        user = add_user(role)
        if sees:
            grant_sight(user, db.session.query(Unit).filter_by(key=sees).one())
        secret = add_token(user, scopes)
        db.session.commit()
    return Machine(app.test_client(), secret)


def add_token(user: User, scopes: list[str] | None = None, name: str = "test") -> str:
    """The secret of a new token; inside an app context."""
    wanted = scopes_for(user) if scopes is None else scopes
    made, problems = make_token(user, name, wanted, 30, utc_now())
    assert made is not None, problems
    return made[1]
