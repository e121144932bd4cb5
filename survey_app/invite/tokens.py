"""The keys of the invitations: 128 random bits in the mail, only their hash in the tables.

A mail has two: one opens the questionnaire, the other does nothing but opt out. Neither can be
worked out from the other.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from flask import current_app
from sqlalchemy import insert

from survey_app.config import Settings
from survey_app.db import db
from survey_app.invite.models import InvitationToken

TOKEN_BYTES = 16


@dataclass(frozen=True)
class Keys:
    """The keys of one mail."""

    token: str
    unsubscribe: str


def issue_keys(invitation_ids: Sequence[int], now: datetime) -> list[Keys]:
    """New keys, one pair an invitation; earlier ones keep working. Give them to the mail alone."""
    keys = [
        Keys(secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES))
        for _ in invitation_ids
    ]
    if keys:
        db.session.execute(
            insert(InvitationToken),
            [
                {
                    "token_hash": hash_of(pair.token),
                    "unsubscribe_hash": hash_of(pair.unsubscribe),
                    "invitation_id": invitation_id,
                    "created_at": now,
                }
                for invitation_id, pair in zip(invitation_ids, keys, strict=True)
            ],
        )
    return keys


def issue_token(invitation_id: int, now: datetime, token: str = "") -> str:
    """A new token of an invitation without a mail; earlier ones keep working.

    A `token` that is given, see `token_of_form`, is taken instead of a random one.
    """
    token = token or secrets.token_urlsafe(TOKEN_BYTES)
    db.session.add(
        InvitationToken(token_hash=hash_of(token), invitation_id=invitation_id, created_at=now)
    )
    return token


def token_of_form(number: str) -> str:
    """The token for whoever sends the open page with this number, the same at each sending.

    Without the installation's key nobody can work it out, not even who knows the number.
    """
    settings: Settings = current_app.config["SETTINGS"]
    told = hmac.digest(settings.secret_key.encode(), f"open page/{number}".encode(), "sha256")
    return urlsafe_b64encode(told[:TOKEN_BYTES]).decode().rstrip("=")


def hash_of(token: str) -> str:
    """What is kept of a token. It is random enough that a plain hash cannot be guessed back."""
    return sha256(token.encode()).hexdigest()


def personal_link(token: str) -> str:
    """The address of the page on which the holder of the token answers."""
    return _address_of("respond.show_page", token)


def unsubscribe_link(token: str) -> str:
    """The address of the page on which its holder opts out."""
    return _address_of("opt_out.show_page", token)


def _address_of(endpoint: str, token: str) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    # The worker has no request; the path still comes from the one place that defines it.
    path = current_app.extensions.setdefault("soundings_token_paths", {})
    if endpoint not in path:
        path[endpoint] = current_app.url_map.bind("").build(endpoint, {"token": "-"})[:-1]
    return f"{settings.address}{path[endpoint]}{token}"
