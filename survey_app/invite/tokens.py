"""The keys of the invitations: 128 random bits in the mail, only their hash in the tables."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from flask import current_app

from survey_app.config import Settings
from survey_app.db import db
from survey_app.invite.models import InvitationToken

TOKEN_BYTES = 16


def issue_token(invitation_id: int, now: datetime) -> str:
    """A new token of the invitation; earlier ones keep working. Give it to nobody but the mail."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.session.add(
        InvitationToken(token_hash=hash_of(token), invitation_id=invitation_id, created_at=now)
    )
    return token


def hash_of(token: str) -> str:
    """What is kept of a token. It is random enough that a plain hash cannot be guessed back."""
    return sha256(token.encode()).hexdigest()


def personal_link(token: str) -> str:
    """The address of the page on which the holder of the token answers."""
    settings: Settings = current_app.config["SETTINGS"]
    # The worker has no request; the path still comes from the one place that defines it.
    path = current_app.url_map.bind("").build("respond.show_page", {"token": token})
    return settings.address + path
