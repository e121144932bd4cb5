"""KPIs by units or by representatives: who stands how, in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from survey_app.db import db
from survey_app.organisation.queries import below, keys_to_representatives, keys_to_units
from survey_app.report.cards import in_tree_order, is_beyond
from survey_app.report.goal_words import goal_interval
from survey_app.report.models import GoalRow, ScoreRow, ScoreRun
from survey_app.report.queries import Scope, SeenResults
from survey_app.report.run_card import card_of
from survey_app.report.wording import bare, round_alike, target_of, with_unit

# More columns than these nobody reads; a unit further down is chosen instead.
MOST_COLUMNS = 60


@dataclass(frozen=True)
class Cell:
    """A KPI or a goal of one scope: its verdict, its number and its interval, written."""

    verdict: str
    value: str
    interval: str
    target: str
    count: str


@dataclass(frozen=True)
class Line:
    """A KPI (or, with `kpi_id` '', a goal's score) with a cell a scope; None for what is not."""

    kpi_id: str
    name: str
    unit: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Matrix:
    """A goal's lines follow each other; `left_out` counts the scopes that found no column.

    `silent` are the names of KPIs that have data in no column.
    """

    scopes: tuple[Scope, ...]
    goals: tuple[tuple[str, tuple[Line, ...]], ...]
    silent: tuple[str, ...]
    left_out: int


def scopes_within(sight: SeenResults, unit_key: str, people: bool) -> list[Scope]:
    """The units in sight below a unit (all for ''), or the representatives who work there."""
    units = keys_to_units()
    inside = below([units[unit_key].id]) if unit_key in units else None
    if people:
        works_in = {key: one.unit_id for key, one in keys_to_representatives().items()}
        return [
            one
            for one in sight.scopes
            if one.type == "representative" and (inside is None or works_in.get(one.id) in inside)
        ]
    return [
        one
        for one in sight.scopes
        if one.type == "unit" and (inside is None or units[one.id].id in inside)
    ]


def make_matrix(run: ScoreRun, scopes: Sequence[Scope], window: str) -> Matrix:
    """The table of a run's numbers of these scopes in one window."""
    shown = tuple(scopes[:MOST_COLUMNS])
    place = {(one.type, one.id): at for at, one in enumerate(shown)}
    card = card_of(run)
    found: dict[str, list[Cell | None]] = {}
    for row in _documents(ScoreRow, run, shown, window):
        cells = found.setdefault(row["kpi_id"], [None] * len(shown))
        cells[place[row["scope_type"], row["scope_id"]]] = _cell(row)
    standing: dict[str, list[Cell | None]] = {}
    for row in _documents(GoalRow, run, shown, window):
        cells = standing.setdefault(row["goal_id"], [None] * len(shown))
        cells[place[row["scope_type"], row["scope_id"]]] = _goal_cell(row)
    goals, silent = [], []
    for goal in in_tree_order(card["goals"]):
        lines = [
            Line(kpi_id, kpi["definition"]["name"], kpi["definition"]["unit"], tuple(found[kpi_id]))
            for kpi_id, kpi in card["kpis"].items()
            if kpi["definition"]["goal"] == goal["id"] and kpi_id in found
        ]
        silent += [line.name for line in lines if _is_silent(line)]
        lines = [line for line in lines if not _is_silent(line)]
        own = Line("", "Score of the goal", "", tuple(standing.get(goal["id"], ())))
        if not _is_silent(own):
            lines.insert(0, own)
        if lines:
            goals.append((goal["name"], tuple(lines)))
    return Matrix(shown, tuple(goals), tuple(silent), len(scopes) - len(shown))


def _is_silent(line: Line) -> bool:
    return all(cell is None or cell.verdict == "no_data" for cell in line.cells)


def _documents(
    table: type[ScoreRow] | type[GoalRow], run: ScoreRun, scopes: Sequence[Scope], window: str
) -> list[dict[str, Any]]:
    if not scopes:
        return []
    query = select(table.document).where(
        table.run_id == run.id,
        table.scope_type == scopes[0].type,
        table.scope_id.in_([one.id for one in scopes]),
        table.window == window,
    )
    if table is ScoreRow:
        query = query.where(ScoreRow.dimension == "")
    return list(db.session.scalars(query.order_by(table.position)))


def _cell(row: Mapping[str, Any]) -> Cell:
    unit, aim = row["unit"], target_of(row)
    lead = row["value"] if row["value"] is not None else row["ci_low"]
    _, value, low, high, target = round_alike(
        [lead, row["value"], row["ci_low"], row["ci_high"], aim], unit
    )
    interval = "" if row["ci_low"] is None or row["ci_high"] is None else f"{low} to {high}"
    if row["value"] is None and interval == "" and is_beyond(row):
        interval = "beyond every time"
    return Cell(
        row["verdict"],
        with_unit(value, bare(unit)),
        interval,
        "" if aim is None else with_unit(target, bare(unit)),
        "" if row["n"] is None else str(row["n"]),
    )


def _goal_cell(row: Mapping[str, Any]) -> Cell:
    score = round_alike([row["score"]], "")[0]
    target = "" if row["target"] is None else f"{row['target']:g}"
    return Cell(row["verdict"], score, goal_interval(row), target, "")
