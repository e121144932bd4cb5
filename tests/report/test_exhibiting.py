"""Exhibits are stored with their run, and go with it."""

from __future__ import annotations

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.goals.ruling import set_minimum_n
from survey_app.report.jobs import score_now
from survey_app.report.models import Exhibit, ScoreRow, ScoreRun
from tests.factories.scorings import NOW, make_organisation, make_sources


@pytest.fixture
def run(app: Flask) -> int:
    """A scored July; its id."""
    with app.app_context():
        make_organisation()
        make_sources()
        assert set_minimum_n(1, NOW) == []
        db.session.commit()
        return score_now("2026-07", NOW).id


def test_a_run_keeps_its_exhibits(app: Flask, run: int) -> None:
    with app.app_context():
        stored = {
            (one.kind, one.kpi_id, one.scope_type, one.scope_id): one.document
            for one in db.session.query(Exhibit).filter_by(run_id=run)
        }
        rows = db.session.query(ScoreRow).filter_by(run_id=run, window="period")
        values = {(one.kpi_id, one.scope_type, one.scope_id): one.document for one in rows}
    assert {kind for kind, *_ in stored} == {"answers", "curve", "history"}
    everybody = stored["answers", "mean_q1", "all", ""]["windows"]["period"]
    assert [one["count"] for one in everybody["values"]] == [1, 1, 1, 2, 2]
    assert stored["answers", "recommend", "all", ""]["windows"]["period"]["missing"] == {
        "dont_know": 1
    }
    curve = stored["curve", "shown", "all", ""]["windows"]["period"]
    assert [one[0] for one in curve["steps"]] == [600, 1200, 1800]
    assert (curve["left"], curve["open"]) == (1, 1)
    for (kind, *cell), document in stored.items():
        if kind == "history":
            last = document["periods"][-1]
            row = values[tuple(cell)]
            assert (last["value"], last["n"]) == (row["value"], row["n"])


def test_a_run_that_is_deleted_takes_its_exhibits_along(app: Flask, run: int) -> None:
    with app.app_context():
        db.session.delete(db.session.get_one(ScoreRun, run))
        db.session.commit()
        assert db.session.query(Exhibit).count() == 0
