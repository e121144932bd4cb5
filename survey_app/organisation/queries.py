"""Reading the tree of units and who may see what."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.organisation.models import Dimension, Representative, Unit, UnitAccess


def root_unit() -> Unit | None:
    """The company, or None before anything was set up."""
    return db.session.scalar(select(Unit).where(Unit.parent_id.is_(None)))


def units_in_order() -> list[tuple[int, Unit]]:
    """All units with their depth, each right after its parent, siblings by name."""
    children: dict[int | None, list[Unit]] = {}
    for unit in db.session.scalars(select(Unit).order_by(Unit.name)):
        children.setdefault(unit.parent_id, []).append(unit)
    ordered: list[tuple[int, Unit]] = []

    def walk(parent: int | None, depth: int) -> None:
        for unit in children.get(parent, []):
            ordered.append((depth, unit))
            walk(unit.id, depth + 1)

    walk(None, 0)
    return ordered


def below(unit_ids: Iterable[int]) -> set[int]:
    """The ids of these units and of all units below them."""
    parents = dict(db.session.execute(select(Unit.id, Unit.parent_id)).tuples().all())
    wanted = set(unit_ids)
    inside: set[int] = set()
    for unit_id in parents:
        line: int | None = unit_id
        while line is not None and line not in wanted:
            line = parents[line]
        if line is not None:
            inside.add(unit_id)
    return inside


def representative_of(user: User) -> Representative | None:
    """The representative who signs in as this user."""
    return db.session.scalar(select(Representative).where(Representative.user_id == user.id))


def granted_units(user: User) -> list[Unit]:
    """The units that the user was granted sight of, without those below them, by name."""
    return list(
        db.session.scalars(
            select(Unit)
            .join(UnitAccess, UnitAccess.unit_id == Unit.id)
            .where(UnitAccess.user_id == user.id)
            .order_by(Unit.name)
        )
    )


def granted_by_user() -> dict[int, list[Unit]]:
    """As `granted_units`, of all users in one query; by user id."""
    granted: dict[int, list[Unit]] = {}
    for user_id, unit in db.session.execute(
        select(UnitAccess.user_id, Unit)
        .join(Unit, UnitAccess.unit_id == Unit.id)
        .order_by(Unit.name)
    ).tuples():
        granted.setdefault(user_id, []).append(unit)
    return granted


def visible_unit_ids(user: User) -> set[int]:
    """Units whose results the user may see; a representative's own results are apart from these."""
    if user.has_role("admin"):
        return set(db.session.scalars(select(Unit.id)))
    return below(unit.id for unit in granted_units(user))


def sees_company(user: User) -> bool:
    """Whether the user sees all of the company: an admin, or who was granted its own unit."""
    company = root_unit()
    return user.has_role("admin") or (company is not None and company.id in visible_unit_ids(user))


def representative_by_key(key: str) -> Representative:
    """The representative with this key; raises NotFound."""
    person = db.session.scalar(select(Representative).where(Representative.key == key))
    if person is None:
        raise NotFound(f"There is no representative with the key {key!r}.")
    return person


def unit_by_key(key: str) -> Unit:
    """The unit with this key; raises NotFound."""
    unit = db.session.scalar(select(Unit).where(Unit.key == key))
    if unit is None:
        raise NotFound(f"There is no unit with the key {key!r}.")
    return unit


def keys_to_units(within: Collection[int] | None = None) -> dict[str, Unit]:
    """Units by key, for imports: all, or those whose ids are `within` somebody's sight."""
    return {
        unit.key: unit
        for unit in db.session.scalars(select(Unit))
        if within is None or unit.id in within
    }


def keys_to_representatives(within: Collection[int] | None = None) -> dict[str, Representative]:
    """Representatives by key, for imports: all, or those who work in units `within` sight."""
    return {
        person.key: person
        for person in db.session.scalars(select(Representative))
        if within is None or person.unit_id in within
    }


def declared_dimensions() -> tuple[str, ...]:
    """The attributes of contacts that answers may be told apart by, sorted."""
    return tuple(sorted(db.session.scalars(select(Dimension.name))))
