"""Scored rows by a dimension: kept apart from whole scopes, shown on a page of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db
from survey_app.goals.dimensions import declare_dimensions
from survey_app.goals.exchange import import_scorebook
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.models import Representative
from survey_app.report.breakdowns import breakdowns_of, dimensions_of, rows_by_dimension
from survey_app.report.jobs import score_now
from survey_app.report.models import ScoreRow, ScoreRun
from survey_app.report.queries import Scope, SeenResults, rows_of_scope, run_by_public_id
from survey_app.respond.models import Response
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import (
    JULY,
    NOW,
    SCOREBOOK,
    ZONE,
    add_response,
    make_organisation,
    make_sources,
    unit,
)

ALL = Scope("all", "", "Example Ltd")
EVERYTHING = SeenResults(True, (ALL,))
BROKEN_DOWN = SCOREBOOK.replace(
    "question: q1}\n    score: {rule: goalposts, worst: 1",
    "question: q1}\n    by: [region]\n    score: {rule: goalposts, worst: 1",
)


def make_run() -> None:
    """A scored July with the mean of q1 by region.

    Anna's customers are of the north: 5 4 4 2 4 4; Ben's of the south: 3 1 3 3 3 3.
    """
    make_organisation()
    make_sources()
    assert import_scorebook(BROKEN_DOWN, NOW, ZONE)[1] == []
    declare_dimensions(["region"], NOW)
    db.session.query(Response).filter_by(representative_id=None).delete()
    for person, q1 in (("anna", 4), ("ben", 3)) * 2 + (("ben", 3),) * 2:
        add_response(person, q1, 9, JULY)
    for response in db.session.query(Response).all():
        person = db.session.get(Representative, response.representative_id)
        response.attributes = {"region": "north" if person.key == "anna" else "south"}
    grant_sight(add_user("manager", "manager@example.org"), unit("company"))
    grant_sight(add_user("manager", "sales@example.org"), unit("sales"))
    anna = db.session.query(Representative).filter_by(key="anna").one()
    anna.user = add_user("representative", "anna@example.org")
    db.session.commit()
    score_now("2026-07", NOW)


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_run


@pytest.fixture
def run_id(app: Flask) -> str:
    with app.app_context():
        return db.session.query(ScoreRun).one().public_id


@pytest.fixture
def enter(app: Flask) -> Callable[[str], FlaskClient]:
    return lambda name: sign_in(app, f"{name}@example.org")


def values_of(rows: list[dict[str, Any]]) -> dict[str, tuple[float | None, int | None]]:
    return {row["dim_region"]: (row["value"], row["n"]) for row in rows}


def test_rows_of_a_scope_are_those_of_the_whole_and_a_dimension_has_its_own(
    app: Flask, run_id: str
) -> None:
    with app.app_context():
        run = run_by_public_id(run_id)
        whole = rows_of_scope(run, ALL)
        assert {row["dim_region"] for row in whole} == {""}
        assert len({row["kpi_id"] for row in whole}) == 6
        parts = rows_by_dimension(run, ALL, "region")
        assert [row["kpi_id"] for row in parts] == ["mean_q1"] * len(parts)
        assert values_of(parts) == {"north": (pytest.approx(23 / 6), 6),
                                    "south": (pytest.approx(16 / 6), 6)}  # fmt: skip
        leasing = values_of(rows_by_dimension(run, Scope("unit", "leasing", ""), "region"))
        assert leasing == {"north": (pytest.approx(23 / 6), 6), "south": (None, 0)}


def test_the_table_names_the_dimension_and_the_value(app: Flask, run_id: str) -> None:
    with app.app_context():
        kept = db.session.query(ScoreRow.dimension, ScoreRow.dimension_value).distinct()
        assert set(kept.all()) == {("", ""), ("region", "north"), ("region", "south")}
        run = run_by_public_id(run_id)
        assert dimensions_of(run.id) == ["region"]
        told = [(one.kpi_name, one.dimension) for one in breakdowns_of(run, EVERYTHING)]
        assert told == [("Rating of the visit", "region")]


def test_the_csv_has_a_column_for_the_dimension(
    enter: Callable[[str], FlaskClient], run_id: str
) -> None:
    answer = enter("manager").get(f"/report/runs/{run_id}/scores.csv")
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert list(lines[0])[11:13] == ["scope_name", "dim_region"]
    assert {line["dim_region"] for line in lines} == {"", "north", "south"}


def test_the_page_shows_the_whole_and_each_value(
    enter: Callable[[str], FlaskClient], run_id: str
) -> None:
    page = enter("manager").get(f"/report/runs/{run_id}/dimensions").text
    assert "Does “Rating of the visit” differ by region?" in page
    assert page.index("All answers") < page.index("north") < page.index("south")


def test_who_sees_a_unit_sees_its_values_alone(
    enter: Callable[[str], FlaskClient], run_id: str
) -> None:
    sales = enter("sales")
    page = sales.get(f"/report/runs/{run_id}/dimensions").text
    assert '<option value="unit:sales" selected>' in page
    assert "Leasing" not in page
    for scope in ("all", "unit:leasing"):
        assert sales.get(f"/report/runs/{run_id}/dimensions?scope={scope}").status_code == 404


def test_a_representative_has_nothing_broken_down(
    enter: Callable[[str], FlaskClient], run_id: str
) -> None:
    page = enter("anna").get(f"/report/runs/{run_id}/dimensions").text
    assert "No KPI of this run is told by a dimension" in page


def test_what_is_not_broken_down_is_not_found(
    enter: Callable[[str], FlaskClient], run_id: str
) -> None:
    manager = enter("manager")
    for asked in ("kpi=sales", "dimension=product", "scope=representative:anna"):
        assert manager.get(f"/report/runs/{run_id}/dimensions?{asked}").status_code == 404


def test_values_of_few_people_are_withheld_on_the_page_with_the_reason(
    app: Flask, run_id: str, enter: Callable[[str], FlaskClient]
) -> None:
    nothing = dict.fromkeys(
        ("value", "n", "ci_low", "ci_high", "score", "score_low", "score_high", "deviation_abs",
         "n_to_decide")
    )  # fmt: skip
    told = {"verdict": "suppressed", "verdict_reason": "Withheld: fewer than 5 people."}
    with app.app_context():
        for row in db.session.query(ScoreRow).filter_by(dimension="region", scope_type="all"):
            row.document = row.document | nothing | told
        db.session.commit()
    page = enter("manager").get(f"/report/runs/{run_id}/dimensions").text
    assert "2 values are withheld" in page
    # In the table of the period and in that of twelve months.
    assert page.count(">withheld</td>") == 2 * 2
    assert "Withheld: fewer than 5 people." in page


def test_a_run_without_breakdowns_has_no_further_column(
    app: Flask, enter: Callable[[str], FlaskClient], run_id: str
) -> None:
    with app.app_context():
        declare_dimensions([], NOW)
        db.session.commit()
        plain = score_now("2026-07", NOW).public_id
        assert dimensions_of(run_by_public_id(plain).id) == []
    manager = enter("manager")
    header = manager.get(f"/report/runs/{plain}/scores.csv").text.splitlines()[0]
    assert "dim_" not in header
    assert "No KPI of this run is told" in manager.get(f"/report/runs/{plain}/dimensions").text
    # The earlier run keeps what it has.
    assert "dim_region" in manager.get(f"/report/runs/{run_id}/scores.csv").text.splitlines()[0]
