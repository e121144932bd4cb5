"""Scorecards: nobody sees more than their own; pages, CSV and scorebook agree."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from analysis.export import COLUMNS
from analysis.kpi import read_scorebook
from survey_app.db import db
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.models import Representative
from survey_app.report.models import ScoreRun
from survey_app.report.queries import run_to_begin_with
from tests.factories.people import add_user, sign_in
from tests.factories.reports import make_scored_july
from tests.factories.scorings import unit

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_scored_july


@pytest.fixture
def run_id(app: Flask) -> str:
    """A scored July; a manager of everything, a manager of Sales, and Anna sign in."""
    with app.app_context():
        for address, role, key in (
            ("manager@example.org", "manager", "company"),
            ("analyst@example.org", "analyst", "company"),
            ("sales@example.org", "manager", "sales"),
        ):
            grant_sight(add_user(role, address), unit(key))
        anna = db.session.query(Representative).filter_by(key="anna").one()
        anna.user = add_user("representative", "anna@example.org")
        db.session.commit()
        return db.session.query(ScoreRun).one().public_id


def read_scores(client: FlaskClient, run_id: str) -> list[dict[str, str]]:
    """The rows of a run's CSV."""
    answer = client.get(f"/report/runs/{run_id}/scores.csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def scopes_of(rows: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(row["scope_type"], row["scope_id"]) for row in rows}


@pytest.mark.parametrize("starting_point", [None])
def test_before_anything_is_scored_the_page_says_what_will_be_here(
    app: Flask, signed_in: SignIn
) -> None:
    assert "You see no results yet" in signed_in("manager").get("/report/").text
    page = signed_in("admin").get("/report/").text
    assert "Here will be your scorecard" in page


def test_the_scorecard_tells_finding_goals_and_reasons(app: Flask, run_id: str) -> None:
    page = sign_in(app, "manager@example.org").get("/report/").text
    for words in (
        "Is Example Ltd meeting the goals in July 2026?",
        "Not yet: Rating of the visit misses its target.",
        "1 of 6 KPIs meets its target; 1 misses its target; 4 have no target",
        "Customers come back.",
        "The best known name in town.",
        "With 7 answers this could be anything from 2.03 to 4.83 points",
        'title="3.4285714285714284"',
    ):
        assert words in page
    assert " style=" not in page


def test_a_representative_sees_their_own_results_alone(app: Flask, run_id: str) -> None:
    client = sign_in(app, "anna@example.org")
    page = client.get("/report/").text
    assert "Is Anna Weber meeting the goals" in page
    for foreign in ("Ben Roth", "Leasing", "Sales</option>", "scope=all"):
        assert foreign not in page
    assert scopes_of(read_scores(client, run_id)) == {("representative", "anna")}


@pytest.mark.parametrize("scope", ["all", "unit:leasing", "unit:sales", "representative:ben"])
def test_a_representative_cannot_ask_for_another_scope(scope: str, app: Flask, run_id: str) -> None:
    client = sign_in(app, "anna@example.org")
    assert client.get(f"/report/?scope={scope}").status_code == 404
    assert client.get(f"/report/runs/{run_id}/scorebook.yaml").status_code == 403
    assert client.get("/report/runs/new").status_code == 403


def test_a_manager_of_a_unit_sees_it_and_who_works_there(app: Flask, run_id: str) -> None:
    client = sign_in(app, "sales@example.org")
    assert client.get("/report/?scope=representative:ben").status_code == 200
    assert client.get("/report/?scope=representative:anna").status_code == 404
    assert client.get("/report/?scope=all").status_code == 404
    assert scopes_of(read_scores(client, run_id)) == {("unit", "sales"), ("representative", "ben")}


def test_the_scorebook_with_everybodys_targets_is_for_who_sees_everybody(
    app: Flask, run_id: str
) -> None:
    client = sign_in(app, "sales@example.org")
    assert client.get(f"/report/runs/{run_id}/scorebook.yaml").status_code == 403
    assert "scorebook.yaml" not in client.get(f"/report/runs/{run_id}").text
    whole = sign_in(app, "manager@example.org")
    assert whole.get(f"/report/runs/{run_id}/scorebook.yaml").status_code == 200
    assert "scorebook.yaml" in whole.get(f"/report/runs/{run_id}").text


def test_somebody_without_any_sight_gets_no_rows(
    app: Flask, run_id: str, signed_in: SignIn
) -> None:
    client = signed_in("representative")
    assert "You see no results yet" in client.get("/report/").text
    assert read_scores(client, run_id) == []


def test_the_download_is_the_whole_scored_csv_for_a_spreadsheet(app: Flask, run_id: str) -> None:
    client = sign_in(app, "analyst@example.org")
    answer = client.get(f"/report/runs/{run_id}/scores.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n")
    name = f'attachment; filename="scores_2026-07_{run_id[:8]}.csv"'
    assert answer.headers["Content-Disposition"] == name
    rows = read_scores(client, run_id)
    # 6 KPIs, each for everybody, 3 units and 2 people, over the period and over twelve months.
    assert len(rows) == 6 * 6 * 2
    company = next(row for row in rows if row["kpi_id"] == "mean_q1" and row["scope_type"] == "all")
    assert float(company["value"]) == 24 / 7


def test_the_pinned_scorebook_is_read_by_the_library(app: Flask, run_id: str) -> None:
    client = sign_in(app, "analyst@example.org")
    book = read_scorebook(client.get(f"/report/runs/{run_id}/scorebook.yaml").text)
    assert [kpi.id for kpi in book.kpis][:2] == ["mean_q1", "top_q1"]
    assert book.time_zone == "UTC"


def test_the_run_page_shows_what_it_was_made_from(app: Flask, run_id: str) -> None:
    page = sign_in(app, "analyst@example.org").get(f"/report/runs/{run_id}").text
    with app.app_context():
        run = db.session.query(ScoreRun).one()
        for word in (run.facts_hash, run.code_version, str(run.seed), "72 rows: 6 KPIs, 6 scopes"):
            assert word in page


def test_a_manager_asks_for_a_period_and_watches_it(
    app: Flask, run_id: str, run_jobs: Callable[[], int]
) -> None:
    client = sign_in(app, "manager@example.org")
    form = {"public_id": "a-page", "kind": "quarter", "year": "2026", "quarter": "3"}
    answer = client.post("/report/runs/new", data={**form, "month": "01"})
    assert answer.status_code == 302
    waiting = client.get("/report/runs/a-page").text
    assert "<progress" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert client.get("/report/runs/a-page/scores.csv").status_code == 409
    assert client.get("/report/?run=a-page").status_code == 404
    assert run_jobs() == 1
    done = client.get("/report/runs/a-page").text
    assert "Scored 6 KPIs" in done
    assert 'http-equiv="refresh"' not in done
    assert "2026-Q3" in client.get("/report/").text
    assert "manager@example.org" in client.get("/report/runs").text


def test_a_period_that_cannot_be_read_is_refused_with_what_was_typed(
    app: Flask, run_id: str
) -> None:
    client = sign_in(app, "manager@example.org")
    form = {"public_id": "a-page", "kind": "range", "first_month": "2026-7", "last_month": "x"}
    answer = client.post("/report/runs/new", data={**form, "month": "01", "quarter": "1"})
    assert answer.status_code == 422
    assert "is not a period" in answer.text
    assert 'value="2026-7"' in answer.text


def test_an_analyst_does_not_start_a_run(app: Flask, run_id: str) -> None:
    client = sign_in(app, "analyst@example.org")
    assert client.get("/report/runs/new").status_code == 403
    assert "Score a period" not in client.get("/report/").text


def test_looking_changes_nothing(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    for address in ("/report/", "/report/runs", f"/report/runs/{run_id}", "/report/runs/new"):
        assert client.get(address).status_code == 200
    with app.app_context():
        assert db.session.query(ScoreRun).count() == 1


def test_the_download_of_who_sees_very_many_scopes_is_whole(app: Flask, run_id: str) -> None:
    with app.app_context():
        for number in range(1200):
            person = Representative(key=f"p{number}", name="P", unit_id=unit("sales").id)
            db.session.add(person)
        db.session.commit()
    client = sign_in(app, "sales@example.org")
    assert scopes_of(read_scores(client, run_id)) == {("unit", "sales"), ("representative", "ben")}


def test_the_page_begins_with_the_last_period_that_is_over() -> None:
    going_on, over, older = (ScoreRun(period_end=date(2026, month, 1)) for month in (9, 8, 7))
    today = date(2026, 8, 2)
    assert run_to_begin_with([going_on, over, older], today) is over
    assert run_to_begin_with([going_on], today) is going_on
