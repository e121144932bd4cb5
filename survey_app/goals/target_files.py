"""Targets as a CSV file, in and out."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.domain.tables import Row, read_csv, read_date, read_number, read_word
from survey_app.goals.models import SCOPE_TYPES, TARGET_SOURCES, Target
from survey_app.goals.sight import Scopes
from survey_app.goals.targeting import set_targets
from survey_app.goals.wanted import WantedAdjustment, WantedTarget

COLUMNS = ("kpi", "scope_type", "scope", "value", "valid_from")
ADJUSTMENT_COLUMNS = ("index", "at_setting", "elasticity", "elasticity_source", "justification")
# A spreadsheet runs a cell that begins like this; an apostrophe before it keeps it text.
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
OPTIONAL_COLUMNS = ("valid_to", "source", "note", *ADJUSTMENT_COLUMNS)


def import_targets(
    data: bytes, now: datetime, zone: ZoneInfo, within: Scopes = None
) -> tuple[list[Target], list[Problem]]:
    """Set the targets of a CSV file, all of them or with any problem none.

    Columns: kpi, scope_type, scope, value, valid_from; optional valid_to (excluded), source, note,
    and for a target that follows local conditions index, at_setting, elasticity,
    elasticity_source, justification.
    """
    rows, problems = read_csv(data, COLUMNS, OPTIONAL_COLUMNS)
    wanted = []
    taken: dict[tuple[object, ...], int] = {}
    for row in rows:
        one, wrong = _read_row(row)
        problems += wrong
        if one is None:
            continue
        first = taken.setdefault((*one.scope, one.valid_from), row.number)
        if first != row.number:
            message = f"Row {first} sets a target for the same KPI, scope and day. Keep one."
            problems.append(Problem(f"row {row.number}", "repeated", message))
        wanted.append(one)
    if problems:
        return [], problems
    return set_targets(wanted, now, zone, within)


def export_targets(readable: Scopes) -> str:
    """The targets of these scopes (None: of all) in the order in which they were set, as CSV.

    Of several for the same KPI, scope and day the last one. `import_targets` takes the file back
    and finds nothing new.
    """
    last: dict[tuple[object, ...], Target] = {}
    for one in db.session.scalars(select(Target).order_by(Target.id)):
        if readable is None or (one.scope_type, one.scope_key) in readable:
            place = (one.kpi_key, one.scope_type, one.scope_key, one.valid_from)
            last.pop(place, None)
            last[place] = one
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *OPTIONAL_COLUMNS])
    for one in last.values():
        kept = [one.kpi_key, one.scope_type, one.scope_key, repr(one.value), one.valid_from]
        told = [one.valid_to or "", one.source, _guard(one.note)]
        numbers = [repr(one.at_setting), repr(one.elasticity), one.elasticity_source]
        adjusted = [one.index_measure, *(numbers if one.index_measure else ["", "", ""])]
        writer.writerow([*kept, *told, *adjusted, _guard(one.justification)])
    return out.getvalue()


def _guard(text: str) -> str:
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text


def _unguard(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(RUN_BY_SPREADSHEETS) else cell


def _read_row(row: Row) -> tuple[WantedTarget | None, list[Problem]]:
    cells = row.cells
    read = (
        read_word(cells["scope_type"], row.place("scope_type"), SCOPE_TYPES),
        read_number(cells["value"], row.place("value")),
        read_date(cells["valid_from"], row.place("valid_from")),
        read_date(cells["valid_to"], row.place("valid_to")) if cells["valid_to"] else None,
        read_word(cells["source"] or "agreed", row.place("source"), TARGET_SOURCES),
    )
    adjustment, wrong = _read_adjustment(row)
    problems = [one for one in read if isinstance(one, Problem)] + wrong
    if problems:
        return None, problems
    scope_type, value, valid_from, valid_to, source = read
    wanted = WantedTarget(
        kpi_key=cells["kpi"],
        scope_type=scope_type,  # type: ignore[arg-type]
        scope_key=cells["scope"],
        value=value,  # type: ignore[arg-type]
        valid_from=valid_from,  # type: ignore[arg-type]
        valid_to=valid_to,  # type: ignore[arg-type]
        source=source,  # type: ignore[arg-type]
        note=_unguard(cells["note"]),
        adjustment=adjustment,
        place=f"row {row.number}",
    )
    return wanted, []


def _read_adjustment(row: Row) -> tuple[WantedAdjustment | None, list[Problem]]:
    cells = row.cells
    if not any(cells[column] for column in ADJUSTMENT_COLUMNS):
        return None, []
    read = [
        read_number(cells[column], row.place(column)) if cells[column] else None
        for column in ("at_setting", "elasticity")
    ]
    problems = [one for one in read if isinstance(one, Problem)]
    if problems:
        return None, problems
    at_setting, elasticity = read
    wanted = WantedAdjustment(
        index_measure=cells["index"],
        at_setting=at_setting,  # type: ignore[arg-type]
        elasticity=elasticity,  # type: ignore[arg-type]
        justification=_unguard(cells["justification"]),
        elasticity_source=cells["elasticity_source"] or "given",
    )
    return wanted, []
