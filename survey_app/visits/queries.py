"""Reading visits: who may see which, what runs, what ended lately."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import joinedload, selectinload

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import Forbidden, NotFound
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.queries import representative_of, units_in_order, visible_unit_ids
from survey_app.visits.models import Process, StageEvent, Visit

RECENT = 50


def seen_by(user: User) -> ColumnElement[bool]:
    """The visits a user may see and time: a representative their own, others those of their units.

    Admins and managers are told apart from representatives by role; one who is both sees both.
    """
    conditions: list[ColumnElement[bool]] = [false()]
    person = representative_of(user)
    if person is not None and user.has_role("representative"):
        conditions.append(Visit.representative_id == person.id)
    if user.manages:
        conditions.append(Visit.unit_id.in_(visible_unit_ids(user)))
    return or_(*conditions)


def visit_for(user: User, public_id: str) -> Visit:
    """The visit with this public id; raises NotFound, or Forbidden if it is not theirs to see."""
    visit = db.session.scalar(select(Visit).where(Visit.public_id == public_id))
    if visit is None:
        raise NotFound("There is no such visit. Choose one from the list of visits.")
    if not db.session.scalar(select(Visit.id).where(Visit.id == visit.id, seen_by(user))):
        raise Forbidden("This visit is somebody else's. Choose one from your list of visits.")
    return visit


def running_visits(user: User) -> list[Visit]:
    """Visits that are going on, the newest first."""
    going_on = (Visit.ended_at.is_(None), Visit.observed_until.is_(None), Visit.void.is_(False))
    return _listed(user, *going_on)


def recent_visits(user: User) -> list[Visit]:
    """The newest visits that are over, taken out, or were open when an import last saw them."""
    over = or_(Visit.ended_at.is_not(None), Visit.observed_until.is_not(None), Visit.void)
    return _listed(user, over, limit=RECENT)


def _listed(user: User, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Visit]:
    found = db.session.scalars(
        select(Visit)
        .where(seen_by(user), *conditions)
        .order_by(Visit.started_at.desc(), Visit.id.desc())
        .limit(limit)
        .options(
            joinedload(Visit.process).selectinload(Process.stages),
            joinedload(Visit.unit),
            joinedload(Visit.representative),
            selectinload(Visit.events).joinedload(StageEvent.stage),
            selectinload(Visit.corrections),
        )
    )
    return list(found)


def units_and_people(user: User) -> tuple[list[tuple[int, Unit]], list[Representative], bool]:
    """Units (with depth) and representatives for whom a user may start visits.

    The last part says whether a visit may also be nobody's own: not so for a representative, who
    would not see it again.
    """
    person = representative_of(user)
    if not user.manages:
        if person is None or not person.active:
            return [], [], False
        return [(0, person.unit)], [person], False
    visible = visible_unit_ids(user)
    units = [(depth, unit) for depth, unit in units_in_order() if unit.id in visible]
    people = db.session.scalars(
        select(Representative)
        .where(Representative.unit_id.in_(visible), Representative.active)
        .order_by(Representative.name)
    )
    return units, list(people), True


def kind_started_last(user: User) -> str | None:
    """Key of the process of the visit started last among those that the user may see."""
    return db.session.scalar(
        select(Process.key)
        .join(Visit, Visit.process_id == Process.id)
        .where(seen_by(user), Visit.batch_id.is_(None))
        .order_by(Visit.id.desc())
        .limit(1)
    )


def all_processes() -> list[Process]:
    """All processes with their stages, by name."""
    return list(
        db.session.scalars(
            select(Process).options(selectinload(Process.stages)).order_by(Process.name)
        )
    )


def process_by_key(key: str) -> Process:
    """The process with this key; raises NotFound."""
    process = db.session.scalar(select(Process).where(Process.key == key))
    if process is None:
        raise NotFound(f"There is no process with the key {key!r}.")
    return process
