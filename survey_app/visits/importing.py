"""Importing visits that were timed elsewhere: a whole file, or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from survey_app.accounts.auditing import acting_user_id
from survey_app.db import db
from survey_app.domain.mapping import MappedRow, read_mapped_csv
from survey_app.domain.problems import Problem, quoted
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.visits.correcting import reach
from survey_app.visits.import_rows import (
    OPTIONAL,
    REQUIRED,
    ImportedVisit,
    KnownParts,
    read_row,
    state_of,
)
from survey_app.visits.models import Process, StageEvent, Visit, VisitBatch

MOST_PROBLEMS = 200
# Databases limit the number of parameters in one statement.
CHUNK = 5000


@dataclass(frozen=True)
class Imported:
    """What an import did: its batch, and how many visits were what."""

    batch: VisitBatch
    added: int
    gone_on: int
    unchanged: int
    corrected: int

    def __str__(self) -> str:
        told = [
            f"{count} {words}"
            for count, words in (
                (self.added, "added"),
                (self.gone_on, "brought up to date"),
                (self.unchanged, "unchanged"),
                (self.corrected, "left as corrected here"),
            )
            if count
        ]
        return f"Visits of {self.batch.filename}: {', '.join(told) or 'none in the file'}."


def import_visits(
    process: Process,
    data: bytes,
    filename: str,
    now: datetime,
    zone: ZoneInfo,
    mapping: object = None,
    within: Collection[int] | None = None,
) -> tuple[Imported | None, list[Problem]]:
    """Import a CSV of visits of one process, one row a visit; on any problem nothing is stored.

    A visit that an earlier file left open is brought to where this one says it has got; one that
    stands as the file has it, or was corrected here, stays. An ended one is never changed.

    Columns: external_id, started_at, unit; optional ended_at, outcome, observed_until,
    representative, customer, idle_seconds, and one for each stage, named by its key, with the
    moment at which it was reached. Moments without an offset are in `zone`. A row without an end is
    open: seen so until `observed_until`, or still running. A completed visit has a moment for every
    stage; where the last stage has none, it was reached at the end, as its reaching ends a visit.

    `mapping` names other systems' columns (see `domain.mapping`); {if_ended: completed} gives every
    visit with an end this outcome. `within` are the ids of the units for which visits may be
    imported, None for all.
    """
    stages = process.stages
    rows, problems = read_mapped_csv(
        data,
        mapping,
        REQUIRED,
        (*OPTIONAL, *(stage.key for stage in stages)),
        conditions={"if_ended": "ended_at"},
    )
    if problems:
        return None, problems
    known = KnownParts(stages, keys_to_units(), keys_to_representatives(within), within, zone, now)
    visits: list[ImportedVisit] = []
    for row in rows:
        read = read_row(row, known)
        if isinstance(read, ImportedVisit):
            visits.append(read)
        else:
            problems += read
    problems += _duplicate_problems(rows)
    # A constant that is wrong is wrong in every row, but is told once.
    problems = list(dict.fromkeys(problems))
    if problems:
        return None, problems[:MOST_PROBLEMS]
    stored = _stored(process, [visit.external_id for visit in visits])
    kinds, problems = _sort_out(stored, rows, visits, within)
    if problems:
        return None, problems[:MOST_PROBLEMS]
    return _store(process, kinds, data, filename, len(rows), now)


def _duplicate_problems(rows: Iterable[MappedRow]) -> list[Problem]:
    problems = []
    first_seen: dict[str, int] = {}
    for row in rows:
        external_id = row.cells["external_id"]
        if external_id and external_id in first_seen:
            message = (
                f"The visit {quoted(external_id)} stands in row {first_seen[external_id]} already. "
                "Keep one of the two rows, or correct its id."
            )
            problems.append(Problem(row.place("external_id"), "duplicate", message))
        first_seen.setdefault(external_id, row.number)
    return problems


def _stored(process: Process, external_ids: Sequence[str]) -> dict[str, Visit]:
    """The visits with these ids that there are already, locked until the import is committed."""
    found: dict[str, Visit] = {}
    for first in range(0, len(external_ids), CHUNK):
        wanted = external_ids[first : first + CHUNK]
        for visit in db.session.scalars(
            select(Visit)
            .where(Visit.process_id == process.id, Visit.external_id.in_(wanted))
            .options(selectinload(Visit.events), selectinload(Visit.corrections))
            .with_for_update()
        ):
            assert visit.external_id is not None
            found[visit.external_id] = visit
    return found


@dataclass
class _Sorted:
    """The visits of a file by what is to be done with them."""

    new: list[ImportedVisit] = field(default_factory=list)
    gone_on: list[tuple[Visit, ImportedVisit]] = field(default_factory=list)
    unchanged: int = 0
    corrected: int = 0


def _sort_out(
    stored: Mapping[str, Visit],
    rows: Iterable[MappedRow],
    visits: Iterable[ImportedVisit],
    within: Collection[int] | None,
) -> tuple[_Sorted, list[Problem]]:
    kinds = _Sorted()
    problems: list[Problem] = []
    for row, visit in zip(rows, visits, strict=True):
        known = stored.get(visit.external_id)
        if known is None:
            kinds.new.append(visit)
        elif known.corrections:
            kinds.corrected += 1
        elif state_of(known) == visit.state:
            kinds.unchanged += 1
        elif problem := _contradiction(row, known, visit, within):
            problems.append(problem)
        else:
            kinds.gone_on.append((known, visit))
    return kinds, problems


def _contradiction(
    row: MappedRow, known: Visit, visit: ImportedVisit, within: Collection[int] | None
) -> Problem | None:
    """Why a row cannot be what became of a visit that was imported before, still open."""
    name = f"The visit {quoted(visit.external_id)}"
    place = row.place("external_id")
    if within is not None and known.unit_id not in within:
        message = f"{name} belongs to a unit that you do not look after. Leave the row out."
        return Problem(place, "forbidden", message)
    if known.outcome:
        message = (
            f"{name} was imported before, ended and otherwise than here. Correct it on its own "
            "page, with the reason, or leave the row out."
        )
        return Problem(place, "ended_otherwise", message)
    seen_open = known.observed_until
    if seen_open and visit.ended_at and visit.ended_at < seen_open:
        message = f"{name} was still open after this end, an earlier file said. Check both files."
        return Problem(row.place("ended_at"), "ended_while_open", message)
    if seen_open and visit.observed_until and visit.observed_until < seen_open:
        message = f"{name} was seen open later than this already: the file is an old one."
        return Problem(row.place("observed_until"), "older_file", message)
    return None


def _store(
    process: Process, kinds: _Sorted, data: bytes, filename: str, rows: int, now: datetime
) -> tuple[Imported | None, list[Problem]]:
    batch = VisitBatch(
        process_id=process.id,
        filename=filename[-255:],
        sha256=hashlib.sha256(data).hexdigest(),
        row_count=rows,
        imported_at=now,
        imported_by_id=acting_user_id(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(batch)
            db.session.flush()
            if kinds.new:
                _insert(process, batch, kinds.new, now)
            for known, visit in kinds.gone_on:
                _go_on(known, visit, batch, now)
            db.session.flush()
    except IntegrityError:
        message = (
            "While this file was read, some of its visits were imported from elsewhere. "
            "Import it again to see which."
        )
        return None, [Problem("file", "imported_meanwhile", message)]
    counts = len(kinds.new), len(kinds.gone_on), kinds.unchanged, kinds.corrected
    return Imported(batch, *counts), []


def _go_on(known: Visit, visit: ImportedVisit, batch: VisitBatch, now: datetime) -> None:
    """Bring an open visit to where the file says it has got."""
    known.started_at = visit.started_at
    known.ended_at = visit.ended_at
    known.outcome = visit.outcome
    known.observed_until = visit.observed_until
    known.unit_id = visit.unit.id
    known.representative_id = visit.representative.id if visit.representative else None
    known.customer = visit.customer
    known.idle_seconds = visit.idle_seconds
    known.batch_id = batch.id
    known.updated_at = now
    reach(known, visit.reached)


def _insert(
    process: Process, batch: VisitBatch, visits: Sequence[ImportedVisit], now: datetime
) -> None:
    rows = [
        {
            "public_id": str(uuid4()),
            "process_id": process.id,
            "unit_id": visit.unit.id,
            "representative_id": visit.representative.id if visit.representative else None,
            "customer": visit.customer,
            "started_at": visit.started_at,
            "ended_at": visit.ended_at,
            "outcome": visit.outcome,
            "observed_until": visit.observed_until,
            "external_id": visit.external_id,
            "batch_id": batch.id,
            "idle_seconds": visit.idle_seconds,
            "updated_at": now,
        }
        for visit in visits
    ]
    stored = db.session.execute(insert(Visit).returning(Visit.external_id, Visit.id), rows)
    visit_ids = dict(stored.tuples().all())
    events = [
        {"visit_id": visit_ids[visit.external_id], "stage_id": stage.id, "at": at}
        for visit in visits
        for stage, at in visit.reached
    ]
    if events:
        db.session.execute(insert(StageEvent), events)
