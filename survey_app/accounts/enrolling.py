"""Adding people who sign in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.models import ROLES, Role, User
from survey_app.accounts.signing_in import datastore
from survey_app.db import db
from survey_app.domain.problems import Problem

SHORTEST_PASSWORD = 12


def random_password() -> str:
    """A password of 96 random bits, for a first sign-in."""
    return secrets.token_urlsafe(12)


def add_roles() -> None:
    """Put the roles into a new database; those that exist stay as they are."""
    present = set(db.session.scalars(select(Role.name)))
    for name, description in ROLES.items():
        if name not in present:
            db.session.add(Role(name=name, description=description))
    db.session.flush()


def enrol_user(
    email: str, name: str, password: str, roles: Sequence[str]
) -> tuple[User | None, list[Problem]]:
    """Add a user with roles; the problems say what to mend."""
    problems = []
    try:
        address = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        address = ""
        problems.append(Problem("email", "email", f"{email!r} is no e-mail address: {error}"))
    if len(password) < SHORTEST_PASSWORD:
        problems.append(
            Problem(
                "password",
                "short",
                f"The password has {len(password)} characters; use at least {SHORTEST_PASSWORD}.",
            )
        )
    for role in roles:
        if role not in ROLES:
            known = ", ".join(ROLES)
            problems.append(Problem("roles", "role", f"{role!r} is no role; choose from {known}."))
    if not roles:
        problems.append(Problem("roles", "role", "Choose at least one role."))
    if problems:
        return None, problems
    try:
        with db.session.begin_nested():
            user = datastore.create_user(
                email=address,
                name=name,
                password=hash_password(password),
                roles=list(db.session.scalars(select(Role).where(Role.name.in_(roles)))),
            )
            db.session.flush()
    except IntegrityError:
        message = f"{address} has an account already; give another address."
        return None, [Problem("email", "taken", message)]
    return user, []


def change_password(email: str, password: str) -> list[Problem]:
    """Give a user another password; every session of theirs ends."""
    problems = _password_problems(password)
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        message = f"Nobody signs in as {email}; add the user first."
        problems.append(Problem("email", "unknown", message))
    if user is None or problems:
        return problems
    user.password = hash_password(password)
    datastore.set_uniquifier(user)
    db.session.flush()
    return []


def _password_problems(password: str) -> list[Problem]:
    if len(password) >= SHORTEST_PASSWORD:
        return []
    return [
        Problem(
            "password",
            "short",
            f"The password has {len(password)} characters; use at least {SHORTEST_PASSWORD}.",
        )
    ]
