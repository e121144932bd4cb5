"""Rows that are one value of a dimension within a scope: how they are told apart and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from analysis.definitions import DIMENSION
from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.report.cards import KpiLine, make_line
from survey_app.report.models import ScoreRow, ScoreRun
from survey_app.report.queries import Scope, SeenResults, rows_of_scope
from survey_app.report.run_card import card_of
from survey_app.report.wording import WINDOWS

# Representatives are not broken down: they are too few people.
BROKEN_DOWN = ("all", "unit")


@dataclass(frozen=True)
class Breakdown:
    """What a run has broken down: a KPI by a dimension."""

    kpi_id: str
    kpi_name: str
    dimension: str


@dataclass(frozen=True)
class ValueLine:
    """One value of a dimension, or the whole scope with the value ''; numbers as on a scorecard."""

    value: str
    line: KpiLine


@dataclass(frozen=True)
class ValueTable:
    """All values of a dimension in one window, the whole scope first."""

    title: str
    lines: tuple[ValueLine, ...]

    @property
    def withheld(self) -> int:
        """How many values are withheld."""
        return sum(one.line.verdict == "suppressed" for one in self.lines if one.value)


def part_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The dimension and its value that a scored row is of, as columns of its table."""
    for column, value in row.items():
        if column.startswith(DIMENSION) and value:
            return {"dimension": column.removeprefix(DIMENSION), "dimension_value": value}
    return {"dimension": "", "dimension_value": ""}


def dimensions_of(run_id: int) -> list[str]:
    """The dimensions that a run's rows have columns of, in the order of the columns."""
    first = db.session.scalar(
        select(ScoreRow.document).where(ScoreRow.run_id == run_id, ScoreRow.position == 0)
    )
    columns = (column for column in first or {} if column.startswith(DIMENSION))
    return sorted(column.removeprefix(DIMENSION) for column in columns)


def breakdowns_of(run: ScoreRun, sight: SeenResults) -> list[Breakdown]:
    """The KPIs of a run that are broken down where the user may look, in the run's order."""
    firsts = (
        select(func.min(ScoreRow.position))
        .where(ScoreRow.run_id == run.id, ScoreRow.dimension != "", sight.condition())
        .group_by(ScoreRow.kpi_id, ScoreRow.dimension)
    )
    rows = db.session.execute(
        select(ScoreRow.kpi_id, ScoreRow.dimension, ScoreRow.document)
        .where(ScoreRow.run_id == run.id, ScoreRow.position.in_(firsts))
        .order_by(ScoreRow.position)
    )
    return [Breakdown(kpi, row["kpi_name"], dimension) for kpi, dimension, row in rows]


def rows_by_dimension(
    run: ScoreRun, scope: Scope, dimension: str, kpi_id: str = ""
) -> list[dict[str, Any]]:
    """The rows of one scope broken down by a dimension, in the run's order; of one KPI or all."""
    wanted = select(ScoreRow.document).where(
        ScoreRow.run_id == run.id,
        ScoreRow.scope_type == scope.type,
        ScoreRow.scope_id == scope.id,
        ScoreRow.dimension == dimension,
    )
    if kpi_id:
        wanted = wanted.where(ScoreRow.kpi_id == kpi_id)
    return list(db.session.scalars(wanted.order_by(ScoreRow.position)))


def scopes_broken_down(sight: SeenResults) -> list[Scope]:
    """Those in sight that may be broken down."""
    return [scope for scope in sight.scopes if scope.type in BROKEN_DOWN]


def choose_breakdown(offered: Sequence[Breakdown], kpi_id: str, dimension: str) -> Breakdown:
    """The breakdown of this KPI by this dimension; each may be '' for the first there is.

    Raises NotFound.
    """
    for one in offered:
        if kpi_id in ("", one.kpi_id) and dimension in ("", one.dimension):
            return one
    raise NotFound("This run does not break that KPI down so. Choose one of those it does.")


def tables_of(run: ScoreRun, scope: Scope, chosen: Breakdown) -> list[ValueTable]:
    """A KPI's values by a dimension within one scope, a table for each window."""
    whole = [row for row in rows_of_scope(run, scope) if row["kpi_id"] == chosen.kpi_id]
    rows = rows_by_dimension(run, scope, chosen.dimension, chosen.kpi_id)
    kpi = card_of(run)["kpis"][chosen.kpi_id]
    tables = []
    for window, title in WINDOWS.items():
        own = [row for row in (*whole, *rows) if row["window"] == window]
        lines = [make_line(row, None, kpi) for row in own]
        values = [part_of(row)["dimension_value"] for row in own]
        if rows and own:
            pairs = zip(values, lines, strict=True)
            tables.append(ValueTable(title.capitalize(), tuple(ValueLine(*pair) for pair in pairs)))
    return tables
