"""Charts: a page each with its table, files to take away, and nobody sees more than their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db
from survey_app.goals.ruling import set_minimum_n
from survey_app.organisation.arranging import add_representative, grant_sight
from survey_app.organisation.models import Representative
from survey_app.report.charting import KINDS
from survey_app.report.jobs import score_now
from survey_app.report.models import Exhibit, ScoreRun
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, add_response, make_organisation, make_sources, unit
from tests.report.charts.documents import DRIVERS

SignIn = Callable[[str], FlaskClient]


def make_run() -> None:
    """A scored July with three more representatives in Sales."""
    make_organisation()
    for key, name in (("cem", "Cem Ak"), ("dora", "Dora Lenz"), ("eve", "Eve Low")):
        assert add_representative(key, name, unit("sales"))[1] == []
    make_sources()
    # So few people are told here that there is something to draw of everybody.
    assert set_minimum_n(1, NOW) == []
    for person in ("ben", "cem", "dora", "eve"):
        for q1, q9 in ((5, 10), (4, 8), (3, 6)):
            add_response(person, q1, q9)
    for address, role, key in (
        ("manager@example.org", "manager", "company"),
        ("sales@example.org", "manager", "sales"),
    ):
        grant_sight(add_user(role, address), unit(key))
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


def address(run_id: str, kind: str, form: str = "", **wanted: str) -> str:
    """Where a chart is."""
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    return f"/report/runs/{run_id}/charts/{kind}{f'/{form}' if form else ''}?{query}"


def table(client: FlaskClient, where: str) -> list[dict[str, str]]:
    """The rows of a chart's CSV."""
    answer = client.get(where)
    assert answer.status_code == 200, answer.text
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def change_exhibit(app: Flask, kind: str, document: dict[str, Any], **cell: str) -> None:
    """Put another document in an exhibit's place, or add it."""
    with app.app_context():
        run = db.session.query(ScoreRun).one()
        key = {"kpi_id": "mean_q1", "scope_type": "all", "scope_id": ""} | cell
        db.session.query(Exhibit).filter_by(run_id=run.id, kind=kind, **key).delete()
        db.session.add(Exhibit(run_id=run.id, kind=kind, document=document, **key))
        db.session.commit()


def test_every_kind_that_has_something_to_draw_is_listed_and_has_a_page(
    app: Flask, run_id: str
) -> None:
    client = sign_in(app, "manager@example.org")
    assert KINDS["drivers"].question not in client.get(f"/report/runs/{run_id}/charts/").text
    change_exhibit(app, "drivers", DRIVERS)
    page = client.get(f"/report/runs/{run_id}/charts/").text
    for kind, told in KINDS.items():
        assert told.question in page
        answer = client.get(address(run_id, kind))
        assert answer.status_code == 200, kind
        for words in ("<figcaption>", "The chart&#39;s numbers", "SVG", "PNG", "CSV", "<picture>"):
            assert words.replace("&#39;", "'") in answer.text, kind
        assert " style=" not in answer.text


