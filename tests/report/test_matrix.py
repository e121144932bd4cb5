"""Units and people side by side: each cell with its verdict, within sight, from stored rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.organisation.arranging import grant_sight
from survey_app.report.matrix import make_matrix, scopes_within
from survey_app.report.models import ScoreRow, ScoreRun
from survey_app.report.queries import Scope, SeenResults
from tests.factories.people import add_user, sign_in
from tests.factories.reports import make_scored_july
from tests.factories.scorings import make_organisation, unit


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_scored_july


@pytest.fixture
def run_id(app: Flask) -> str:
    """A scored July, an analyst of the company and one of Sales."""
    with app.app_context():
        grant_sight(add_user("analyst"), unit("company"))
        grant_sight(add_user("analyst", "sales@example.org"), unit("sales"))
        db.session.commit()
        return db.session.query(ScoreRun).one().public_id


PEOPLE = [
    Scope("representative", "anna", "Anna Weber"),
    Scope("representative", "ben", "Ben Roth"),
]


def test_each_cell_is_that_of_its_kpi_and_scope(app: Flask, run_id: str) -> None:
    with app.app_context():
        matrix = make_matrix(db.session.query(ScoreRun).one(), PEOPLE, "period")
        lines = {line.kpi_id: line for name, goal in matrix.goals for line in goal if line.kpi_id}
        anna, ben = lines["sales"].cells
        assert anna is not None
        assert ben is not None
        # Anna sold 100 against everybody's 120, Ben 50 against his own 60.
        assert (anna.value, anna.target, anna.verdict) == ("100", "120", "not_met")
        assert (ben.value, ben.target, ben.verdict) == ("50.0", "60.0", "not_met")
        withheld = lines["mean_q1"].cells[1]
        assert withheld is not None
        assert (withheld.verdict, withheld.value, withheld.count) == ("suppressed", "–", "")


def test_a_goals_score_stands_above_its_kpis(app: Flask, run_id: str) -> None:
    with app.app_context():
        matrix = make_matrix(db.session.query(ScoreRun).one(), PEOPLE, "period")
        trade = dict(matrix.goals)["Trade"]
        cell = trade[0].cells[0]
        assert cell is not None
        # Anna: sales 100 of 200 scores 50; profit 30 of 100 with 0.5 as best scores 60.
        assert (trade[0].name, cell.value, cell.interval) == ("Score of the goal", "55.0", "")


def test_columns_are_the_scopes_in_sight_within_a_unit(app: Flask, run_id: str) -> None:
    with app.app_context():
        sight = SeenResults(
            False, (Scope("unit", "leasing", "L"), Scope("unit", "sales", "S"), *PEOPLE)
        )
        assert [one.id for one in scopes_within(sight, "", False)] == ["leasing", "sales"]
        assert [one.id for one in scopes_within(sight, "sales", True)] == ["ben"]
        assert [one.id for one in scopes_within(sight, "company", True)] == ["anna", "ben"]


def test_the_page_shows_what_is_in_sight_alone(app: Flask, run_id: str) -> None:
    page = sign_in(app, "analyst@example.org").get("/report/side-by-side?who=people").text
    assert "Anna Weber" in page
    assert "withheld" in page
    part = sign_in(app, "sales@example.org")
    told = part.get("/report/side-by-side?who=people").text
    assert "Ben Roth" in told
    assert "Anna Weber" not in told
    assert part.get("/report/side-by-side?unit=leasing").status_code == 404


@pytest.mark.parametrize("starting_point", [None])
def test_before_anything_is_scored_it_says_so(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        grant_sight(add_user("analyst"), unit("company"))
        db.session.commit()
    page = sign_in(app, "analyst@example.org").get("/report/side-by-side")
    assert "No period has been scored yet" in page.text


def test_a_kpi_without_data_in_any_column_is_named_below(app: Flask, run_id: str) -> None:
    with app.app_context():
        run = db.session.query(ScoreRun).one()
        full = make_matrix(run, PEOPLE, "period")
        for row in db.session.query(ScoreRow).filter_by(kpi_id="sales"):
            row.document = row.document | {"verdict": "no_data", "value": None}
        silent = make_matrix(run, PEOPLE, "period")
        name = next(
            row.document["kpi_name"] for row in db.session.query(ScoreRow).filter_by(kpi_id="sales")
        )
        assert name not in full.silent
        assert silent.silent == (*full.silent, name)
        assert name not in {line.name for _goal, lines in silent.goals for line in lines}
        db.session.commit()
    page = sign_in(app, "analyst@example.org").get("/report/side-by-side?who=people").text
    assert f"<li>{name}</li>" in page
