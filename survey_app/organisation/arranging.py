"""Adding units and representatives, and granting sight of units."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.organisation.models import Representative, Unit, UnitAccess
from survey_app.organisation.queries import representative_of

# Roles that see what they were granted, a unit with all below it.
SEEING_UNITS = ("manager", "analyst")
# Pages that stand beside those of questionnaires and KPIs, which are named for their keys.
RESERVED_KEYS = ("new", "import", "upload")
KEY_FORM = re.compile(r"[a-z][a-z0-9_]{0,62}")


def key_problems(key: str) -> list[Problem]:
    """What is wrong with the form of a key; nothing if it can be used."""
    if KEY_FORM.fullmatch(key):
        return []
    return [
        Problem(
            "key",
            "form",
            f"The key {key!r} must begin with a small letter and hold only small letters, digits "
            "and underscores, 63 at most.",
        )
    ]


def add_unit(key: str, name: str, parent: Unit | None) -> tuple[Unit | None, list[Problem]]:
    """Add a unit below `parent`; without a parent it is the company, of which there is one."""
    problems = key_problems(key)
    if not name.strip():
        problems.append(Problem("name", "empty", "Give the unit a name."))
    if problems:
        return None, problems
    unit = Unit(key=key, name=name.strip(), parent=parent, is_root=True if parent is None else None)
    try:
        with db.session.begin_nested():
            db.session.add(unit)
            db.session.flush()
    except IntegrityError:
        if parent is None and db.session.scalar(select(Unit).where(Unit.is_root)):
            message = "There is a company already; choose the unit that this one belongs to."
            return None, [Problem("parent", "root", message)]
        return None, [Problem("key", "taken", f"The key {key!r} is taken; choose another.")]
    return unit, []


def add_representative(
    key: str, name: str, unit: Unit, user: User | None = None
) -> tuple[Representative | None, list[Problem]]:
    """Add a representative to a unit, with the user they sign in as, if any."""
    problems = key_problems(key)
    if not name.strip():
        problems.append(Problem("name", "empty", "Give the representative a name."))
    if problems:
        return None, problems
    person = Representative(key=key, name=name.strip(), unit=unit, user=user)
    try:
        with db.session.begin_nested():
            db.session.add(person)
            db.session.flush()
    except IntegrityError:
        message = f"The key {key!r} is taken, or that user is a representative already."
        return None, [Problem("key", "taken", message)]
    return person, []


def revise_representative(
    person: Representative, name: str, active: bool, user: User | None
) -> tuple[Representative | None, list[Problem]]:
    """Change a representative's name, whether they work here, and the user they sign in as."""
    if not name.strip():
        return None, [Problem("name", "empty", "Give the representative a name.")]
    other = representative_of(user) if user else None
    if user and other and other is not person:
        message = f"{other.name} signs in as {user.email} already; give another address."
        return None, [Problem("email", "taken", message)]
    person.name, person.active, person.user = name.strip(), active, user
    db.session.flush()
    return person, []


def rename_unit(unit: Unit, name: str) -> tuple[Unit | None, list[Problem]]:
    """Give a unit another name; what was scored before keeps the name it had."""
    if not name.strip():
        return None, [Problem("name", "empty", "Give the unit a name.")]
    unit.name = name.strip()
    db.session.flush()
    return unit, []


def grant_sight(user: User, unit: Unit) -> None:
    """Let the user see the unit and all below it."""
    if db.session.get(UnitAccess, (user.id, unit.id)) is None:
        db.session.add(UnitAccess(user_id=user.id, unit_id=unit.id))
        db.session.flush()


def set_sight(user: User, units: Iterable[Unit]) -> list[Problem]:
    """Let the user see these units with all below them, and no others.

    Admins see everything anyway, and representatives what is their own: neither is granted units.
    Who sees by units must be granted one at least.
    """
    db.session.execute(delete(UnitAccess).where(UnitAccess.user_id == user.id))
    if not any(user.has_role(role) for role in SEEING_UNITS):
        return []
    granted = list(units)
    for unit in granted:
        grant_sight(user, unit)
    if granted:
        return []
    message = "Choose what they see: a unit, or the company for all of it."
    return [Problem("what they see", "empty", message)]
