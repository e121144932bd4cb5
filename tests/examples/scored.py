"""Load an example through the product and score it, as the first start of the product does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from survey_app.db import db
from survey_app.loading import load_example, set_up
from survey_app.report.jobs import score_queued
from survey_app.report.models import ScoreRow, ScoreRun

# After the last moment in any example.
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Scored:
    """The rows of whole scopes over the period itself, and the facts' folder.

    By (period, KPI, scope type, scope).
    """

    rows: dict[tuple[str, str, str, str], dict[str, Any]]
    facts: Path

    def row(
        self, period: str, kpi: str, scope_type: str = "all", scope: str = ""
    ) -> dict[str, Any]:
        """One scored row."""
        return self.rows[period, kpi, scope_type, scope]


def score_example(app: Flask, name: str) -> Scored:
    """Set up the company, load the example, do the scoring it asks for."""
    with app.app_context():
        set_up("Example Ltd", NOW)
        load_example(name, NOW)
        db.session.commit()
        score_queued()
        runs = db.session.scalars(select(ScoreRun)).all()
        assert {run.state for run in runs} == {"done"}, [run.message for run in runs]
        labels = {run.id: run.period_label for run in runs}
        rows = {
            (labels[row.run_id], row.kpi_id, row.scope_type, row.scope_id): row.document
            for row in db.session.scalars(
                select(ScoreRow).where(ScoreRow.window == "period", ScoreRow.dimension == "")
            )
        }
        db.session.rollback()
        return Scored(rows, app.config["SETTINGS"].facts)
