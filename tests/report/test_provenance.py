"""A number leads back to its run, definition, target, months and source rows, for who may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from survey_app.config import Settings
from survey_app.db import db
from survey_app.goals.targeting import set_target
from survey_app.goals.wanted import WantedTarget
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.models import Representative
from survey_app.report.jobs import score_now
from survey_app.report.models import ScoreRun
from survey_app.report.provenance import months_of, trace
from survey_app.report.queries import Scope
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import (
    NOW,
    ZONE,
    add_figures,
    add_response,
    make_company,
    unit,
)

KINDS = ("ratings", "durations", "figures")
COMPANY = Scope("all", "", "Example Ltd")
JUNE_30_ZURICH = datetime(2026, 6, 30, 21, 59, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Periods of a zone that is not UTC."""
    return replace(settings, time_zone="Europe/Zurich")


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_company


@pytest.fixture
def run_id(app: Flask) -> str:
    with app.app_context():
        add_response("anna", 3, 3, JUNE_30_ZURICH)
        grant_sight(add_user("manager"), unit("company"))
        grant_sight(add_user("analyst", "sales@example.org"), unit("sales"))
        anna = db.session.query(Representative).filter_by(key="anna").one()
        anna.user = add_user("representative", "anna@example.org")
        db.session.commit()
        return score_now("2026-07", NOW).public_id


def run_of(public_id: str) -> ScoreRun:
    return db.session.query(ScoreRun).filter_by(public_id=public_id).one()


def test_answers_are_those_of_the_period_and_scope_with_their_missing_codes(
    app: Flask, run_id: str
) -> None:
    with app.app_context():
        traced = trace(run_of(run_id), "recommend", COMPANY, ZONE, None, KINDS)
        assert traced.sources is not None
        assert traced.sources.total == 7
        values = sorted(row[-1] for row in traced.sources.rows)
        assert values == ["10", "10", "3", "7", "8", "9", "dont know"]
        assert [one["month"] for one in traced.files] == ["2026-06", "2026-07"]


def test_figures_lead_to_file_and_row_and_leave_out_what_was_replaced(
    app: Flask, run_id: str
) -> None:
    with app.app_context():
        add_figures([("sales", "anna", 110.0)])
        db.session.commit()
        traced = trace(run_of(run_id), "sales", COMPANY, ZONE, None, KINDS)
        assert traced.sources is not None
        assert traced.sources.columns[-2:] == ("File", "Row")
        assert sorted(row[4] for row in traced.sources.rows) == [50.0, 110.0]


def test_visits_are_told_with_what_they_reached(app: Flask, run_id: str) -> None:
    with app.app_context():
        traced = trace(run_of(run_id), "shown", COMPANY, ZONE, None, KINDS)
        assert traced.sources is not None
        assert traced.sources.total == len(traced.sources.visits) == 5
        assert [row[4] for row in traced.sources.rows].count("completed") == 3
        assert [row[3] is None for row in traced.sources.rows].count(True) == 2


def test_the_target_is_the_version_that_the_run_was_judged_by(app: Flask, run_id: str) -> None:
    with app.app_context():
        set_target(
            WantedTarget("mean_q1", "all", "", 4.0, datetime(2026, 8, 1).date(), note="Later."),
            NOW,
            ZONE,
        )
        db.session.commit()
        traced = trace(run_of(run_id), "mean_q1", COMPANY, ZONE)
        assert traced.target is not None
        assert (traced.target.value, traced.sources) == (4.9, None)


def test_months_of_the_two_windows(app: Flask, run_id: str) -> None:
    with app.app_context():
        run = run_of(run_id)
        assert months_of(run, "period") == {"2026-07"}
        long = months_of(run, "trailing_12_months")
        assert (min(long), max(long), len(long)) == ("2025-08", "2026-07", 12)


def test_the_page_tells_all_of_it(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    page = client.get(f"/report/runs/{run_id}/kpis/mean_q1?scope=all").text
    for words in (
        "Where does “Rating of the visit” come from?",
        "Mean of answers",
        "Student&#39;s t",
        "7 responses of the period as they stand now",
        "agreed",
        "2026-07",
    ):
        assert words in page
    assert page.count("<tr><td>2026-07-10 11:00</td>") == 7


def test_a_withheld_number_shows_no_rows(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    page = client.get(f"/report/runs/{run_id}/kpis/mean_q1?scope=representative:ben").text
    assert "Withheld: fewer than 5 people" in page
    assert "They are withheld" in page
    assert "2026-07-10" not in page


def test_nobody_traces_beyond_their_sight_and_representatives_see_no_rows(
    app: Flask, run_id: str
) -> None:
    part = sign_in(app, "sales@example.org")
    address = f"/report/runs/{run_id}/kpis/sales"
    assert part.get(f"{address}?scope=all").status_code == 404
    assert part.get(f"{address}?scope=unit:sales").status_code == 200
    anna = sign_in(app, "anna@example.org")
    own = anna.get(f"{address}?scope=representative:anna")
    assert own.status_code == 200
    assert "Managers may see them" in own.text
    assert "f.csv" not in own.text
    assert anna.get(f"/report/runs/{run_id}/kpis/nothing").status_code == 404


def test_rows_name_nobody_whose_own_number_is_withheld(app: Flask, run_id: str) -> None:
    with app.app_context():
        traced = trace(run_of(run_id), "mean_q1", COMPANY, ZONE, None, KINDS)
        assert traced.sources is not None
        # Anna's four answers and Ben's two are too few to be told of them; one is of nobody.
        assert sorted(row[3] for row in traced.sources.rows) == ["(withheld)"] * 6 + ["–"]
        figures = trace(run_of(run_id), "sales", COMPANY, ZONE, None, KINDS)
        assert figures.sources is not None
        assert {row[3] for row in figures.sources.rows} == {"Anna Weber", "Ben Roth"}


def test_analysts_see_figures_and_no_single_answers(app: Flask, run_id: str) -> None:
    analyst = sign_in(app, "sales@example.org")
    address = f"/report/runs/{run_id}/kpis"
    assert "f.csv" in analyst.get(f"{address}/sales?scope=unit:sales").text
    with app.app_context():
        grant_sight(add_user("analyst", "whole@example.org"), unit("company"))
        db.session.commit()
    page = sign_in(app, "whole@example.org").get(f"{address}/mean_q1?scope=all").text
    assert "Managers may see them" in page
    assert "2026-07-10 11:00" not in page
