from __future__ import annotations

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.organisation.arranging import add_representative, add_unit, grant_sight
from survey_app.organisation.models import Unit
from survey_app.organisation.queries import below, root_unit, units_in_order, visible_unit_ids
from tests.factories.people import add_user


def tree() -> dict[str, Unit]:
    """company > (leasing > cars, fleet)."""
    company, _ = add_unit("company", "Company", None)
    leasing, _ = add_unit("leasing", "Leasing", company)
    add_unit("cars", "Cars", leasing)
    add_unit("fleet", "Fleet", company)
    return {unit.key: unit for unit in db.session.query(Unit)}


def test_units_are_listed_as_a_tree(app: Flask) -> None:
    with app.app_context():
        tree()
        listed = [(depth, unit.key) for depth, unit in units_in_order()]
    assert listed == [(0, "company"), (1, "fleet"), (1, "leasing"), (2, "cars")]


def test_a_unit_holds_all_units_below_it(app: Flask) -> None:
    with app.app_context():
        units = tree()
        assert below([units["leasing"].id]) == {units["leasing"].id, units["cars"].id}


def test_there_is_one_company(app: Flask) -> None:
    with app.app_context():
        tree()
        unit, problems = add_unit("other", "Other", None)
        assert unit is None
        assert [problem.code for problem in problems] == ["root"]
        assert root_unit().key == "company"


def test_a_key_is_used_once(app: Flask) -> None:
    with app.app_context():
        units = tree()
        unit, problems = add_unit("cars", "Cars again", units["fleet"])
        assert unit is None
        assert [problem.code for problem in problems] == ["taken"]


@pytest.mark.parametrize("key", ["", "Leasing", "1st", "a b", "ü", "a" * 64])
def test_a_key_of_another_form_is_refused_with_the_rule(app: Flask, key: str) -> None:
    with app.app_context():
        unit, problems = add_unit(key, "Name", None)
        assert unit is None
        assert "small letters, digits" in problems[0].message


def test_a_representative_belongs_to_a_unit(app: Flask) -> None:
    with app.app_context():
        units = tree()
        person, problems = add_representative("anna", "Anna Weber", units["leasing"])
        assert not problems
        assert person.unit.key == "leasing"
        _, problems = add_representative("anna", "Another", units["fleet"])
        assert [problem.code for problem in problems] == ["taken"]


def test_a_manager_sees_granted_units_and_those_below_and_an_admin_all(app: Flask) -> None:
    with app.app_context():
        units = tree()
        manager, admin = add_user("manager"), add_user("admin")
        assert visible_unit_ids(manager) == set()
        grant_sight(manager, units["leasing"])
        assert visible_unit_ids(manager) == {units["leasing"].id, units["cars"].id}
        assert len(visible_unit_ids(admin)) == 4
