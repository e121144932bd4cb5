"""The door of the API: a personal token, and nothing else, says who comes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, request

from survey_app.accounts.jobs import note_token_use
from survey_app.accounts.models import PersonalToken
from survey_app.accounts.tokens import NOTED_EVERY, find_token, is_use_worth_noting
from survey_app.db import utc_now
from survey_app.domain.problems import Forbidden, SoundingsError
from survey_app.jobs import enqueue
from survey_app.web import TOKEN_ENTRANCE

NOTED = "soundings_noted_tokens"


def init_entrance(app: Flask) -> None:
    """Let `survey_app.web` ask here who sends a request to the API."""
    app.extensions[TOKEN_ENTRANCE] = enter_by_token
    app.extensions[NOTED] = {}


def enter_by_token(view: Callable[..., Any]) -> None:
    """Sign in the user of the token that came with the request, for this request alone.

    Raises SoundingsError (401) where no token came or it does not hold, and Forbidden where it
    lacks the scope that the view declares.
    """
    now = utc_now()
    token = find_token(_read_secret(), now)
    if token is None:
        raise SoundingsError(
            "The token is unknown, revoked or over. Make another on the page API tokens.", 401
        )
    # Where Flask-Login keeps who it has found: it then looks at no session and no cookie.
    g._login_user = token.user
    scope = getattr(view, "scope", None)
    if scope not in token.scopes:
        raise Forbidden(f"The token lacks the scope {scope}. Make one that has it.")
    _note_use(token, now)


def _read_secret() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise SoundingsError(
            "Send a personal token with the request, in a header like: Authorization: Bearer "
            "snd_… Tokens are made on the page API tokens.",
            401,
        )
    return secret.strip()


def _note_use(token: PersonalToken, now: datetime) -> None:
    # While the worker is away, a process asks it once for each token, not with every request.
    noted: dict[int, datetime] = current_app.extensions[NOTED]
    asked = noted.get(token.id)
    if is_use_worth_noting(token, now) and (asked is None or now - asked >= NOTED_EVERY):
        noted[token.id] = now
        enqueue(note_token_use, token.id, now.isoformat())
