"""Targets as a CSV file, in and out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from survey_app.domain.problems import Problem
from survey_app.domain.tables import Row, read_csv, read_date, read_number, read_word
from survey_app.goals.models import SCOPE_TYPES, TARGET_SOURCES, Target
from survey_app.goals.sight import Scopes
from survey_app.goals.targeting import set_targets
from survey_app.goals.wanted import WantedAdjustment, WantedTarget

COLUMNS = ("kpi", "scope_type", "scope", "value", "valid_from")
ADJUSTMENT_COLUMNS = ("index", "at_setting", "elasticity", "elasticity_source", "justification")
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
        note=cells["note"],
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
        justification=cells["justification"],
        elasticity_source=cells["elasticity_source"] or "given",
    )
    return wanted, []
