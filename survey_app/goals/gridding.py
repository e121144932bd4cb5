"""Targets as a grid: KPIs down, scopes across, the values that hold from a day; set together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_

from analysis.kpi import ScorebookError
from survey_app.db import db
from survey_app.domain.problems import NotFound, Problem
from survey_app.goals.amounts import read_amount, write_amount
from survey_app.goals.models import Goal, KpiDefinition, Target
from survey_app.goals.queries import (
    build_scorebook,
    goals_in_order,
    holds_on,
    present_kpis,
    read_levels,
    scope_names,
)
from survey_app.goals.sight import Scopes
from survey_app.goals.targeting import lock_kpis, set_targets
from survey_app.goals.wanted import WantedTarget, says
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import units_in_order

# The unit itself and so many scopes in it stand side by side; further ones on the next page.
MOST_BESIDE = 12


class Column(NamedTuple):
    """One scope of the grid."""

    scope_type: str
    scope_key: str
    name: str


@dataclass
class Cell:
    """One KPI in one scope: what holds there, from where, and what somebody has typed."""

    kpi: KpiDefinition
    column: Column
    own: Target | None
    holding: Target | None
    is_open: bool
    typed: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The field's name: whose it is, and which target was seen when it was changed."""
        seen = self.own.id if self.own else 0
        return f"t:{self.kpi.key}:{self.column.scope_type}:{self.column.scope_key}:{seen}"

    @property
    def written(self) -> str:
        """The value that holds of its own, as it can be typed."""
        return write_amount(self.own.value, self.kpi.definition["unit"]) if self.own else ""

    @property
    def is_inherited(self) -> bool:
        """Whether what holds was set for a scope above."""
        return self.holding is not None and self.own is None


@dataclass
class Grid:
    """Columns, and the rows of each goal."""

    columns: tuple[Column, ...]
    goals: list[tuple[Goal, list[list[Cell]]]]

    @property
    def cells(self) -> list[Cell]:
        """All cells, row by row."""
        return [cell for _goal, rows in self.goals for row in rows for cell in row]


@dataclass(frozen=True)
class Terms:
    """What all values of one saving have in common."""

    valid_from: date
    valid_to: date | None
    source: str
    note: str


def pages_of(unit_key: str, within: Scopes) -> list[tuple[Column, ...]]:
    """The columns of a unit, as many pages as it takes: itself, the units and people right in it.

    Scopes that are not `within` sight are left out. Raises NotFound for a unit that is not there.
    """
    units = [unit for _depth, unit in units_in_order()]
    here = next((unit for unit in units if unit.key == unit_key), None)
    if here is None or (within is not None and ("unit", unit_key) not in within):
        raise NotFound(f"There is no unit with the key {unit_key!r} among those you see.")
    names = scope_names()
    own = ("all", "") if here.parent_id is None else ("unit", here.key)
    people = select(Representative.key).where(
        Representative.unit_id == here.id, Representative.active
    )
    inside = [("unit", unit.key) for unit in units if unit.parent_id == here.id]
    inside += [
        ("representative", key)
        for key in db.session.scalars(people.order_by(Representative.name, Representative.key))
    ]
    columns = [
        Column(*scope, names[scope]) for scope in inside if within is None or scope in within
    ]
    # The company's own targets are everybody's, and set by who sees all of it.
    first = [Column(*own, names[own])] if within is None or own in within else []
    parts = [columns[at : at + MOST_BESIDE] for at in range(0, len(columns), MOST_BESIDE)]
    return [(*first, *part) for part in parts or [[]]]


