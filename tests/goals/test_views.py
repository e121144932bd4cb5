"""Pages of goals: managers set, analysts read; what was typed stays on a refused form."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from analysis.kpi import read_scorebook
from survey_app.db import db
from survey_app.goals.exchange import import_scorebook
from survey_app.goals.kpi_forms import KpiForm
from survey_app.goals.models import Goal, KpiDefinition, Target
from survey_app.goals.queries import build_scorebook, kpi_versions
from survey_app.organisation.arranging import add_representative, grant_sight
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, SCOREBOOK, ZONE, make_organisation, unit
from tests.factories.statements import counted_statements

SignIn = Callable[..., FlaskClient]

KPI_FORM = {
    "based_on": "0",
    "id": "content",
    "name": "Content customers",
    "goal": "quality",
    "statistic": "top_box",
    "questionnaire": "feedback",
    "question": "q1",
    "versions": "1, 2",
    "cut": "4",
    "in_denominator": ["dont_know"],
    "unit_of_analysis": "customer",
    "process": "ignored for this statistic",
    "unit": "share",
    "direction": "higher_is_better",
    "worst": "0",
    "best": "1",
    "weight": "2",
    "scopes": ["all", "unit"],
    "only_for": "",
}


def make_book() -> None:
    """The organisation with goals, KPIs and targets."""
    make_organisation()
    _imported, problems = import_scorebook(SCOREBOOK, NOW, ZONE)
    assert problems == []


@pytest.fixture
def starting_point(request: pytest.FixtureRequest) -> Callable[[], None]:
    return make_book if "book" in request.fixturenames else make_organisation


@pytest.fixture
def signed_in(app: Flask) -> SignIn:
    """`signed_in("manager")`: somebody of that role who sees the company, or another unit."""

    def enter(role: str, sees: str = "company") -> FlaskClient:
        with app.app_context():
            grant_sight(add_user(role), unit(sees))
            db.session.commit()
        return sign_in(app, f"{role}@example.org")

    return enter


@pytest.fixture
def book() -> None:
    """Goals, KPIs and targets: the starting point has them."""


def test_an_empty_page_says_what_will_be_here(signed_in: SignIn) -> None:
    assert "Add the first goal" in signed_in("manager").get("/goals/").text


@pytest.mark.usefixtures("book")
def test_goals_show_aim_vision_and_what_holds(signed_in: SignIn) -> None:
    page = signed_in("analyst").get("/goals/").text
    for words in ("Customers come back.", "The best known name in town.", "120 CHF", "and 1 for"):
        assert words in page
    assert "Add a goal" not in page


@pytest.mark.usefixtures("book")
def test_a_kpi_shows_its_history(signed_in: SignIn) -> None:
    page = signed_in("analyst").get("/goals/kpis/sales").text
    assert "Ben Roth" in page
    assert "60 CHF" in page
    assert "Set a target" not in page


@pytest.mark.parametrize(
    "address",
    ["/goals/new", "/goals/kpis/new", "/goals/kpis/sales/target", "/goals/targets/import"],
)
@pytest.mark.usefixtures("book")
def test_an_analyst_only_reads(address: str, signed_in: SignIn) -> None:
    client = signed_in("analyst")
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403


def test_a_manager_adds_a_goal(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("manager")
    answer = client.post(
        "/goals/new",
        data={"key": "growth", "name": "Growth", "aim": "More", "vision": "Big", "weight": "2"}
        | {"least_coverage": "0.5"},
        follow_redirects=True,
    )
    assert answer.status_code == 200
    assert "Growth was added." in answer.text
    with app.app_context():
        assert db.session.query(Goal).one().weight == 2


@pytest.mark.usefixtures("book")
def test_a_refused_goal_keeps_what_was_typed(app: Flask, signed_in: SignIn) -> None:
    data = {"key": "quality", "name": "Typed name", "weight": "1", "least_coverage": "0.5"}
    answer = signed_in("manager").post("/goals/new", data=data)
    assert answer.status_code == 422
    assert "Typed name" in answer.text
    assert "is taken" in answer.text
    with app.app_context():
        assert db.session.query(Goal).count() == 2


@pytest.mark.usefixtures("book")
def test_a_manager_defines_a_kpi_with_the_fields_of_its_statistic(
    app: Flask, signed_in: SignIn
) -> None:
    answer = signed_in("manager").post("/goals/kpis/new", data=KPI_FORM)
    assert answer.status_code == 302, answer.text
    with app.app_context():
        kpi = db.session.query(KpiDefinition).filter_by(key="content").one()
        assert kpi.definition == {
            "name": "Content customers",
            "unit": "share",
            "direction": "higher_is_better",
            "weight": 2.0,
            "statistic": "top_box",
            "source": {"questionnaire": "feedback", "question": "q1", "versions": [1, 2]},
            "cut": 4.0,
            "unit_of_analysis": "customer",
            "in_denominator": ["dont_know"],
            "score": {"rule": "goalposts", "worst": 0.0, "best": 1.0},
            "scopes": ["all", "unit"],
        }


@pytest.mark.usefixtures("book")
def test_a_kpi_saved_as_its_form_shows_it_makes_no_version(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("manager")
    with app.app_context():
        keys = [kpi.key for kpi in db.session.query(KpiDefinition)]
    for key in keys:
        with app.test_request_context():
            form = KpiForm()
            form.show(kpi_versions(key)[0])
            data = {
                field.name: field.data
                for field in form
                if field.data not in (None, [], "") and field.data is not False
            }
        answer = client.post(f"/goals/kpis/{key}/edit", data=data)
        assert answer.status_code == 302, key
    with app.app_context():
        assert {kpi.version for kpi in db.session.query(KpiDefinition)} == {1}


@pytest.mark.usefixtures("book")
def test_a_refused_kpi_says_where_and_stores_nothing(app: Flask, signed_in: SignIn) -> None:
    answer = signed_in("manager").post("/goals/kpis/new", data={**KPI_FORM, "best": "-1"})
    assert answer.status_code == 422
    assert "must lie above" in answer.text
    assert "Content customers" in answer.text
    with app.app_context():
        assert db.session.query(KpiDefinition).filter_by(key="content").count() == 0


@pytest.mark.usefixtures("book")
def test_a_manager_sets_a_target(app: Flask, signed_in: SignIn) -> None:
    data = {"scope": "unit:leasing", "value": "0.4", "valid_from": "2031-01-01", "source": "agreed"}
    answer = signed_in("manager").post("/goals/kpis/margin/target", data=data)
    assert answer.status_code == 302, answer.text
    with app.app_context():
        target = db.session.query(Target).filter_by(kpi_key="margin").one()
        assert (target.scope_type, target.scope_key, target.value) == ("unit", "leasing", 0.4)
        assert target.recorded_by_id is not None


@pytest.mark.usefixtures("book")
def test_a_target_against_a_past_verdict_is_refused_on_the_page(signed_in: SignIn) -> None:
    data = {"scope": "all", "value": "1", "valid_from": "2026-01-01", "source": "agreed"}
    answer = signed_in("manager").post("/goals/kpis/sales/target", data=data)
    assert answer.status_code == 422
    assert "never changes a past verdict" in answer.text


@pytest.mark.usefixtures("book")
def test_files_come_in_and_go_out(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("manager")
    targets = b"kpi,scope_type,scope,value,valid_from\nmargin,all,,0.3,2026-01-01\n"
    answer = client.post(
        "/goals/targets/import", data={"file": (io.BytesIO(targets), "targets.csv")}
    )
    assert answer.status_code == 302
    exported = client.get("/goals/scorebook.yaml")
    assert len(read_scorebook(exported.text).targets) == 4
    answer = client.post(
        "/goals/import",
        data={"file": (io.BytesIO(exported.data), "scorebook.yaml")},
        follow_redirects=True,
    )
    assert "Nothing in the file is new." in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/goals/new",
        "/goals/quality/edit",
        "/goals/kpis/new",
        "/goals/kpis/sales/edit",
        "/goals/import",
        "/goals/scorebook.yaml",
    ],
)
@pytest.mark.usefixtures("book")
def test_who_sees_a_part_does_not_define_what_measures_everybody(
    address: str, app: Flask, signed_in: SignIn
) -> None:
    client = signed_in("manager", "leasing")
    answer = client.get(address)
    assert answer.status_code == 403
    assert "you see a part of it" in answer.text
    if address != "/goals/scorebook.yaml":
        assert client.post(address, data=KPI_FORM).status_code == 403
    for page in ("/goals/", "/goals/kpis/sales"):
        assert address not in client.get(page).text


@pytest.mark.usefixtures("book")
def test_who_sees_a_part_sets_targets_for_it_alone(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("manager", "leasing")
    page = client.get("/goals/kpis/margin/target").text
    assert 'value="unit:leasing"' in page
    assert 'value="representative:anna"' in page
    for foreign in ('value="all"', 'value="unit:sales"', 'value="representative:ben"'):
        assert foreign not in page
    typed = {"value": "0.4", "valid_from": "2031-01-01", "source": "agreed"}
    for scope, status in (("all", 422), ("representative:ben", 422), ("unit:leasing", 302)):
        answer = client.post("/goals/kpis/margin/target", data={**typed, "scope": scope})
        assert answer.status_code == status, scope
    file = b"kpi,scope_type,scope,value,valid_from\nmargin,representative,ben,0.3,2031-01-01\n"
    answer = client.post("/goals/targets/import", data={"file": (io.BytesIO(file), "t.csv")})
    assert answer.status_code == 422
    assert "Ben Roth is not among those whose targets you set" in answer.text
    with app.app_context():
        assert [one.scope_key for one in db.session.query(Target).filter_by(kpi_key="margin")] == [
            "leasing"
        ]


@pytest.mark.usefixtures("book")
def test_who_sees_a_part_reads_its_targets_and_those_it_inherits(signed_in: SignIn) -> None:
    everything = signed_in("analyst").get("/goals/kpis/sales").text
    part = signed_in("manager", "leasing").get("/goals/kpis/sales").text
    # Ben, of Sales, has a target of his own.
    assert "Ben Roth" in everything
    assert "60 CHF" in everything
    assert "Ben Roth" not in part
    assert "60 CHF" not in part
    assert "120 CHF" in part


@pytest.mark.usefixtures("book")
def test_who_sees_nothing_reads_no_target(app: Flask) -> None:
    with app.app_context():
        add_user("manager", "new@example.org")
        db.session.commit()
    page = sign_in(app, "new@example.org").get("/goals/kpis/sales").text
    assert "120 CHF" not in page
    assert "Set a target" not in page


@pytest.mark.usefixtures("book")
def test_reading_targets_does_not_cost_more_with_every_person(
    app: Flask, signed_in: SignIn
) -> None:
    client = signed_in("manager", "leasing")

    def statements() -> int:
        with app.app_context(), counted_statements() as sent:
            client.get("/goals/")
        return len(sent)

    few = statements()
    with app.app_context():
        for number in range(20):
            add_representative(f"person_{number}", "Person", unit("leasing"))
        db.session.commit()
    assert statements() == few


@pytest.mark.usefixtures("book")
def test_a_retired_kpi_is_scored_no_more_and_can_be_taken_up_again(
    app: Flask, signed_in: SignIn
) -> None:
    client = signed_in("manager")
    assert client.post("/goals/kpis/sales/retire").status_code == 302
    # A second click changes nothing more.
    assert client.post("/goals/kpis/sales/retire").status_code == 302
    page = client.get("/goals/").text
    assert "Retired: <a href" in page
    assert "Retired: it measured" in client.get("/goals/kpis/sales").text
    with app.app_context():
        book = build_scorebook("Europe/Zurich")
        assert "sales" not in [kpi.id for kpi in book.kpis]
        assert "sales" not in [target.kpi for target in book.targets]
        assert [kpi.version for kpi in kpi_versions("sales")] == [2, 1]
        with app.test_request_context():
            form = KpiForm()
            form.show(kpi_versions("sales")[0])
            data = {
                field.name: field.data
                for field in form
                if field.data not in (None, [], "") and field.data is not False
            }
    assert client.post("/goals/kpis/sales/edit", data=data).status_code == 302
    with app.app_context():
        assert "sales" in [kpi.id for kpi in build_scorebook("Europe/Zurich").kpis]


@pytest.mark.usefixtures("book")
def test_a_kpi_of_what_is_not_there_is_marked_where_it_stands(signed_in: SignIn) -> None:
    client = signed_in("manager")
    assert client.post("/goals/kpis/new", data=KPI_FORM).status_code == 302
    for address in ("/goals/", "/goals/kpis/content"):
        assert "There is no published questionnaire" in client.get(address).text


@pytest.mark.parametrize("key", ["new", "import"])
@pytest.mark.usefixtures("book")
def test_a_kpi_is_not_named_like_a_page(key: str, signed_in: SignIn) -> None:
    answer = signed_in("manager").post("/goals/kpis/new", data=KPI_FORM | {"id": key})
    assert answer.status_code == 422
    assert "own name" in answer.text


@pytest.mark.usefixtures("book")
def test_a_target_begins_with_the_month_unless_told_otherwise(signed_in: SignIn) -> None:
    page = signed_in("manager").get("/goals/kpis/sales/target").text
    assert re.search(r'name="valid_from"[^>]*value="\d{4}-\d\d-01"', page)