def test_page_and_csv_hold_the_numbers_of_the_run(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    rows = table(client, address(run_id, "answers", "csv", kpi="mean_q1", scope="all"))
    # Of make_sources 1, 1, 1, 2, 2 of 1 to 5; four representatives add 3, 4 and 5 each.
    assert [(one["answer"], one["count"]) for one in rows] == [
        ("1", "1"), ("2", "1"), ("3", "5"), ("4", "6"), ("5", "6"),
    ]  # fmt: skip
    page = client.get(address(run_id, "answers", kpi="mean_q1", scope="all")).text
    assert "n = 19 answers with a value" in page
    rows = table(client, address(run_id, "curve", "csv", kpi="shown", scope="all"))
    assert [float(one["seconds"]) for one in rows] == [0, 600, 1200, 1800]
    assert "Product shown" in client.get(address(run_id, "curve")).text


def test_pictures_are_given_as_files_and_for_the_page(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    svg = client.get(address(run_id, "scores", "svg"))
    assert svg.mimetype == "image/svg+xml"
    assert svg.data.startswith(b'<svg role="img"')
    assert svg.headers["Content-Disposition"] == 'attachment; filename="scores_all_period.svg"'
    assert client.get(address(run_id, "scores", "png")).data.startswith(b"\x89PNG")
    narrow = client.get(address(run_id, "scores", "narrow.svg"))
    assert "Content-Disposition" not in narrow.headers
    assert client.get(address(run_id, "scores", "pdf")).status_code == 404


def test_what_is_asked_for_and_is_not_there_is_a_404_with_a_sentence(
    app: Flask, run_id: str
) -> None:
    client = sign_in(app, "manager@example.org")
    for where, words in (
        (address(run_id, "pie"), "no such kind of chart"),
        (address(run_id, "history", kpi="unknown"), "no such KPI"),
        (address(run_id, "history", window="century"), "no such KPI or window"),
        (address(run_id, "history", scope="unit:none"), "no such scorecard"),
        (address(run_id, "answers", kpi="mean_q1", scope="unit:sales") + "x", "no such scorecard"),
        (address(run_id, "drivers"), "has kept nothing for this kind of chart"),
        (address(run_id, "funnel", kpi="mean_q1", scope="unit:leasing"), "no such chart of this"),
    ):
        answer = client.get(where)
        assert answer.status_code == 404, where
        assert words in answer.text, where
    assert client.get(address("none", "scores")).status_code == 404
    assert client.get(address(run_id, "drivers", "csv")).status_code == 404


def test_a_suppressed_chart_is_explained_and_has_no_files(app: Flask, run_id: str) -> None:
    change_exhibit(app, "history", {"status": "suppressed"})
    change_exhibit(app, "answers", {"windows": {"period": {"status": "suppressed"}}})
    client = sign_in(app, "manager@example.org")
    for kind in ("history", "answers"):
        answer = client.get(address(run_id, kind, kpi="mean_q1", scope="all"))
        assert answer.status_code == 200
        assert "Too few people are behind this" in answer.text
        assert client.get(address(run_id, kind, "csv", kpi="mean_q1")).status_code == 404


def test_a_run_that_is_not_done_has_no_charts(app: Flask, run_id: str) -> None:
    with app.app_context():
        db.session.query(ScoreRun).one().state = "running"
        db.session.commit()
    client = sign_in(app, "manager@example.org")
    assert client.get(address(run_id, "scores")).status_code == 409


def test_a_representative_sees_their_own_results_alone(app: Flask, run_id: str) -> None:
    client = sign_in(app, "anna@example.org")
    for kind, told in KINDS.items():
        page = client.get(address(run_id, kind)).text
        for foreign in ("Ben Roth", "Cem Ak", "Leasing", "Example Ltd</option>", "scope=all"):
            assert foreign not in page, kind
        for scope in ("all", "unit:leasing", "representative:ben") if told.has_scope else ():
            assert client.get(address(run_id, kind, scope=scope)).status_code == 404, kind
            assert client.get(address(run_id, kind, "csv", scope=scope)).status_code == 404


def test_the_list_leads_a_representative_to_no_chart_of_units(app: Flask, run_id: str) -> None:
    change_exhibit(app, "drivers", DRIVERS)
    page = sign_in(app, "anna@example.org").get(f"/report/runs/{run_id}/charts/").text
    assert f"/report/runs/{run_id}/charts/answers" in page
    assert f"/report/runs/{run_id}/charts/funnel" not in page
    assert f"/report/runs/{run_id}/charts/drivers" not in page


def test_a_comparison_shows_what_is_in_sight(app: Flask, run_id: str) -> None:
    everybody = table(
        sign_in(app, "manager@example.org"), address(run_id, "scopes", "csv", kpi="mean_q1")
    )
    assert [one["name"] for one in everybody][:3] == ["Example Ltd", "Leasing", "Sales"]
    assert len(everybody) == 8
    part = table(sign_in(app, "sales@example.org"), address(run_id, "scopes", "csv", kpi="mean_q1"))
    names = {"Sales", "Ben Roth", "Cem Ak", "Dora Lenz", "Eve Low"}
    assert {one["name"] for one in part} == names
    own = table(sign_in(app, "anna@example.org"), address(run_id, "scopes", "csv", kpi="mean_q1"))
    assert [one["name"] for one in own] == ["Anna Weber"]


def test_a_funnel_shows_only_representatives_in_sight(app: Flask, run_id: str) -> None:
    client = sign_in(app, "sales@example.org")
    where = address(run_id, "funnel", "csv", kpi="mean_q1", scope="unit:sales")
    assert [one["name"] for one in table(client, where)] == [
        "Ben Roth", "Cem Ak", "Dora Lenz", "Eve Low",
    ]  # fmt: skip
    with app.app_context():
        # Who has moved to another unit since is out of sight, also in an older run.
        moved = db.session.query(Representative).filter_by(key="cem").one()
        moved.unit_id = unit("leasing").id
        db.session.commit()
    assert [one["name"] for one in table(client, where)] == ["Ben Roth", "Dora Lenz", "Eve Low"]
    assert client.get(address(run_id, "funnel", scope="all")).status_code == 404


def test_somebody_without_any_sight_gets_no_chart(
    app: Flask, run_id: str, signed_in: SignIn
) -> None:
    client = signed_in("representative")
    answer = client.get(address(run_id, "scores"))
    assert answer.status_code == 404
    assert "You see no results yet" in answer.text
