"""Taking contacts over from a CSV file: all rows or none, new ones added, known ones updated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row as TableRow
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.tables import Row, read_csv
from survey_app.invite.contact_fields import ContactReader, column_problems
from survey_app.invite.contact_models import Contact
from survey_app.invite.sight import unit_problem
from survey_app.organisation.sight import Sight, in_sight

# Databases limit the number of parameters in one statement.
CHUNK = 5000
KEPT = (
    Contact.id,
    Contact.email,
    Contact.name,
    Contact.external_id,
    Contact.unit_id,
    Contact.representative_id,
    Contact.language,
    Contact.attributes,
)


@dataclass(frozen=True)
class Imported:
    """What an import did with the contacts of a file."""

    added: int
    updated: int
    unchanged: int


def import_contacts(
    data: bytes, filename: str, now: datetime, within: Sight = None
) -> tuple[Imported | None, list[Problem]]:
    """Add the contacts of a CSV file and update those whose e-mail address is known.

    A column that the file lacks leaves known contacts as they are; an empty cell empties the field.
    Columns other than email, name, external_id, unit, representative and language are attributes.
    All contacts must be, before and after, `within` the sight of who imports them.
    """
    rows, problems = read_csv(data, ["email"], None)
    if rows:
        problems += column_problems(rows[0].cells)
    reader = ContactReader(within)
    contacts, row_problems = _read_rows(rows, reader)
    problems += row_problems
    if problems:
        return None, problems
    known = {one.email: one for one in _known_by(Contact.email, [c["email"] for c in contacts])}
    for values in contacts:
        if values["email"] not in known:
            reader.place_new(values)
    problems = _out_of_sight(rows, contacts, known, within)
    problems += _taken_ids(rows, contacts, within)
    if problems:
        return None, problems
    added, updated = _sort_out(contacts, known, now)
    try:
        with db.session.begin_nested():
            if added:
                db.session.execute(insert(Contact), added)
            if updated:
                db.session.execute(update(Contact), updated)
    except IntegrityError:
        message = "Somebody else changed these contacts at the same moment. Import the file again."
        return None, [Problem("file", "changed_meanwhile", message)]
    result = Imported(len(added), len(updated), len(contacts) - len(added) - len(updated))
    record("contacts imported", filename, now, added=result.added, updated=result.updated)
    return result, []


def _read_rows(
    rows: Iterable[Row], reader: ContactReader
) -> tuple[list[dict[str, Any]], list[Problem]]:
    contacts = []
    problems = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        values, found = reader.read(row.cells)
        problems += [Problem(row.place(one.place), one.code, one.message) for one in found]
        contacts.append(values)
        for column in ("email", "external_id"):
            value: str = values.get(column) or ""
            first = seen.setdefault((column, value), row.number) if value else row.number
            if first != row.number:
                message = f"{quoted(value)} stands in row {first} already. Keep one of the two."
                problems.append(Problem(row.place(column), "duplicate", message))
    return contacts, problems


def _known_by(column: Any, wanted: Sequence[str]) -> Iterator[TableRow[Any]]:
    for start in range(0, len(wanted), CHUNK):
        yield from db.session.execute(
            select(*KEPT).where(column.in_(wanted[start : start + CHUNK]))
        )


def _out_of_sight(
    rows: Iterable[Row],
    contacts: Iterable[dict[str, Any]],
    known: dict[str, TableRow[Any]],
    within: Sight,
) -> list[Problem]:
    """Contacts that are not the importing person's to add or to change."""
    problems = []
    for row, values in zip(rows, contacts, strict=True):
        present = known.get(values["email"])
        if present is not None and not in_sight(present.unit_id, within):
            text = f"{quoted(values['email'])} is kept by somebody else. Leave the row out."
            problems.append(Problem(row.place("email"), "out_of_sight", text))
        elif found := unit_problem(_unit_after(values, present), within):
            problems.append(Problem(row.place(found.place), found.code, found.message))
    return problems


def _unit_after(values: dict[str, Any], present: TableRow[Any] | None) -> int | None:
    unit_id: int | None = values.get("unit_id", present.unit_id if present is not None else None)
    return unit_id


def _taken_ids(
    rows: Iterable[Row], contacts: Sequence[dict[str, Any]], within: Sight
) -> list[Problem]:
    """External ids that belong to a contact with another address."""
    wanted = {values["external_id"]: values["email"] for values in contacts if _id_of(values)}
    owners = {one.external_id: one for one in _known_by(Contact.external_id, list(wanted))}
    problems = []
    for row, values in zip(rows, contacts, strict=True):
        owner = owners.get(_id_of(values))
        if owner is not None and owner.email != values["email"]:
            whose = owner.email if in_sight(owner.unit_id, within) else "a contact out of sight"
            text = (
                f"{quoted(values['external_id'])} belongs to {whose}. Change "
                "that contact's address first, or leave the cell empty."
            )
            problems.append(Problem(row.place("external_id"), "taken", text))
    return problems


def _id_of(values: dict[str, Any]) -> str | None:
    found: str | None = values.get("external_id")
    return found


def _sort_out(
    contacts: Iterable[dict[str, Any]], known: dict[str, TableRow[Any]], now: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows to be added and rows to be updated; those without any change are in neither."""
    added = []
    updated = []
    for values in contacts:
        present = known.get(values["email"])
        before = _before(present)
        after = {**before, **values}
        after["attributes"] = _merged(before["attributes"], values["attributes"])
        if present is None:
            added.append({**after, "created_at": now})
        elif after != before:
            updated.append({**after, "id": present.id})
    return added, updated


def _before(present: TableRow[Any] | None) -> dict[str, Any]:
    if present is not None:
        return {column.key: value for column, value in zip(KEPT[1:], present[1:], strict=True)}
    return {
        "name": "",
        "external_id": None,
        "unit_id": None,
        "representative_id": None,
        "language": "",
        "attributes": {},
    }


def _merged(before: dict[str, str], told: dict[str, str]) -> dict[str, str]:
    """Attributes of the file over those already known; an empty cell removes one."""
    return {name: value for name, value in {**before, **told}.items() if value}
