from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.visits.models import StageEvent
from tests.factories.workplaces import NOW, make_process, make_visit, make_workplace


@pytest.mark.parametrize(
    "impossible",
    [
        {"ended_at": NOW},
        {"outcome": "left"},
        {"outcome": "asleep", "ended_at": NOW},
        {"outcome": "left", "ended_at": NOW - timedelta(microseconds=1)},
        {"observed_until": NOW - timedelta(seconds=1)},
        {"observed_until": NOW, "ended_at": NOW, "outcome": "left"},
        {"idle_seconds": -1.0},
        {"unit_id": 0},
    ],
)
def test_the_database_holds_no_visit_that_cannot_have_been(
    app: Flask, impossible: dict[str, Any]
) -> None:
    with app.app_context():
        visit = make_visit(make_process(), make_workplace().leasing)
        for name, value in impossible.items():
            setattr(visit, name, value)
        with pytest.raises(IntegrityError):
            db.session.flush()


def test_the_database_holds_one_event_for_a_stage(app: Flask) -> None:
    with app.app_context():
        process = make_process()
        visit = make_visit(process, make_workplace().leasing)
        for _tap in range(2):
            db.session.add(StageEvent(visit_id=visit.id, stage_id=process.stages[0].id, at=NOW))
        with pytest.raises(IntegrityError):
            db.session.flush()
