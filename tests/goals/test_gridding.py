"""Targets in a grid: typed together and set together, nothing of others lost, nothing half."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.figures.models import Measure
from survey_app.goals.exchange import import_scorebook
from survey_app.goals.gridding import MOST_BESIDE, pages_of, read_grid
from survey_app.goals.models import Target
from survey_app.goals.target_files import export_targets, import_targets
from survey_app.goals.targeting import set_target
from survey_app.goals.wanted import WantedTarget
from survey_app.organisation.arranging import add_representative, grant_sight
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, SCOREBOOK, ZONE, make_organisation, unit

SignIn = Callable[..., FlaskClient]
FROM = {"valid_from": "2031-01-01", "source": "default", "note": "Talk of May"}
LATER = date(2031, 1, 1)


@pytest.fixture(autouse=True)
def _book(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        _imported, problems = import_scorebook(SCOREBOOK, NOW, ZONE)
        assert problems == []
        db.session.commit()


@pytest.fixture
def manager(app: Flask) -> Callable[[str], FlaskClient]:
    """A manager who sees the company, or another unit."""

    def enter(sees: str = "company") -> FlaskClient:
        with app.app_context():
            grant_sight(add_user("manager"), unit(sees))
            db.session.commit()
        return sign_in(app, "manager@example.org")

    return enter


def fields(page: str) -> dict[str, str]:
    """The values of the grid's fields by (KPI, scope), as name: text."""
    found = re.findall(r'<input class="form-control[^>]*? name="(t:[^"]+)" value="([^"]*)"', page)
    return dict(found)


def named(page: str, place: str) -> str:
    return next(name for name in fields(page) if name.rpartition(":")[0] == f"t:{place}")


def targets() -> list[tuple[str, str, str, float]]:
    return [
        (one.kpi_key, one.scope_type, one.scope_key, one.value)
        for one in db.session.query(Target).filter(Target.valid_from == LATER).order_by(Target.id)
    ]


def test_the_grid_shows_what_holds_and_where_it_comes_from(manager: SignIn) -> None:
    page = manager().get("/goals/targets?unit=sales&valid_from=2031-01-01").text
    cells = fields(page)
    assert cells[named(page, "sales:representative:ben")] == "60"
    assert cells[named(page, "sales:unit:sales")] == ""
    assert "120 CHF from Example Ltd (everybody)" in page


def test_many_values_are_set_together(app: Flask, manager: SignIn) -> None:
    client = manager()
    page = client.get("/goals/targets?unit=company&valid_from=2031-01-01").text
    typed = fields(page)
    typed[named(page, "sales:unit:sales")] = "1 500"
    typed[named(page, "shown:all:")] = "20 min"
    typed[named(page, "margin:unit:leasing")] = "30 %"
    answer = client.post("/goals/targets?unit=company", data=FROM | typed, follow_redirects=True)
    assert "Set: 3 targets." in answer.text
    with app.app_context():
        assert sorted(targets()) == [
            ("margin", "unit", "leasing", 0.3),
            ("sales", "unit", "sales", 1500),
            ("shown", "all", "", 1200),
        ]
        one = db.session.query(Target).filter_by(kpi_key="margin").one()
        assert (one.source, one.note, one.valid_to) == ("default", "Talk of May", None)
    # A second click of the button sets nothing more.
    answer = client.post("/goals/targets?unit=company", data=FROM | typed)
    assert answer.status_code == 302
    with app.app_context():
        assert len(targets()) == 3


def test_with_one_bad_value_none_is_set_and_all_stay_typed(app: Flask, manager: SignIn) -> None:
    client = manager()
    page = client.get("/goals/targets?unit=company&valid_from=2031-01-01").text
    good, bad = named(page, "margin:unit:leasing"), named(page, "sales:unit:sales")
    data = FROM | {good: "30 %", bad: "much"}
    answer = client.post("/goals/targets?unit=company", data=data)
    assert answer.status_code == 422
    assert fields(answer.text)[good] == "30 %"
    assert "is not a number" in answer.text
    assert 'aria-invalid="true"' in answer.text
    with app.app_context():
        assert targets() == []


