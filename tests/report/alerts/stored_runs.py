"""Runs stored with rows as scoring stores them, for tests of alerts; inside an app context."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from analysis.export import COLUMNS, empty_row
from analysis.goals import GOAL_COLUMNS
from analysis.periods import Period
from survey_app.db import db
from survey_app.report.models import GoalRow, ScoreRow, ScoreRun

DEFINITION: dict[str, Any] = {
    "id": "sales",
    "version": 1,
    "goal": "trade",
    "name": "Sales",
    "unit": "CHF",
    "direction": "higher_is_better",
    "weight": 1.0,
    "statistic": "sum",
    "source": {"measure": "sales"},
    "score": {"rule": "goalposts", "worst": 0, "best": 200},
}


def make_row(label: str, **named: Any) -> dict[str, Any]:
    """The row of the KPI 'sales' of the company in a period, full count, with what is named."""
    period = Period.parse(label)
    row = empty_row() | {
        "kpi_id": "sales",
        "kpi_version": 1,
        "kpi_name": "Sales",
        "goal_id": "trade",
        "unit": "CHF",
        "statistic": "sum",
        "direction": "higher_is_better",
        "scope_type": "all",
        "scope_name": "Example Ltd",
        "period_type": period.type.value,
        "period_label": label,
        "period_start": period.start.isoformat(),
        "period_end": period.end.isoformat(),
        "window": "period",
        "ci_method": "complete_count",
        "verdict": "no_target",
    }
    assert named.keys() <= set(COLUMNS) | {"dim_channel"}
    return row | named


def make_goal_row(label: str, verdict: str, **named: Any) -> dict[str, Any]:
    """The row of the goal 'trade' of the company in a period."""
    row: dict[str, Any] = dict.fromkeys(GOAL_COLUMNS) | {
        "goal_id": "trade",
        "goal_name": "Trade",
        "scope_type": "all",
        "scope_id": "",
        "scope_name": "Example Ltd",
        "period_type": Period.parse(label).type.value,
        "period_label": label,
        "window": "period",
        "score": 62.0,
        "score_low": 60.0,
        "score_high": 64.0,
        "target": 70.0,
        "chance_met": 0.0,
        "verdict": verdict,
        "worst_kpi_id": "",
    }
    return row | named


def store_run(
    label: str,
    rows: Sequence[Mapping[str, Any]],
    goals: Sequence[Mapping[str, Any]] = (),
    definition: Mapping[str, Any] = DEFINITION,
    started_at: datetime | None = None,
    scorebook: str = "",
) -> ScoreRun:
    """A run that is done, begun five days after its period if nothing else is said; committed."""
    period = Period.parse(label)
    began = started_at or datetime.combine(period.end, time(8), tzinfo=UTC) + timedelta(5)
    count = db.session.query(ScoreRun).count()
    run = ScoreRun(
        public_id=str(uuid.UUID(int=1000 + count)),
        period_type=period.type.value,
        period_label=label,
        period_start=period.start,
        period_end=period.end,
        state="done",
        progress=100,
        message="Scored.",
        requested_at=began,
        started_at=began,
        # Later runs finish later, whatever their period.
        finished_at=datetime(2026, 9, 1, 8, tzinfo=UTC) + timedelta(minutes=count),
        scorebook=scorebook,
        card={
            "goals": [{"id": "trade", "name": "Trade"}],
            "kpis": {
                str(definition["id"]): {
                    "votes": "answers",
                    "definition": dict(definition),
                    "worst": 0,
                    "best": 200,
                }
            },
            "units": {"company": "", "leasing": "company", "sales": "company"},
            "representatives": {},
            "minimum_n": 5,
        },
        seed=1,
    )
    db.session.add(run)
    db.session.flush()
    for table, key, documents in ((ScoreRow, "kpi_id", rows), (GoalRow, "goal_id", goals)):
        for position, row in enumerate(documents):
            db.session.add(
                table(
                    run_id=run.id,
                    position=position,
                    scope_type=row["scope_type"],
                    scope_id=row["scope_id"],
                    window=row["window"],
                    document=dict(row),
                    **{key: row[key]},
                )
            )
    db.session.commit()
    return run


def store_verdicts(**verdicts: str) -> None:
    """A run for each month of 2026 ('may', 'june', ...) with this verdict on sales."""
    months = {name: number for number, name in enumerate(MONTHS, start=1)}
    for name, verdict in verdicts.items():
        label = f"2026-{months[name]:02d}"
        store_run(label, [verdict_row(label, verdict)])


MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august")


def verdict_row(label: str, verdict: str, **named: Any) -> dict[str, Any]:
    """A row of sales of 150 or 90 against a target of 120, or of neither."""
    value = {"met": 150.0, "not_met": 90.0}.get(verdict)
    deviation = None if value is None else value - 120.0
    return make_row(
        label,
        **{
            "value": value,
            "target": 120.0,
            "deviation_abs": deviation,
            "verdict": verdict,
            "verdict_reason": "Said by the run.",
            **named,
        },
    )


def store_values(values: Sequence[float | None], first: int = 1, year: int = 2025) -> list[str]:
    """A run for each month from the first of a year on with this value of sales; their labels."""
    labels = []
    for number, value in enumerate(values, start=first - 1):
        label = f"{year + number // 12}-{number % 12 + 1:02d}"
        labels.append(label)
        rows = [] if value is None else [make_row(label, value=value)]
        store_run(label, rows)
    return labels
