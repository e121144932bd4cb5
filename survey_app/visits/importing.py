"""Importing visits that were timed elsewhere: a whole file, or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from survey_app.organisation.sight import Sight, in_sight
from survey_app.visits.correcting import bring_to, record_moment
from survey_app.visits.models import Process, ProcessStage, StageEvent, Visit, VisitBatch
from survey_app.visits.told_visits import (
    OPTIONAL,
    REQUIRED,
    KnownParts,
    ToldVisit,
    check_visit,
    read_visit,
    state_of,
)

MOST_PROBLEMS = 200
# Databases limit the number of parameters in one statement.
CHUNK = 5000


@dataclass(frozen=True)
class Imported:
    """What an import did: its batch, and how many visits were what.

    `behind` are rows that tell less than is known of their visit: an older file's.
    """

    batch: VisitBatch
    added: int
    gone_on: int
    unchanged: int
    behind: int
    corrected: int

    def __str__(self) -> str:
        told = [
            f"{count} {words}"
            for count, words in (
                (self.added, "added"),
                (self.gone_on, "brought up to date"),
                (self.unchanged, "unchanged"),
                (self.behind, "known further than this file tells"),
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
    within: Sight = None,
) -> tuple[Imported | None, list[Problem]]:
    """Import a CSV of visits of one process, one row a visit; on any problem nothing is stored.

    A visit that was imported before and is open goes on to where this file says it has got; what
    the file does not tell, and stages that were reached, stay. An ended visit is never changed.

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
    known = KnownParts(stages, keys_to_units(within), keys_to_representatives(within), zone, now)
    visits: list[ToldVisit] = []
    for row in rows:
        read = read_visit(row, known)
        if isinstance(read, ToldVisit):
            visits.append(read)
        else:
            problems += read
    problems += _duplicate_problems(rows)
    # A constant that is wrong is wrong in every row, but is told once.
    problems = list(dict.fromkeys(problems))
    if problems:
        return None, problems[:MOST_PROBLEMS]
    stored = _stored(process, [visit.external_id for visit in visits])
    kinds, problems = _sort_out(stored, rows, visits, known, within)
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

    new: list[ToldVisit] = field(default_factory=list)
    gone_on: list[tuple[Visit, ToldVisit]] = field(default_factory=list)
    unchanged: int = 0
    behind: int = 0
    corrected: int = 0


def _sort_out(
    stored: Mapping[str, Visit],
    rows: Iterable[MappedRow],
    visits: Iterable[ToldVisit],
    known: KnownParts,
    within: Sight,
) -> tuple[_Sorted, list[Problem]]:
    kinds = _Sorted()
    problems: list[Problem] = []
    for row, visit in zip(rows, visits, strict=True):
        before = stored.get(visit.external_id)
        if before is None:
            kinds.new.append(visit)
            continue
        if not in_sight(before.unit_id, within):
            message = (
                f"The visit {quoted(visit.external_id)} belongs to a unit that you do not look "
                "after. Leave the row out."
            )
            problems.append(Problem(row.place("external_id"), "out_of_sight", message))
            continue
        now = _carried_on(before, visit, row.told, known)
        if before.void or (before.outcome and before.corrections):
            kinds.corrected += 1
        elif state_of(before) == now.state:
            kinds.unchanged += 1
        elif _tells_less(before, visit):
            kinds.behind += 1
        elif wrong := _contradictions(row, before, visit):
            problems += wrong
        elif before.corrections and check_visit(row, now, known.stages):
            # What is new does not fit what was corrected: somebody has to look at it here.
            kinds.corrected += 1
        elif wrong := check_visit(row, now, known.stages):
            problems += wrong
        else:
            kinds.gone_on.append((before, now))
    return kinds, problems


