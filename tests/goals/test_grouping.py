"""KPI sets on the pages: which KPIs count for which representatives; nothing of others lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.goals.exchange import import_scorebook
from survey_app.goals.grouping import WantedSet, store_set
from survey_app.goals.models import KpiSet
from survey_app.goals.queries import build_scorebook, set_by_key
from survey_app.organisation.arranging import grant_sight
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, SCOREBOOK, ZONE, make_organisation, unit

FIELD = {
    "key": "field", "name": "Field sales", "role": "Visits customers", "kpis": ["sales", "shown"],
    "weight:sales": "2.5", "weight:shown": "", "units": ["leasing"], "representatives": [],
}  # fmt: skip


def make_book() -> None:
    make_organisation()
    _imported, problems = import_scorebook(SCOREBOOK, NOW, ZONE)
    assert problems == []


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_book


@pytest.fixture
def manager(app: Flask) -> FlaskClient:
    with app.app_context():
        grant_sight(add_user("manager"), unit("company"))
        db.session.commit()
    return sign_in(app, "manager@example.org")


def test_a_manager_says_which_kpis_count_for_whom(app: Flask, manager: FlaskClient) -> None:
    assert "Everybody has the same KPIs" in manager.get("/goals/sets/").text
    assert manager.post("/goals/sets/new", data=FIELD).status_code == 302
    page = manager.get("/goals/sets/").text
    assert "everybody in Leasing" in page
    assert "weight 2.5 instead of 1" in page
    with app.app_context():
        book = build_scorebook("UTC")
        sales = next(kpi for kpi in book.kpis if kpi.id == "sales")
        counted = dict(
            zip([one.label for one in book.scopes_of(sales)], book.weights_of(sales), strict=True)
        )
        assert counted["representative:anna"] == 2.5
        assert "representative:ben" not in counted
        assert counted["unit:sales"] == 1
        (entry,) = db.session.query(AuditEntry).filter_by(action="kpi set added")
        assert entry.detail["kpis"] == [["sales", 2.5], ["shown", None]]
    assert "Field sales: of the representatives" in manager.get("/goals/kpis/sales").text


def test_a_set_saved_as_its_form_shows_it_stays_as_it_is(app: Flask, manager: FlaskClient) -> None:
    manager.post("/goals/sets/new", data=FIELD)
    page = manager.get("/goals/sets/field/edit").text
    assert re.search(r'name="weight:sales" value="2.5"', page)
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
    assert seen is not None
    data = FIELD | {"seen": seen[1]}
    assert manager.post("/goals/sets/field/edit", data=data).status_code == 302
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(action="kpi set changed").count() == 0
    late = manager.post("/goals/sets/field/edit", data=data | {"name": "Other"})
    assert late.status_code == 302
    later = manager.post("/goals/sets/field/edit", data=data | {"name": "Lost"})
    assert later.status_code == 422
    assert "Somebody else has changed this" in later.text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"weight:sales": "much"}, "is not a number"),
        ({"weight:sales": "-1"}, "must be 0 or more"),
        ({"key": "No Key"}, "must begin with a small letter"),
        ({"key": "new"}, "own name"),
        ({"name": ""}, "required"),
    ],
)
def test_a_set_that_makes_no_sense_is_refused(
    changes: dict[str, str], told: str, app: Flask, manager: FlaskClient
) -> None:
    answer = manager.post("/goals/sets/new", data=FIELD | changes)
    assert answer.status_code == 422
    assert told in answer.text
    with app.app_context():
        assert db.session.query(KpiSet).count() == 0


def test_a_taken_key_is_refused(manager: FlaskClient) -> None:
    manager.post("/goals/sets/new", data=FIELD)
    answer = manager.post("/goals/sets/new", data=FIELD)
    assert answer.status_code == 422
    assert "is taken" in answer.text


def test_taken_away_its_kpis_count_for_everybody_again(app: Flask, manager: FlaskClient) -> None:
    manager.post("/goals/sets/new", data=FIELD)
    assert manager.post("/goals/sets/field/delete").status_code == 302
    with app.app_context():
        assert build_scorebook("UTC").kpi_sets == ()
        assert db.session.query(AuditEntry).filter_by(action="kpi set deleted").count() == 1


def test_a_retired_kpi_stays_in_its_set_and_out_of_runs(app: Flask, manager: FlaskClient) -> None:
    manager.post("/goals/sets/new", data=FIELD)
    manager.post("/goals/kpis/sales/retire")
    with app.app_context():
        assert build_scorebook("UTC").kpi_sets[0].kpis == ("shown",)
    data = {key: value for key, value in FIELD.items() if key != "key"}
    assert (
        manager.post("/goals/sets/field/edit", data=data | {"kpis": ["shown"]}).status_code == 302
    )
    with app.app_context():
        assert set_by_key("field").kpis == [["shown", None], ["sales", 2.5]]


def test_members_who_are_not_there_are_refused(app: Flask) -> None:
    with app.app_context():
        wanted = WantedSet("field", "Field", units=("leasin",), representatives=("zoe",))
        stored, problems = store_set(wanted, None, NOW)
        assert stored is None
        assert [one.code for one in problems] == ["unknown_unit", "unknown_representative"]
        assert 'Did you mean "leasing"?' in problems[0].message


@pytest.mark.parametrize("address", ["/goals/sets/new", "/goals/sets/field/edit", "/goals/rules"])
def test_who_sees_a_part_or_only_reads_changes_no_set(address: str, app: Flask) -> None:
    with app.app_context():
        store_set(WantedSet("field", "Field"), None, NOW)
        grant_sight(add_user("manager"), unit("leasing"))
        grant_sight(add_user("analyst"), unit("company"))
        db.session.commit()
    for who in ("manager", "analyst"):
        client = sign_in(app, f"{who}@example.org")
        assert client.get(address).status_code == 403
        assert client.post(address, data=FIELD).status_code == 403


def test_the_least_number_of_people_is_set_by_a_manager(app: Flask, manager: FlaskClient) -> None:
    assert "fewer than 5 people are withheld" in manager.get("/goals/").text
    answer = manager.post("/goals/rules", data={"minimum_n": "8", "seen": "5"})
    assert answer.status_code == 302
    assert "fewer than 8 people are withheld" in manager.get("/goals/").text
    for changes, told in (
        ({"minimum_n": "0", "seen": "8"}, "from 1 to 1000"),
        ({"minimum_n": "4", "seen": "5"}, "Somebody else has changed this"),
        ({"minimum_n": "few", "seen": "8"}, "Write a whole number"),
    ):
        answer = manager.post("/goals/rules", data=changes)
        assert answer.status_code == 422
        assert told in answer.text
    with app.app_context():
        assert build_scorebook("UTC").minimum_n == 8
        (entry,) = db.session.query(AuditEntry).filter_by(action="least number of people set")
        assert entry.detail == {"before": 5, "after": 8}
