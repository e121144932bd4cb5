"""Taking contacts over from a file: looked at as a whole first, then stored, chunk by chunk.

Both are generators: at each step a chunk is done. Who wants all rows or none runs them to the end
in one transaction; who has a long file commits at each step and undoes the steps on trouble.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.domain.streams import Row
from survey_app.invite.contact_fields import column_problems
from survey_app.invite.contact_files import ContactFile
from survey_app.invite.contact_models import Contact, ContactChange
from survey_app.invite.contact_rows import (
    KEY_COLUMNS,
    Repeated,
    RowSorter,
    Sorted,
    document,
)
from survey_app.invite.suppressing import carry_over
from survey_app.organisation.sight import Sight

# Databases limit the number of parameters in one statement.
CHUNK = 10_000
PROBLEMS_KEPT = 200
CHANGED = Problem(
    "file",
    "changed_meanwhile",
    "Somebody else changed these contacts at the same moment. Import the file again.",
)


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do, with the contacts of a file."""

    added: int
    updated: int
    unchanged: int


@dataclass
class Look:
    """What a first look at a file has found so far.

    `problems` are the first ones of `problem_count`; `position` is how many bytes were read.
    """

    rows: int = 0
    position: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add_problems(self, found: Sequence[Problem]) -> None:
        """Count them all and keep the first."""
        self.problem_count += len(found)
        self.problems += found[: PROBLEMS_KEPT - len(self.problems)]

    def told(self) -> list[Problem]:
        """The problems kept, and how many there are beyond."""
        more = self.problem_count - len(self.problems)
        if not more:
            return self.problems
        message = f"There are {more:,} more problems like these. Mend these first."
        return [*self.problems, Problem("file", "more_problems", message)]


@dataclass(frozen=True)
class Stored:
    """One chunk is stored, or with `problems` nothing of it: rows and bytes passed so far, and what
    was done with this chunk."""

    rows: int
    position: int
    done: Imported
    problems: Sequence[Problem] = ()


def look_at(file: ContactFile, sorter: RowSorter, chunk: int = CHUNK) -> Iterator[Look]:
    """Look through a file without storing anything; gives the same `Look` after each chunk.

    A column that the file lacks leaves known contacts as they are; an empty cell empties the field.
    Columns that are no field of a contact are attributes.
    """
    look = Look()
    if problem := file.problem():
        look.add_problems([problem])
        yield look
        return
    with Repeated() as repeated:
        rows = file.rows()
        while part := list(islice(rows, chunk)):
            sound = [one for one in part if isinstance(one, Row)]
            found = [(_number(one), one) for one in part if isinstance(one, Problem)]
            if sound and not look.rows:
                found += [(0, one) for one in column_problems(sound[0].cells)]
            contacts, read = sorter.read(sound)
            found += read
            found += repeated.find(sound, contacts)
            wrong = {number for number, _ in found}
            good = [pair for pair in contacts if pair[0].number not in wrong]
            sorted_out = sorter.sort_out(good)
            found += sorted_out.problems
            look.rows += len(sound)
            look.added += len(sorted_out.added)
            look.updated += len(sorted_out.updated)
            look.unchanged += sorted_out.unchanged
            look.position = file.position
            look.add_problems([problem for _, problem in sorted(found, key=lambda one: one[0])])
            yield look
    look.position = file.size
    yield look


def store_rows(
    file: ContactFile,
    sorter: RowSorter,
    now: datetime,
    *,
    passed: int = 0,
    batch_id: int | None = None,
    chunk: int = CHUNK,
) -> Iterator[Stored]:
    """Store what `look_at` found nothing in, behind the first `passed` rows.

    With a `batch_id`, what changes is written down, so that it can be undone. The last step has
    problems where somebody has changed meanwhile what the file says. No table is asked before a
    chunk is read: a transaction lasts no longer than what is done in it.
    """
    rows = (one for one in file.rows() if isinstance(one, Row))
    for _skipped in islice(rows, passed):
        pass
    while part := list(islice(rows, chunk)):
        contacts, wrong = sorter.read(part)
        found = sorter.sort_out([] if wrong else contacts)
        problems = [problem for _, problem in wrong or found.problems]
        if not problems and not _write(found, now, batch_id):
            problems = [CHANGED]
        if problems:
            yield Stored(passed, file.position, Imported(0, 0, 0), problems)
            return
        passed += len(part)
        done = Imported(len(found.added), len(found.updated), found.unchanged)
        yield Stored(passed, file.position, done)


def import_contacts(
    data: bytes,
    filename: str,
    now: datetime,
    within: Sight = None,
    key: str = "email",
    dry_run: bool = False,
) -> tuple[Imported | None, list[Problem]]:
    """Take over a whole file in the caller's transaction: all of its rows, or none.

    Contacts are known by their `key`, and must be, before and after, `within` the sight of who
    imports them. With `dry_run` nothing is stored. See `look_at` for what the columns mean.
    """
    file, sorter = ContactFile(io.BytesIO(data), KEY_COLUMNS[key]), RowSorter(key, within)
    *_, look = look_at(file, sorter)
    if look.problem_count:
        return None, look.told()
    result = Imported(look.added, look.updated, look.unchanged)
    if dry_run:
        return result, []
    with db.session.begin_nested() as all_of_it:
        for step in store_rows(file, sorter, now):
            if step.problems:
                all_of_it.rollback()
                return None, list(step.problems)
    record("contacts imported", filename, now, added=result.added, updated=result.updated)
    return result, []


def _number(problem: Problem) -> int:
    """The row that a problem of the table stands in."""
    word, _, number = problem.place.partition(" ")
    return int(number) if word == "row" and number.isdecimal() else 0


def _write(found: Sorted, now: datetime, batch_id: int | None) -> bool:
    """Write a chunk; False where the database's own rules refuse it."""
    try:
        with db.session.begin_nested():
            ids = _add(found.added, now)
            if found.updated:
                db.session.execute(
                    update(Contact), [{**after, "id": before.id} for before, after in found.updated]
                )
            for before, after in found.updated:
                if before.email != after["email"]:
                    carry_over(before.email, after["email"])
            if batch_id is not None:
                _note_changes(found, ids, batch_id)
    except IntegrityError:
        return False
    return True


def _add(rows: Sequence[dict[str, Any]], now: datetime) -> dict[str, int]:
    """Store new contacts; gives the id of each address.

    Past the mapper, which costs several times what the table does. It is asked for the ids so that
    many rows are one statement: on SQLite the index of words is written at the end of each.
    """
    if not rows:
        return {}
    table = Contact.__table__
    stored = db.session.execute(
        insert(table).returning(table.c.email, table.c.id),
        [{**row, "created_at": now} for row in rows],
    )
    return {email: number for email, number in stored}


def _note_changes(found: Sorted, ids: Mapping[str, int], batch_id: int) -> None:
    changes: list[dict[str, Any]] = [
        {"contact_id": ids[after["email"]], "before": None, "after": document(after)}
        for after in found.added
    ]
    changes += [
        {
            "contact_id": before.id,
            "before": document(before._mapping),
            "after": document(after),
        }
        for before, after in found.updated
    ]
    if changes:
        told = [{"batch_id": batch_id, **change} for change in changes]
        db.session.execute(insert(ContactChange.__table__), told)
