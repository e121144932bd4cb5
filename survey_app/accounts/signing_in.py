"""Sign-in by Flask-Security: e-mail and password, sessions in a signed cookie."""

from __future__ import annotations

from flask import Flask
from flask_security.core import Security
from flask_security.datastore import SQLAlchemyUserDatastore

from survey_app.accounts.models import Role, User
from survey_app.config import Settings
from survey_app.db import db

datastore = SQLAlchemyUserDatastore(db, User, Role)


def init_accounts(app: Flask, settings: Settings) -> None:
    """Install sign-in on the app."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        # Sessions end and passwords stop fitting when this salt changes: it belongs to the key.
        SECURITY_PASSWORD_SALT=settings.secret_key[::-1],
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_LENGTH_MIN=12,
        SECURITY_REGISTERABLE=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/login",
        SECURITY_FLASH_MESSAGES=False,
        # An unknown address and a wrong password must look the same from outside.
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.address.startswith("https://"),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.address.startswith("https://"),
    )
    security = Security()
    security.init_app(app, datastore)