def _carried_on(
    before: Visit, visit: ToldVisit, told: Collection[str], known: KnownParts
) -> ToldVisit:
    """The visit as it stands with what the row adds to what is known of it."""
    if before.corrections:
        return _added_to_corrected(before, visit, known)
    person = before.representative
    # Who works out of the importing person's sight cannot be named by them, so is not taken away.
    hidden = person is not None and not visit.representative and person.key not in known.people
    ends = "ended_at" in told
    cut_off = visit.ended_at or "observed_until" in told
    return replace(
        visit,
        ended_at=visit.ended_at if ends else before.ended_at,
        outcome=visit.outcome if ends else before.outcome,
        observed_until=visit.observed_until if cut_off else before.observed_until,
        representative=(person if hidden or "representative" not in told else visit.representative),
        customer=visit.customer if "customer" in told else before.customer,
        idle_seconds=visit.idle_seconds if "idle_seconds" in told else before.idle_seconds,
        reached=_with_new_stages(before, dict(visit.reached), known),
    )


def _added_to_corrected(before: Visit, visit: ToldVisit, known: KnownParts) -> ToldVisit:
    """A corrected visit that is open takes its end and stages, but none that were known before.

    What was corrected away would otherwise come back with the next file.
    """
    corrected_away = {
        (name, cell)
        for correction in before.corrections
        for name, cell in correction.before.items()
    }

    def is_new(name: str, at: datetime | None) -> bool:
        return at is not None and (name, record_moment(at)) not in corrected_away

    ends = is_new("ended_at", visit.ended_at)
    seen = [at for at in (before.observed_until, visit.observed_until) if at]
    return replace(
        visit,
        started_at=before.started_at,
        ended_at=visit.ended_at if ends else before.ended_at,
        outcome=visit.outcome if ends else before.outcome,
        observed_until=None if ends else max(seen, default=None),
        unit=before.unit,
        representative=before.representative,
        customer=before.customer,
        idle_seconds=before.idle_seconds,
        reached=_with_new_stages(
            before, {stage: at for stage, at in visit.reached if is_new(stage.key, at)}, known
        ),
    )


def _with_new_stages(
    before: Visit, told: Mapping[ProcessStage, datetime], known: KnownParts
) -> tuple[tuple[ProcessStage, datetime], ...]:
    reached = dict(told) | {event.stage: event.at for event in before.events}
    return tuple((stage, reached[stage]) for stage in known.stages if stage in reached)


def _tells_less(before: Visit, visit: ToldVisit) -> bool:
    """Whether the row has an open visit as it was earlier than what is known by now."""
    if visit.ended_at:
        return False
    if before.ended_at:
        return visit.observed_until is None or visit.observed_until <= before.ended_at
    seen = before.observed_until
    return bool(seen and visit.observed_until and visit.observed_until < seen)


def _contradictions(row: MappedRow, before: Visit, visit: ToldVisit) -> list[Problem]:
    """Why a row cannot be what became of a visit as it was recorded; of a corrected one it may."""
    if before.corrections:
        return []
    name = f"The visit {quoted(visit.external_id)}"
    remedy = "Correct it on its own page, with the reason, or leave the row out."
    if before.outcome:
        message = f"{name} was recorded before, ended and otherwise than here. {remedy}"
        return [Problem(row.place("external_id"), "ended_otherwise", message)]
    seen_open = before.observed_until
    if seen_open and visit.ended_at and visit.ended_at < seen_open:
        message = f"{name} was still open after this end, an earlier file said. Check both files."
        return [Problem(row.place("ended_at"), "ended_while_open", message)]
    recorded = {event.stage_id: event.at for event in before.events}
    otherwise = [
        Problem(
            row.place(stage.key),
            "reached_otherwise",
            f'{name} reached "{stage.name}" at another moment, it was recorded before. {remedy}',
        )
        for stage, at in visit.reached
        if recorded.get(stage.id, at) != at
    ]
    return otherwise


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
            for before, visit in kinds.gone_on:
                before.batch_id = batch.id
                bring_to(before, visit, now)
            db.session.flush()
    except IntegrityError:
        message = (
            "While this file was read, some of its visits were imported from elsewhere. "
            "Import it again to see which."
        )
        return None, [Problem("file", "imported_meanwhile", message)]
    counts = len(kinds.new), len(kinds.gone_on)
    return Imported(batch, *counts, kinds.unchanged, kinds.behind, kinds.corrected), []


def _insert(
    process: Process, batch: VisitBatch, visits: Sequence[ToldVisit], now: datetime
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
