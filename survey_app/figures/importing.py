"""Importing figures: a dry run says what would change, an import changes just that."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from survey_app.accounts.auditing import acting_user_id
from survey_app.db import db
from survey_app.domain.mapping import MappedRow, read_mapped_csv
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.tables import read_month, read_number
from survey_app.figures.models import Figure, FigureBatch, Measure
from survey_app.figures.queries import NaturalKey, current_values
from survey_app.organisation.calendars import next_month
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.organisation.sight import Sight

REQUIRED = ("measure", "unit", "period", "value")
OPTIONAL = ("representative",)
MOST_PROBLEMS = 200


@dataclass(frozen=True)
class ReadFigure:
    """A sound row of the file."""

    row_number: int
    measure: Measure
    unit: Unit
    representative: Representative | None
    period_start: date
    value: float

    @property
    def key(self) -> NaturalKey:
        """The figure's natural key."""
        person = self.representative
        return NaturalKey(
            self.measure.id, self.unit.id, person.key if person else "", self.period_start
        )


@dataclass(frozen=True)
class FigureChanges:
    """What a file changes: rows that are new, rows that replace a value (with it), rows as known.

    `batch` is the stored import, or None after a dry run.
    """

    new: Sequence[ReadFigure]
    replaced: Sequence[tuple[ReadFigure, float]]
    unchanged: int
    batch: FigureBatch | None = None

    @property
    def fingerprint(self) -> str:
        """Tells this set of changes from any other."""
        told = [
            *((one.key, one.value) for one in self.new),
            *((one.key, one.value, old) for one, old in self.replaced),
            self.unchanged,
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True)
class KnownParts:
    """What the cells may name: units and representatives in the sight of who imports."""

    measures: Mapping[str, Measure]
    units: Mapping[str, Unit]
    people: Mapping[str, Representative]
    this_month: date


def import_figures(
    data: bytes,
    filename: str,
    now: datetime,
    zone: ZoneInfo,
    dry_run: bool,
    mapping: object = None,
    within: Sight = None,
    confirmed: str | None = None,
) -> tuple[FigureChanges | None, list[Problem]]:
    """Import a CSV of figures, one row a figure; on any problem, and in a dry run, nothing is kept.

    Columns: measure, unit (keys), period (YYYY-MM, at the latest the month of `now` in `zone`),
    value; optional representative. `mapping` names other systems' columns (see `domain.mapping`).
    `within` are the ids of units for which figures may be imported, None for all. `confirmed` is
    the fingerprint of the changes that somebody saw in a dry run: if the file would change
    something else by now, it is refused.
    """
    rows, problems = read_mapped_csv(data, mapping, REQUIRED, OPTIONAL)
    if problems:
        return None, problems
    if not dry_run:
        # Of two imports at once the second waits, and compares with what the first has stored.
        db.session.execute(select(Measure.id).with_for_update(key_share=True))
    read, problems = _read_rows(rows, now, zone, within)
    if problems:
        return None, problems[:MOST_PROBLEMS]
    changes = _compare(read)
    if confirmed is not None and confirmed != changes.fingerprint:
        message = (
            "Other figures were imported or undone since you looked. See below what would "
            "change now, and confirm again."
        )
        return None, [Problem("file", "changed_meanwhile", message)]
    if not dry_run:
        batch = _store(read, data, filename, now)
        changes = FigureChanges(changes.new, changes.replaced, changes.unchanged, batch)
    return changes, []


def _read_rows(
    rows: Sequence[MappedRow], now: datetime, zone: ZoneInfo, within: Sight
) -> tuple[list[ReadFigure], list[Problem]]:
    known = KnownParts(
        measures={measure.key: measure for measure in db.session.scalars(select(Measure))},
        units=keys_to_units(within),
        people=keys_to_representatives(within),
        this_month=now.astimezone(zone).date().replace(day=1),
    )
    read: list[ReadFigure] = []
    problems: list[Problem] = []
    first_seen: dict[NaturalKey, int] = {}
    for row in rows:
        figure = _read_row(row, known)
        if isinstance(figure, list):
            problems += figure
            continue
        first = first_seen.setdefault(figure.key, row.number)
        if first != row.number:
            message = (
                f"Row {first} has the same measure, unit, representative and period. Keep one of "
                "the two rows, or add their values into one."
            )
            problems.append(Problem(f"row {row.number}", "duplicate", message))
        read.append(figure)
    # A constant that is wrong is wrong in every row, but is told once.
    return read, list(dict.fromkeys(problems))


def _read_row(row: MappedRow, known: KnownParts) -> ReadFigure | list[Problem]:
    cells = row.cells
    measure = known.measures.get(cells["measure"])
    unit = known.units.get(cells["unit"])
    person = known.people.get(cells["representative"])
    period = read_month(cells["period"], row.place("period"))
    value = read_number(cells["value"], row.place("value"))
    problems = [one for one in (period, value) if isinstance(one, Problem)]
    if measure is None:
        problems.append(_unknown(row, "measure", known.measures))
    if unit is None:
        problems.append(_unknown(row, "unit", known.units))
    if person is None and cells["representative"]:
        problems.append(_unknown(row, "representative", known.people))
    if isinstance(period, date) and period > known.this_month:
        message = (
            f"{quoted(cells['period'])} has not begun yet. Correct the month, or leave the row "
            "out until there is a figure."
        )
        problems.append(Problem(row.place("period"), "future", message))
    if problems or measure is None or unit is None:
        return problems
    assert isinstance(period, date)
    assert isinstance(value, float)
    return ReadFigure(row.number, measure, unit, person, period, value)


def _unknown(row: MappedRow, name: str, known: Collection[str]) -> Problem:
    cell = row.cells[name]
    if not cell:
        return Problem(row.place(name), "empty", f"The cell is empty. Fill in the {name}'s key.")
    where = "define it first" if name == "measure" else "have it added to the organisation first"
    return Problem(
        row.place(name),
        "unknown",
        f"You see no {name} with the key {quoted(cell)}.{did_you_mean(cell, known)} "
        f"Correct it, or {where}.",
    )


def _compare(read: Sequence[ReadFigure]) -> FigureChanges:
    months = [figure.period_start for figure in read]
    measure_ids = {figure.measure.id for figure in read}
    current = current_values(measure_ids, min(months), next_month(max(months)))
    new = [figure for figure in read if figure.key not in current]
    replaced = [
        (figure, current[figure.key])
        for figure in read
        if figure.key in current and current[figure.key] != figure.value
    ]
    return FigureChanges(new, replaced, len(read) - len(new) - len(replaced))


def _store(read: Sequence[ReadFigure], data: bytes, filename: str, now: datetime) -> FigureBatch:
    batch = FigureBatch(
        filename=filename[-255:],
        sha256=hashlib.sha256(data).hexdigest(),
        row_count=len(read),
        imported_at=now,
        imported_by_id=acting_user_id(),
    )
    db.session.add(batch)
    db.session.flush()
    db.session.execute(
        insert(Figure),
        [
            {
                "batch_id": batch.id,
                "row_number": figure.row_number,
                "measure_id": figure.measure.id,
                "unit_id": figure.unit.id,
                "representative_id": figure.representative.id if figure.representative else None,
                "representative_key": figure.key.representative_key,
                "period_start": figure.period_start,
                "value": figure.value,
            }
            for figure in read
        ],
    )
    return batch
