"""Keeping a run's exhibits: what its numbers can be drawn from and traced to."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import insert

from analysis.scorebook import Scorebook
from survey_app.db import db
from survey_app.report.models import Exhibit
from survey_app.report.running import ENGINE, Claimed

DOCUMENTS_AT_ONCE = 200


def store_exhibits(run: Claimed, facts: Path, book: Scorebook, now: datetime) -> None:
    """Make the exhibits of a run from the facts it was scored from, and store them.

    `book` and `now` are those of the scores: what is withheld there is withheld here.
    """
    from analysis.exhibits import make_exhibits

    # All are made before the first is stored: a database is not kept waiting by the engine.
    made = list(make_exhibits(facts, book, run.period, now=now, seed=run.seed, engine=ENGINE))
    for first in range(0, len(made), DOCUMENTS_AT_ONCE):
        db.session.execute(
            insert(Exhibit),
            [
                {
                    "run_id": run.id,
                    "kind": one.kind,
                    "kpi_id": one.kpi_id,
                    "scope_type": one.scope.type.value,
                    "scope_id": one.scope.id,
                    "document": one.document,
                }
                for one in made[first : first + DOCUMENTS_AT_ONCE]
            ],
        )
