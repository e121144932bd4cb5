"""The rows of a file of contacts against the contacts that there are: new, changed or the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any

from sqlalchemy import Row as TableRow
from sqlalchemy import select

from survey_app.db import db
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.streams import Row
from survey_app.invite.contact_fields import ContactReader
from survey_app.invite.contact_models import Contact
from survey_app.invite.sight import unit_problem
from survey_app.organisation.sight import Sight, in_sight

# By which column contacts may be known, and which columns a file must have then.
KEY_COLUMNS = {"email": ("email",), "external_id": ("email", "external_id")}
PARAMETERS = 10_000
KEPT = (
    Contact.id,
    Contact.email,
    Contact.name,
    Contact.external_id,
    Contact.unit_id,
    Contact.representative_id,
    Contact.language,
    Contact.attributes,
    Contact.consent_at,
    Contact.consent_source,
)
COLUMNS = tuple(column.key for column in KEPT[1:])
NEW: dict[str, Any] = {
    "name": "",
    "external_id": None,
    "unit_id": None,
    "representative_id": None,
    "language": "",
    "attributes": {},
    "consent_at": None,
    "consent_source": "",
}

# A row, and what it says as values for the table `contact`.
Told = tuple[Row, dict[str, Any]]
# The number of a row, and what is wrong there.
Found = list[tuple[int, Problem]]


@dataclass
class Sorted:
    """The rows of a chunk: values of new contacts, rows and values of those that change."""

    added: list[dict[str, Any]] = field(default_factory=list)
    updated: list[tuple[TableRow[Any], dict[str, Any]]] = field(default_factory=list)
    unchanged: int = 0
    problems: Found = field(default_factory=list)


class RowSorter:
    """Reads rows and compares them with the contacts, known by their `key`."""

    def __init__(self, key: str, within: Sight) -> None:
        self.key = key
        self.within = within
        self.reader = ContactReader(within)

    def read(self, rows: Sequence[Row]) -> tuple[list[Told], Found]:
        """What the rows say; asks no table."""
        contacts = []
        problems: Found = []
        for row in rows:
            values, found = self.reader.read(row.cells)
            if self.key == "external_id" and not values.get("external_id"):
                message = "The external id is missing. Fill it in, or import by e-mail address."
                found.append(Problem("external_id", "empty", message))
            problems += [
                (row.number, Problem(row.place(one.place), one.code, one.message)) for one in found
            ]
            contacts.append((row, values))
        return contacts, problems

    def sort_out(self, contacts: Sequence[Told]) -> Sorted:
        """Compare sound rows with the table; those with a problem are in nothing else."""
        result = Sorted()
        if not contacts:
            return result
        column = Contact.email if self.key == "email" else Contact.external_id
        wanted = [values[self.key] for _, values in contacts]
        known = {getattr(one, self.key): one for one in known_by(column, wanted)}
        owners = self._owners(contacts)
        for row, values in contacts:
            present = known.get(values[self.key])
            if present is None:
                self.reader.place_new(values)
            problem = self._problem(values, present, owners)
            if problem is not None:
                place = row.place(problem.place)
                result.problems.append((row.number, Problem(place, problem.code, problem.message)))
                continue
            before = NEW if present is None else _columns_of(present)
            after = {**before, **values}
            after["attributes"] = _merged(before["attributes"], values["attributes"])
            if present is None:
                result.added.append(after)
            elif after != before:
                result.updated.append((present, after))
            else:
                result.unchanged += 1
        return result

    def _owners(self, contacts: Sequence[Told]) -> dict[str, TableRow[Any]]:
        """Who has the other of the two names that no two contacts share."""
        other = "external_id" if self.key == "email" else "email"
        column = Contact.external_id if self.key == "email" else Contact.email
        wanted = [value for _, values in contacts if (value := values.get(other))]
        return {getattr(one, other): one for one in known_by(column, wanted)}

    def _problem(
        self,
        values: Mapping[str, Any],
        present: TableRow[Any] | None,
        owners: Mapping[str, TableRow[Any]],
    ) -> Problem | None:
        if present is not None and not in_sight(present.unit_id, self.within):
            text = f"{quoted(values[self.key])} is kept by somebody else. Leave the row out."
            return Problem(self.key, "out_of_sight", text)
        unit_id = values.get("unit_id", present.unit_id if present is not None else None)
        if found := unit_problem(unit_id, self.within):
            return found
        other = "external_id" if self.key == "email" else "email"
        owner = owners.get(values.get(other) or "")
        if owner is None or (present is not None and owner.id == present.id):
            return None
        whose = "a contact out of sight"
        if in_sight(owner.unit_id, self.within):
            whose = owner.email if other == "external_id" else _named_by_id(owner.external_id)
        remedy = (
            "Change that contact's address first, or leave the cell empty."
            if other == "external_id"
            else "Correct one of the two, or import by e-mail address."
        )
        return Problem(other, "taken", f"{quoted(values[other])} belongs to {whose}. {remedy}")


class Repeated:
    """Finds what stands twice in a file; however long it is, memory is not: it moves to disk."""

    def __enter__(self) -> Repeated:
        # A name that is empty is a file of SQLite's own, written only when it grows.
        self._seen = sqlite3.connect("", isolation_level=None)
        self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute("PRAGMA synchronous = OFF")
        self._seen.execute("PRAGMA cache_size = -32000")
        self._seen.execute(
            "CREATE TABLE seen (value TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID"
        )
        self._seen.execute("BEGIN")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._seen.close()

    def find(self, rows: Sequence[Row], contacts: Sequence[Told]) -> Found:
        """The addresses and external ids of these rows that an earlier row has."""
        told = [
            (f"{column} {value}", row.number)
            for row, values in contacts
            for column in ("email", "external_id")
            if (value := values.get(column))
        ]
        before = self._seen.total_changes
        self._seen.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", told)
        if self._seen.total_changes - before == len(told):
            return []
        by_number = {row.number: row for row in rows}
        problems: Found = []
        for name, number in told:
            (first,) = self._seen.execute("SELECT number FROM seen WHERE value = ?", (name,))
            if first[0] != number:
                column, _, value = name.partition(" ")
                text = f"{quoted(value)} stands in row {first[0]} already. Keep one of the two."
                place = by_number[number].place(column)
                problems.append((number, Problem(place, "duplicate", text)))
        return problems


def known_by(column: Any, wanted: Sequence[str]) -> Iterator[TableRow[Any]]:
    """The contacts whose column has one of these values."""
    for start in range(0, len(wanted), PARAMETERS):
        yield from db.session.execute(
            select(*KEPT).where(column.in_(wanted[start : start + PARAMETERS]))
        )


def document(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a contact as they are kept in a document."""
    at: datetime | None = values["consent_at"]
    told = {column: values[column] for column in COLUMNS}
    return told | {"consent_at": at.isoformat() if at else None}


def columns(told: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that `document` was made of."""
    at: str | None = told["consent_at"]
    return {**told, "consent_at": datetime.fromisoformat(at) if at else None}


def _columns_of(present: TableRow[Any]) -> dict[str, Any]:
    return dict(zip(COLUMNS, present[1:], strict=True))


def _named_by_id(external_id: str | None) -> str:
    if external_id is None:
        return "a contact without an external id"
    return f"the contact with the external id {quoted(external_id)}"


def _merged(before: dict[str, str], told: dict[str, str]) -> dict[str, str]:
    """Attributes of the file over those already known; an empty cell removes one."""
    return {name: value for name, value in {**before, **told}.items() if value}
