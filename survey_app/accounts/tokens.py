"""Personal tokens: made by their user, shown once, refused when they are over."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import record
from survey_app.accounts.models import PersonalToken, User
from survey_app.accounts.scopes import SCOPES, may_have
from survey_app.db import db
from survey_app.domain.problems import NotFound, Problem, quoted

# So that scanners of code and logs can tell what was left lying there.
MARK = "snd_"
TOKEN_BYTES = 32
PREFIX_LENGTH = len(MARK) + 6
LONGEST_NAME = 120
LONGEST_LIFE = 730
NOTED_EVERY = timedelta(hours=1)


def make_token(
    user: User, name: str, scopes: Sequence[str], days: int, now: datetime
) -> tuple[tuple[PersonalToken, str] | None, list[Problem]]:
    """Make a token for `days` from now; gives it with its secret, which is kept nowhere."""
    name = name.strip()
    problems = _check(user, name, scopes, days)
    if problems:
        return None, problems
    secret = MARK + secrets.token_urlsafe(TOKEN_BYTES)
    token = PersonalToken(
        user=user,
        name=name,
        token_hash=hash_of(secret),
        prefix=secret[:PREFIX_LENGTH],
        scopes=[scope for scope in SCOPES if scope in scopes],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    try:
        with db.session.begin_nested():
            db.session.add(token)
            db.session.flush()
    except IntegrityError:
        message = f"There is a token named {quoted(name)} already. Revoke it, or choose another."
        return None, [Problem("name", "taken", message)]
    record("token made", user.email, now, token=name, scopes=token.scopes)
    return (token, secret), []


def revoke_token(token: PersonalToken, now: datetime) -> None:
    """End a token at once; the audit trail keeps that there was one."""
    record("token revoked", token.user.email, now, token=token.name)
    db.session.delete(token)
    db.session.flush()


def tokens_of(user: User) -> list[PersonalToken]:
    """The user's tokens by name."""
    found = select(PersonalToken).where(PersonalToken.user_id == user.id)
    return list(db.session.scalars(found.order_by(PersonalToken.name)))


def token_of(user: User, token_id: int) -> PersonalToken:
    """One token of the user's own; raises NotFound."""
    token = db.session.get(PersonalToken, token_id)
    if token is None or token.user_id != user.id:
        raise NotFound("There is no such token. Choose one from your list.")
    return token


def find_token(secret: str, now: datetime) -> PersonalToken | None:
    """The token of a secret, if it holds: known, not over, its user not shut out."""
    token = db.session.scalar(
        select(PersonalToken).where(PersonalToken.token_hash == hash_of(secret))
    )
    if token is None or token.expires_at <= now or not token.user.active:
        return None
    return token


def is_use_worth_noting(token: PersonalToken, now: datetime) -> bool:
    """Whether the last noted use is long enough ago for another write."""
    return token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY


def hash_of(secret: str) -> str:
    """What is kept of a secret. It is random enough that a plain hash cannot be guessed back."""
    return sha256(secret.encode(errors="backslashreplace")).hexdigest()


def _check(user: User, name: str, scopes: Sequence[str], days: int) -> list[Problem]:
    problems = []
    if not 0 < len(name) <= LONGEST_NAME:
        message = f"Say in 1 to {LONGEST_NAME} characters what the token is for."
        problems.append(Problem("name", "length", message))
    if not scopes:
        message = "Choose what the token may do, at least one thing."
        problems.append(Problem("scopes", "empty", message))
    for scope in scopes:
        if scope not in SCOPES:
            message = f"{quoted(scope)} is no scope. Choose from {', '.join(SCOPES)}."
            problems.append(Problem("scopes", "unknown", message))
        elif not may_have(user, scope):
            message = f"The role of {user.email} does not allow {scope}. Leave it out."
            problems.append(Problem("scopes", "beyond_role", message))
    if not 1 <= days <= LONGEST_LIFE:
        message = f"A token holds for 1 to {LONGEST_LIFE} days."
        problems.append(Problem("days", "range", message))
    return problems
