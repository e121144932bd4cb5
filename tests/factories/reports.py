"""Rows of a small scorecard, and a run that has stored them, for tests of reports."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from analysis.export import empty_row
from analysis.goals import GOAL_COLUMNS
from survey_app.db import db
from survey_app.report.executive.composing import compose_report
from survey_app.report.executive.report import ExecutiveReport, Note, Subject
from survey_app.report.jobs import score_now
from survey_app.report.models import GoalRow, ScoreRow, ScoreRun
from tests.factories.scorings import NOW, make_company

SCORED = datetime(2026, 8, 2, 8, 0, tzinfo=UTC)

SUBJECT = Subject(
    organisation="Example Ltd",
    scope_name="Leasing",
    scope_label="unit:leasing",
    period_label="2026-07",
    period_type="month",
    period_words="July 2026",
    run_id="00000000-0000-4000-8000-000000000001",
    scored_at=int(SCORED.timestamp()),
    state=("2026-07 is not closed.",),
    made_with=(("Run", "00000000-0000-4000-8000-000000000001"), ("Seed", "7")),
)


def make_scored_july() -> None:
    """The organisation and its sources, and a run of July 2026."""
    make_company()
    db.session.commit()
    score_now("2026-07", NOW)


def kpi_row(id_: str, value: float | None = 4.0, **named: Any) -> dict[str, Any]:
    """A scored row over the period on a scale from 1 to 5, where more is better.

    With a value it lies in an interval of half a point to each side, with 40 answers.
    """
    known: dict[str, Any] = {"value": None, "n": 0, "verdict": "no_data"}
    if value is not None:
        known = {
            "value": value,
            "n": 40,
            "ci_low": value - 0.5,
            "ci_high": value + 0.5,
            "ci_method": "student_t",
            "score": 25 * (value - 1),
            "score_low": 25 * (value - 1.5),
            "score_high": 25 * (value - 0.5),
            "verdict": "no_target",
        }
    common = {
        "kpi_id": id_,
        "kpi_name": id_.replace("_", " ").capitalize(),
        "goal_id": "quality",
        "unit": "points",
        "statistic": "mean",
        "direction": "higher_is_better",
        "scope_type": "all",
        "period_type": "month",
        "window": "period",
        "weight": 1.0,
    }
    return {**empty_row(), **common, **known, **named}


def with_target(row: dict[str, Any], target: float, verdict: str, **named: Any) -> dict[str, Any]:
    """The row with a target and its verdict."""
    return {
        **row,
        "target": target,
        "deviation_abs": row["value"] - target,
        "verdict": verdict,
        **named,
    }


def changed(row: dict[str, Any], change: float, p: float) -> dict[str, Any]:
    """The row with a change against the period before, whose p is adjusted already."""
    return {
        **row,
        "prev_value": row["value"] - change,
        "change_abs": change,
        "change_ci_low": change - 0.25,
        "change_ci_high": change + 0.25,
        "change_p": p,
        "change_p_adjusted": p,
    }


def goal_row(id_: str, score: float | None = 60.0, **named: Any) -> dict[str, Any]:
    """The row of a goal over the period, five points to each side of its score."""
    known: dict[str, Any] = {"verdict": "no_data", "verdict_reason": "No KPI has a score."}
    if score is not None:
        known = {
            "score": score,
            "score_low": score - 5,
            "score_high": score + 5,
            "verdict": "no_target",
        }
    common = {
        "goal_id": id_,
        "goal_name": id_.capitalize(),
        "scope_type": "all",
        "scope_id": "",
        "window": "period",
        "aggregation": "arithmetic",
        "coverage": 1.0,
        "worst_kpi_id": "",
        "kpis": 1,
        "kpis_without_interval": 0,
    }
    return {**dict.fromkeys(GOAL_COLUMNS), **common, **known, **named}


def card_for(rows: list[dict[str, Any]], goals: list[dict[str, Any]]) -> dict[str, Any]:
    """The card of a run with these rows; its goals are dicts as a scorebook has them."""
    rule = {"rule": "goalposts", "worst": 1.0, "best": 5.0}
    return {
        "goals": [{"aim": "", "vision": "", "weight": 1.0, **goal} for goal in goals],
        "kpis": {
            row["kpi_id"]: {
                "votes": "answers",
                "definition": {"name": row["kpi_name"], "score": rule, "source": {}},
            }
            for row in rows
        },
        "minimum_n": 5,
    }


QUALITY = {"id": "quality", "name": "Quality", "aim": "They come back.", "vision": "The best."}


def compose(
    rows: list[dict[str, Any]],
    goal_rows: list[dict[str, Any]] | None = None,
    goals: list[dict[str, Any]] | None = None,
    notes: tuple[Note, ...] = (),
    subject: Subject = SUBJECT,
) -> ExecutiveReport:
    """The report made from rows."""
    if goal_rows is None:
        goal_rows = [goal_row("quality")]
    return compose_report(subject, card_for(rows, goals or [QUALITY]), rows, goal_rows, notes)


def store_run(
    scopes: list[tuple[str, str]], period: tuple[str, str, date, date] | None = None, **named: Any
) -> ScoreRun:
    """A run that is done, with one KPI and one goal for each scope; inside an app context."""
    type_, label, start, end = period or ("month", "2026-07", date(2026, 7, 1), date(2026, 8, 1))
    row = with_target(kpi_row("welcome", 4.0), 3.8, "undetermined", n_to_decide=130)
    run = ScoreRun(
        **{
            "public_id": str(uuid.uuid4()),
            "period_type": type_,
            "period_label": label,
            "period_start": start,
            "period_end": end,
            "state": "done",
            "requested_at": SCORED,
            "started_at": SCORED,
            "finished_at": SCORED,
            "seed": 7,
            "scorebook": "goals: []",
            "card": card_for([row], [QUALITY]),
            "code_version": "0.1.0",
            "engine": "duckdb",
            **named,
        }
    )
    db.session.add(run)
    db.session.flush()
    for position, (scope_type, scope_id) in enumerate(scopes):
        place = {"scope_type": scope_type, "scope_id": scope_id, "window": "period"}
        common = {"run_id": run.id, "position": position, **place}
        db.session.add(ScoreRow(**common, kpi_id="welcome", document={**row, **place}))
        document = {
            **goal_row("quality", 75.0, target=60.0, verdict="met", chance_met=1.0),
            **place,
        }
        db.session.add(GoalRow(**common, goal_id="quality", document=document))
    db.session.flush()
    return run
