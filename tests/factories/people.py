"""People who sign in, for tests."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import Role, User
from survey_app.accounts.signing_in import datastore
from survey_app.db import db


def add_user(role: str, email: str = "", password: str = "not used") -> User:
    """A user with a role, whose password is not a real hash; inside an app context."""
    roles = db.session.query(Role).filter_by(name=role).all()
    user: User = datastore.create_user(
        email=email or f"{role}@example.org", name=role.title(), password=password, roles=roles
    )
    db.session.flush()
    return user


def sign_in(app: Flask, email: str) -> FlaskClient:
    """A client in which this user is signed in."""
    with app.app_context():
        user = db.session.query(User).filter_by(email=email).one()
        uniquifier = user.fs_uniquifier
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = uniquifier
        session["_fresh"] = True
    return client
