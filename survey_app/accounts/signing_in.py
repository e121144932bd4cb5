"""Sign-in by Flask-Security: e-mail and password, sessions in a signed cookie."""

from __future__ import annotations

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_security.core import Security
from flask_security.datastore import SQLAlchemyUserDatastore

from survey_app.accounts.models import Role, User
from survey_app.config import Settings
from survey_app.db import db

datastore = SQLAlchemyUserDatastore(db, User, Role)


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions in a signed cookie; whoever sends none costs no keys and signatures."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie; an empty one where no cookie came."""
        if not request.environ.get("HTTP_COOKIE"):
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set, renew or delete the cookie; an empty session that stayed empty has none."""
        if session or session.modified:
            super().save_session(app, session, response)


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
        # Its own would not be a valid header; like all our pages, these are not to be kept.
        SECURITY_CACHE_CONTROL=None,
        # An unknown address and a wrong password must look the same from outside.
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.address.startswith("https://"),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.address.startswith("https://"),
    )
    app.session_interface = Sessions()
    security = Security()
    security.init_app(app, datastore)
    # Roles are asked of the user (see `survey_app.web.allow`) and never of Flask-Principal, which
    # would load the user at the start of every request, of a customer's too. Without an identity
    # its permissions refuse everybody.
    security.principal.identity_loaders.clear()