def read_grid(columns: Sequence[Column], day: date, time_zone: str) -> Grid:
    """What holds on the day for every KPI in every column."""
    kpis, levels_above = present_kpis(), read_levels()
    levels = {(one.scope_type, one.scope_key): levels_above(*one[:2]) for one in columns}
    wanted = {level for above in levels.values() for level in above}
    holding: dict[tuple[str, str, str], Target] = {}
    found = select(Target).where(tuple_(Target.scope_type, Target.scope_key).in_(sorted(wanted)))
    for target in db.session.scalars(found.order_by(Target.id)):
        if holds_on(target, day):
            holding[target.kpi_key, target.scope_type, target.scope_key] = target
    counted = _counted(time_zone)

    def cell(kpi: KpiDefinition, column: Column) -> Cell:
        held = [
            holding.get((kpi.key, *level)) for level in levels[column.scope_type, column.scope_key]
        ]
        is_open = column.scope_type != "representative" or (
            counted is None or (kpi.key, column.scope_key) in counted
        )
        first = next((target for target in held if target is not None), None)
        made = Cell(kpi, column, held[0], first, is_open)
        made.typed = made.written
        return made

    rows: dict[str, list[list[Cell]]] = {}
    for kpi in kpis:
        rows.setdefault(kpi.goal_key, []).append([cell(kpi, column) for column in columns])
    goals = [(goal, rows[goal.key]) for _depth, goal in goals_in_order() if goal.key in rows]
    return Grid(tuple(columns), goals)


def save_grid(
    grid: Grid,
    typed: Mapping[str, str],
    terms: Terms,
    now: datetime,
    zone: ZoneInfo,
    within: Scopes,
) -> tuple[int, list[Problem]]:
    """Set all values that were typed and are not what holds; or with any problem none of them.

    What is wrong with one value is told at its cell, the rest is returned. A value that somebody
    else has set since the page was opened is never replaced unseen; the same one again is none.
    """
    cells = {cell.name.rpartition(":")[0]: cell for cell in grid.cells}
    wanted: list[WantedTarget] = []
    by_place: dict[str, Cell] = {}
    for name, text in typed.items():
        place, _, seen = name.rpartition(":")
        cell = cells.get(place)
        if cell is None or not cell.is_open:
            continue
        cell.typed = text
        target = _read_cell(cell, text.strip(), seen, terms)
        if target is not None:
            wanted.append(target)
            by_place[target.place] = cell
    problems: list[Problem] = []
    if any(cell.problems for cell in grid.cells):
        return 0, problems
    _targets, problems = set_targets(wanted, now, zone, within)
    others = []
    for problem in problems:
        if problem.place in by_place:
            by_place[problem.place].problems.append(problem.message)
        else:
            others.append(problem)
    return (0 if problems else len(wanted)), others


def lock_grid() -> None:
    """Let whoever else sets targets wait until this transaction ends; before the grid is read."""
    lock_kpis([kpi.key for kpi in present_kpis()])


def _read_cell(cell: Cell, text: str, seen: str, terms: Terms) -> WantedTarget | None:
    """The target that was typed in a cell; None if nothing is to be set, or it has a problem."""
    unit, own = cell.kpi.definition["unit"], cell.own
    is_stale = seen != cell.name.rpartition(":")[2]
    if text in (cell.written, _shown_then(cell, seen)):
        cell.typed = cell.written
        return None
    if not text:
        cell.problems.append("A target is never taken back. Type the value that holds instead.")
        return None
    value = read_amount(text, unit, "")
    if isinstance(value, Problem):
        cell.problems.append(value.message)
        return None
    wanted = WantedTarget(
        kpi_key=cell.kpi.key,
        scope_type=cell.column.scope_type,
        scope_key=cell.column.scope_key,
        value=value,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        source=terms.source,
        note=terms.note,
        # Told at the cell, and never read by people: KPIs may share a name.
        place=cell.name,
    )
    if own is not None and (own.value == value or says(own, wanted)):
        return None
    if is_stale:
        cell.problems.append(
            "Somebody else has set a target here since you opened the page, "
            f"{cell.written or 'and ended it'}. Type yours again if it shall take its place."
        )
        return None
    if own is not None and own.index_measure:
        cell.problems.append("This target follows an index. Change it on its own page.")
        return None
    return wanted


def _shown_then(cell: Cell, seen: str) -> str:
    """What stood in the cell when the page was opened: who left it so has changed nothing."""
    target = db.session.get(Target, int(seen)) if seen.isdecimal() and len(seen) < 10 else None
    return write_amount(target.value, cell.kpi.definition["unit"]) if target else ""


def _counted(time_zone: str) -> set[tuple[str, str]] | None:
    """(KPI, representative) for whom a run scores it; None while the definitions do not fit."""
    try:
        book = build_scorebook(time_zone)
    except ScorebookError:
        return None
    return {(kpi.id, scope.id) for kpi in book.kpis for scope in book.scopes_of(kpi)}
