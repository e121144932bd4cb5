"""Where alerts get the numbers of earlier periods from: the rows of the runs that count for them.

This is the one place to read a run's exhibits instead, where it keeps the history of a KPI.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from analysis.definitions import DIMENSION, NOT_MEASURED
from analysis.periods import LENGTHS, PeriodType, WindowType
from survey_app.db import db
from survey_app.report.alerts.kinds import UNIT, Place
from survey_app.report.alerts.points import Point, Series
from survey_app.report.models import GoalRow, ScoreRow, ScoreRun
from survey_app.report.run_card import card_of
from survey_app.report.wording import target_of

ROWS_AT_ONCE = 500


def read_series(runs: Sequence[ScoreRun], told: Collection[int]) -> dict[Place, Series]:
    """The points of every place in these runs of one period type, one a period, oldest first.

    `runs` are in order of their periods, at most one of each; a period without a run is None. The
    points of the runs whose ids are in `told` keep their rows.
    """
    if not runs:
        return {}
    places: dict[Place, list[Point | None]] = {}
    length = slot_of(runs[0], runs[-1]) + 1
    for run in runs:
        slot = slot_of(runs[0], run)
        for place, point in _points_of(run, run.id in told):
            places.setdefault(place, [None] * length)[slot] = point
    return dict(places)


def slot_of(first: ScoreRun, run: ScoreRun) -> int:
    """How many periods after the first run's period that of another run of its type is."""
    months = [12 * one.period_start.year + one.period_start.month for one in (first, run)]
    return (months[1] - months[0]) // LENGTHS[PeriodType(run.period_type)]


def _points_of(run: ScoreRun, told: bool) -> Iterator[tuple[Place, Point]]:
    card = card_of(run)
    defined = {key: _way_of_measuring(kpi["definition"]) for key, kpi in card["kpis"].items()}
    # The company's own unit is the company: its rows are those of everybody once more.
    company = {key for key, parent in card["units"].items() if not parent}
    for row in _stream(ScoreRow, run):
        place = Place("kpi", row["kpi_id"], row["scope_type"], row["scope_id"])
        if _is_extra(row, place, company):
            continue
        counts = (
            row["verdict"] not in ("provisional", "suppressed") and not (row["suppressed_reason"])
        )
        compared = None not in (row["value"], row["prev_value"])
        yield (
            place,
            Point(
                label=run.period_label,
                run=run.public_id,
                verdict=row["verdict"],
                value=row["value"] if counts else None,
                target=target_of(row),
                response_rate=row["response_rate"] if counts else None,
                defined=defined.get(row["kpi_id"], ""),
                breaks=compared and row["change_abs"] is None,
                goal_id=row["goal_id"],
                row=row if told else None,
            ),
        )
    for row in _stream(GoalRow, run):
        place = Place("goal", row["goal_id"], row["scope_type"], row["scope_id"])
        if _is_extra(row, place, company):
            continue
        yield (
            place,
            Point(
                label=run.period_label,
                run=run.public_id,
                verdict=row["verdict"],
                value=None,
                target=row["target"],
                response_rate=None,
                defined="",
                breaks=False,
                goal_id=row["goal_id"],
                row=row if told else None,
            ),
        )


def _stream(table: type[ScoreRow] | type[GoalRow], run: ScoreRun) -> Iterator[dict[str, Any]]:
    yield from db.session.scalars(
        select(table.document)
        .where(table.run_id == run.id, table.window == WindowType.PERIOD.value)
        .order_by(table.position)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )


def _is_extra(row: Mapping[str, Any], place: Place, company: Collection[str]) -> bool:
    """Whether the row is of a part (a dimension), or says again what another one says."""
    if place.scope_type == UNIT and place.scope_id in company:
        return True
    return any(value for name, value in row.items() if name.startswith(DIMENSION))


def _way_of_measuring(definition: Mapping[str, Any]) -> str:
    kept = {name: one for name, one in definition.items() if name not in NOT_MEASURED}
    return json.dumps(kept, sort_keys=True)
