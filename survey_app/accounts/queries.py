"""Looking up who signs in."""

from __future__ import annotations

from sqlalchemy import select

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import NotFound, Problem


def user_by_id(user_id: int) -> User:
    """The user; raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such user. Choose one from the page Organisation.")
    return user


def find_user(email: str) -> tuple[User | None, list[Problem]]:
    """The user who signs in with this address; nobody, without a problem, where it is empty."""
    address = email.strip().lower()
    user = db.session.scalar(select(User).where(User.email == address)) if address else None
    if address and user is None:
        message = f"Nobody signs in as {address}; add the user first."
        return None, [Problem("email", "unknown", message)]
    return user, []
