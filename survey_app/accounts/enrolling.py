"""Adding people who sign in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import acting_user_id
from survey_app.accounts.models import ROLES, Role, User
from survey_app.accounts.queries import find_user
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
    problems += _password_problems(password)
    problems += _role_problems(roles)
    if problems:
        return None, problems
    try:
        with db.session.begin_nested():
            user = datastore.create_user(
                email=address,
                name=name,
                password=hash_password(password),
                roles=_stored_roles(roles),
            )
            db.session.flush()
    except IntegrityError:
        message = f"{address} has an account already; give another address."
        return None, [Problem("email", "taken", message)]
    return user, []


def revise_user(
    user: User, name: str, roles: Sequence[str], active: bool
) -> tuple[User | None, list[Problem]]:
    """Change a user's name and roles, and whether they may sign in; it holds at once.

    Nobody takes their own administration away: somebody must be left who can give it back.
    """
    problems = _role_problems(roles)
    if user.id == acting_user_id() and user.has_role("admin"):
        if "admin" not in roles:
            message = "You cannot take your own administration away. Ask another administrator."
            problems.append(Problem("role", "own", message))
        if not active:
            message = "You cannot shut yourself out. Ask another administrator."
            problems.append(Problem("active", "own", message))
    if problems:
        return None, problems
    user.name = name.strip()
    user.roles = _stored_roles(roles)
    user.active = active
    db.session.flush()
    return user, []


def change_password(email: str, password: str) -> list[Problem]:
    """Give a user another password; every session of theirs ends."""
    user, problems = find_user(email)
    problems += _password_problems(password)
    if user is None or problems:
        return problems
    user.password = hash_password(password)
    datastore.set_uniquifier(user)
    db.session.flush()
    return []


def _stored_roles(names: Sequence[str]) -> list[Role]:
    return list(db.session.scalars(select(Role).where(Role.name.in_(names))))


def _role_problems(roles: Sequence[str]) -> list[Problem]:
    if not roles:
        return [Problem("roles", "role", "Choose at least one role.")]
    known = ", ".join(ROLES)
    return [
        Problem("roles", "role", f"{role!r} is no role; choose from {known}.")
        for role in roles
        if role not in ROLES
    ]


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