def test_a_target_for_months_that_are_over_is_refused_at_its_cell(
    app: Flask, manager: SignIn
) -> None:
    client = manager()
    page = client.get("/goals/targets?unit=company&valid_from=2026-01-01").text
    data = FROM | {"valid_from": "2026-01-01", named(page, "sales:all:"): "1"}
    answer = client.post("/goals/targets?unit=company", data=data)
    assert answer.status_code == 422
    cell = answer.text.partition('id="t:sales:all:')[2].partition("</td>")[0]
    assert "never changes a past verdict" in cell
    with app.app_context():
        assert db.session.query(Target).count() == 3


def test_kpis_of_one_name_keep_their_problems_apart(app: Flask, manager: SignIn) -> None:
    with app.app_context():
        book = SCOREBOOK.replace("name: Profit of referrals", "name: Sales")
        import_scorebook(book.split("targets:")[0], NOW, ZONE)
        db.session.commit()
    client = manager()
    page = client.get("/goals/targets?unit=company&valid_from=2026-01-01").text
    first, second = named(page, "sales:all:"), named(page, "margin:all:")
    data = FROM | {"valid_from": "2026-01-01", first: "1", second: "20 %"}
    answer = client.post("/goals/targets?unit=company", data=data)
    cells = [
        answer.text.partition(f'id="{name}"')[2].partition("</td>")[0] for name in (first, second)
    ]
    assert ["past verdict" in cell for cell in cells] == [True, False]


def test_an_emptied_cell_takes_nothing_back(manager: SignIn) -> None:
    client = manager()
    page = client.get("/goals/targets?unit=company&valid_from=2031-01-01").text
    answer = client.post("/goals/targets?unit=company", data=FROM | {named(page, "sales:all:"): ""})
    assert answer.status_code == 422
    assert "never taken back" in answer.text


def test_what_another_tab_has_set_meanwhile_is_not_replaced_unseen(
    app: Flask, manager: SignIn
) -> None:
    client = manager()
    page = client.get("/goals/targets?unit=company&valid_from=2031-01-01").text
    cells = fields(page)
    place = named(page, "sales:all:")
    first = client.post("/goals/targets?unit=company", data=FROM | cells | {place: "200"})
    assert first.status_code == 302
    # The older page, in which that cell was left as it was and another was typed.
    other = named(page, "margin:all:")
    second = client.post("/goals/targets?unit=company", data=FROM | cells | {other: "0.2"})
    assert second.status_code == 302
    # The older page, in which the same cell was typed too.
    third = client.post("/goals/targets?unit=company", data=FROM | cells | {place: "300"})
    assert third.status_code == 422
    assert "Somebody else has set a target here" in third.text
    # What is typed there now is meant.
    again = named(third.text, "sales:all:")
    fourth = client.post("/goals/targets?unit=company", data=FROM | {again: "300"})
    assert fourth.status_code == 302
    with app.app_context():
        assert [value for *_place, value in targets()] == [200, 0.2, 300]


def test_who_sees_a_part_sets_targets_of_that_part(app: Flask, manager: SignIn) -> None:
    client = manager("leasing")
    page = client.get("/goals/targets").text
    assert "Ben Roth" not in page
    assert any(name.startswith("t:sales:representative:anna") for name in fields(page))
    assert not any(":all:" in name for name in fields(page))
    assert client.get("/goals/targets?unit=sales").status_code == 404
    foreign = {"t:sales:representative:ben:0": "1", "t:sales:all::0": "1"}
    client.post("/goals/targets?unit=leasing", data=FROM | foreign)
    with app.app_context():
        assert targets() == []


