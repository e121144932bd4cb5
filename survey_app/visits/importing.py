"""Importing visits that were timed elsewhere: a whole file, or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import acting_user_id
from survey_app.db import db
from survey_app.domain.mapping import MappedRow, read_mapped_csv
from survey_app.domain.problems import Problem, quoted
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.visits.import_rows import OPTIONAL, REQUIRED, ImportedVisit, KnownParts, read_row
from survey_app.visits.models import Process, StageEvent, Visit, VisitBatch

MOST_PROBLEMS = 200


def import_visits(
    process: Process,
    data: bytes,
    filename: str,
    now: datetime,
    zone: ZoneInfo,
    mapping: object = None,
    within: Collection[int] | None = None,
) -> tuple[VisitBatch | None, list[Problem]]:
    """Import a CSV of visits of one process, one row a visit; on any problem nothing is stored.

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
    problems += _duplicate_problems(process, rows)
    # A constant that is wrong is wrong in every row, but is told once.
    problems = list(dict.fromkeys(problems))
    if problems:
        return None, problems[:MOST_PROBLEMS]
    return _store(process, visits, data, filename, now)


def _duplicate_problems(process: Process, rows: Iterable[MappedRow]) -> list[Problem]:
    stored = set(
        db.session.scalars(
            select(Visit.external_id).where(
                Visit.process_id == process.id, Visit.external_id.is_not(None)
            )
        )
    )
    problems = []
    first_seen: dict[str, int] = {}
    for row in rows:
        external_id = row.cells["external_id"]
        if not external_id:
            continue
        if external_id in stored:
            message = (
                f"The visit {quoted(external_id)} of {process.name} was imported before. "
                "Leave this row out."
            )
            problems.append(Problem(row.place("external_id"), "imported_before", message))
        elif external_id in first_seen:
            message = (
                f"The visit {quoted(external_id)} stands in row {first_seen[external_id]} already. "
                "Keep one of the two rows, or correct its id."
            )
            problems.append(Problem(row.place("external_id"), "duplicate", message))
        first_seen.setdefault(external_id, row.number)
    return problems


def _store(
    process: Process, visits: Sequence[ImportedVisit], data: bytes, filename: str, now: datetime
) -> tuple[VisitBatch | None, list[Problem]]:
    batch = VisitBatch(
        process_id=process.id,
        filename=filename[-255:],
        sha256=hashlib.sha256(data).hexdigest(),
        row_count=len(visits),
        imported_at=now,
        imported_by_id=acting_user_id(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(batch)
            db.session.flush()
            _insert(process, batch, visits, now)
    except IntegrityError:
        message = (
            "While this file was read, some of its visits were imported from elsewhere. "
            "Import it again to see which."
        )
        return None, [Problem("file", "imported_meanwhile", message)]
    return batch, []


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
