from __future__ import annotations

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.organisation.arranging import (
    add_representative,
    add_unit,
    grant_sight,
    revise_representative,
    set_sight,
)
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


def test_sight_is_replaced_and_only_managers_and_analysts_are_granted_units(app: Flask) -> None:
    with app.app_context():
        units = tree()
        analyst, person = add_user("analyst"), add_user("representative")
        grant_sight(analyst, units["leasing"])
        set_sight(analyst, [units["cars"], units["fleet"]])
        assert visible_unit_ids(analyst) == {units["cars"].id, units["fleet"].id}
        problems = set_sight(analyst, [])
        assert "Choose what they see" in problems[0].message
        assert visible_unit_ids(analyst) == set()
        set_sight(person, [units["company"]])
        assert visible_unit_ids(person) == set()


def test_a_sign_in_belongs_to_one_representative(app: Flask) -> None:
    with app.app_context():
        units = tree()
        user = add_user("representative")
        anna, _ = add_representative("anna", "Anna", units["leasing"], user)
        ben, _ = add_representative("ben", "Ben", units["fleet"])
        changed, problems = revise_representative(ben, "Ben", True, user)
        assert changed is None
        assert "Anna signs in as representative@example.org already" in problems[0].message
        _, problems = revise_representative(anna, "Anna Weber", False, None)
        assert not problems
        changed, problems = revise_representative(ben, " Ben ", True, user)
        assert not problems
        assert (changed.name, changed.user) == ("Ben", user)
        assert (anna.name, anna.active, anna.user) == ("Anna Weber", False, None)
