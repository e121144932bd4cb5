"""Adding and changing one contact, and honouring the wish not to be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import record
from survey_app.db import db, mark_of
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem
from survey_app.invite.contact_fields import ContactReader
from survey_app.invite.contact_models import Contact
from survey_app.invite.sight import unit_problem
from survey_app.invite.suppressing import carry_over, release, suppress
from survey_app.organisation.sight import Sight


def add_contact(
    cells: Mapping[str, str], now: datetime, within: Sight = None
) -> tuple[Contact | None, list[Problem]]:
    """Add one contact from texts as a row of an import has them (see `contact_fields.FIELDS`).

    Its unit must be `within` the sight of who adds it.
    """
    return _store(Contact(created_at=now, attributes={}), cells, within)


def revise_contact(
    contact: Contact, cells: Mapping[str, str], within: Sight = None, seen: str | None = None
) -> tuple[Contact | None, list[Problem]]:
    """Change one contact; fields and attributes that `cells` lacks stay as they are.

    `seen` is the `mark_of` the contact that was opened. It stays `within` the sight of who changes
    it, and may keep a representative out of sight.
    """
    db.session.refresh(contact, with_for_update=True)
    if seen not in (None, mark_of(contact)):
        return None, [CHANGED_MEANWHILE]
    return _store(contact, cells, within)


def opt_out(contact: Contact, now: datetime) -> None:
    """Never invite this contact again; an opt-out that stands keeps its moment."""
    if suppress(contact.email, "opted_out", now):
        db.session.expire(contact, ["suppression"])
        record("contact opted out", contact.email, now)


def opt_in(contact: Contact, now: datetime) -> None:
    """Invite this contact again, because the person has asked for it."""
    if release(contact.email):
        db.session.expire(contact, ["suppression"])
        record("contact opted in", contact.email, now)


def _store(
    contact: Contact, cells: Mapping[str, str], within: Sight
) -> tuple[Contact | None, list[Problem]]:
    reader = ContactReader(within, contact.representative)
    values, problems = reader.read({name: cell.strip() for name, cell in cells.items()})
    if contact.id is None:
        reader.place_new(values)
    foreign = unit_problem(values.get("unit_id", contact.unit_id), within)
    if foreign and not problems:
        problems = [foreign]
    if problems:
        return None, problems
    attributes = {**contact.attributes, **values.pop("attributes")}
    try:
        with db.session.begin_nested():
            if contact.id is not None and values.get("email", contact.email) != contact.email:
                carry_over(contact.email, values["email"])
            for name, value in values.items():
                setattr(contact, name, value)
            contact.attributes = {name: value for name, value in attributes.items() if value}
            db.session.add(contact)
            db.session.flush()
    except IntegrityError:
        message = (
            "Another contact has this e-mail address or this external id. Search for it in the "
            "list of contacts and change that one; if it is not there, somebody else keeps it."
        )
        return None, [Problem("email", "taken", message)]
    return contact, []