def test_large_units_are_paged_with_the_unit_always_beside(app: Flask) -> None:
    with app.app_context():
        for number in range(30):
            add_representative(f"person_{number:02d}", f"Person {number:02d}", unit("leasing"))
        parts = pages_of("leasing", None)
        assert [len(part) for part in parts] == [MOST_BESIDE + 1, MOST_BESIDE + 1, 8]
        assert {part[0].scope_key for part in parts} == {"leasing"}
        assert len({one for part in parts for one in part[1:]}) == 31
        with pytest.raises(NotFound):
            pages_of("nowhere", None)


def test_a_kpi_that_does_not_count_for_somebody_has_no_field_there(app: Flask) -> None:
    book = SCOREBOOK.replace("targets:", "kpi_sets:\n  - {id: field, name: F, kpis: [margin], "
                             "for: [ben]}\ntargets:")  # fmt: skip
    with app.app_context():
        import_scorebook(book, NOW, ZONE)
        grid = read_grid(pages_of("leasing", None)[0], LATER, "UTC")
        is_open = {
            cell.column.scope_key: cell.is_open for cell in grid.cells if cell.kpi.key == "margin"
        }
        assert is_open == {"leasing": True, "anna": False}


def test_a_target_that_follows_an_index_is_shown_with_its_rule(app: Flask, manager: SignIn) -> None:
    client = manager()
    with app.app_context():
        db.session.add(Measure(key="demand", name="Demand", unit_of_measure="%", kind="stock"))
        db.session.commit()
    data = {
        "scope": "all", "value": "120", "valid_from": "2031-01-01", "source": "agreed",
        "index_measure": "demand", "at_setting": "104", "elasticity": "0.5",
        "elasticity_source": "estimated", "justification": "=Regions differ",
    }  # fmt: skip
    assert client.post("/goals/kpis/sales/target", data=data).status_code == 302
    page = client.get("/goals/targets?unit=company&valid_from=2031-01-01").text
    assert "120 CHF × (Demand now ÷ 104)<sup>0.5</sup>" in page
    assert not any(name.startswith("t:sales:all:") for name in fields(page))
    assert "estimated from past months" in client.get("/goals/kpis/sales").text
    # Opened to be changed, it is filled in.
    form = client.get("/goals/kpis/sales/target?scope=all").text
    assert 'name="at_setting"' in form
    # It goes out and comes in with the rest.
    file = client.get("/goals/targets.csv")
    assert "'=Regions differ" in file.text
    with app.app_context():
        before = db.session.query(Target).count()
        _targets, problems = import_targets(file.data, NOW, ZONE)
        assert problems == []
        assert db.session.query(Target).count() == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"justification": " "}, "Say why the target follows this index"),
        ({"at_setting": "0"}, "a number above 0"),
        ({"elasticity": ""}, "such as 0.5"),
        ({"elasticity": "11"}, "such as 0.5"),
    ],
)
def test_an_adjustment_is_whole_or_refused(
    changes: dict[str, str], told: str, app: Flask, manager: SignIn
) -> None:
    client = manager()
    with app.app_context():
        db.session.add(Measure(key="demand", name="Demand", unit_of_measure="%", kind="stock"))
        db.session.commit()
    data = {
        "scope": "all", "value": "120", "valid_from": "2031-01-01", "source": "agreed",
        "index_measure": "demand", "at_setting": "104", "elasticity": "0.5", "justification": "x",
    }  # fmt: skip
    answer = client.post("/goals/kpis/sales/target", data=data | changes)
    assert answer.status_code == 422
    assert told in answer.text


def test_an_exported_file_of_targets_holds_nothing_new(app: Flask) -> None:
    with app.app_context():
        for value in (3.0, 4.5, 3.0):
            set_target(WantedTarget("margin", "unit", "leasing", value, LATER), NOW, ZONE)
        count = db.session.query(Target).count()
        file = export_targets(None)
        _targets, problems = import_targets(file.encode(), NOW, ZONE)
        assert problems == []
        assert db.session.query(Target).count() == count
        part = export_targets({("all", "")})
        assert "ben" not in part
        assert "sales,all,,120.0,2026-01-01,,agreed" in part
