from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import Forbidden, NotFound
from survey_app.visits.models import Visit
from survey_app.visits.queries import (
    kind_started_last,
    process_by_key,
    recent_visits,
    running_visits,
    units_and_people,
    visit_for,
)
from survey_app.visits.timing import end_visit
from tests.factories.people import add_user
from tests.factories.workplaces import (
    NOW,
    Workplace,
    let_see,
    let_sign_in,
    make_process,
    make_visit,
    make_workplace,
)


@contextmanager
def visits_of_two_units(app: Flask) -> Iterator[tuple[Workplace, Callable[[str], User]]]:
    """Anna's visit, Bruno's visit and one of Leasing that is nobody's own."""
    with app.app_context():
        place, process = make_workplace(), make_process()
        make_visit(process, place.leasing, place.anna, "Anna's")
        make_visit(process, place.credit, place.bruno, "Bruno's")
        make_visit(process, place.leasing, None, "Nobody's")
        users = {role: add_user(role) for role in ("admin", "manager", "representative")}
        let_see("manager@example.org", "leasing")
        let_sign_in("anna", "representative@example.org")
        yield place, users.__getitem__


def customers(visits: list[Visit]) -> set[str]:
    return {visit.customer for visit in visits}


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("representative", {"Anna's"}),
        ("manager", {"Anna's", "Nobody's"}),
        ("admin", {"Anna's", "Bruno's", "Nobody's"}),
    ],
)
def test_everybody_sees_the_visits_that_are_theirs_to_see(
    app: Flask, role: str, seen: set[str]
) -> None:
    with visits_of_two_units(app) as (_place, user):
        assert customers(running_visits(user(role))) == seen
        for visit in db.session.query(Visit):
            if visit.customer in seen:
                assert visit_for(user(role), visit.public_id) is visit
            else:
                with pytest.raises(Forbidden):
                    visit_for(user(role), visit.public_id)


def test_sight_of_a_unit_does_not_make_a_representative_see_its_visits(app: Flask) -> None:
    with visits_of_two_units(app) as (_place, user):
        let_see("representative@example.org", "company")
        assert customers(running_visits(user("representative"))) == {"Anna's"}


def test_an_unknown_visit_or_process_is_not_found(app: Flask) -> None:
    with visits_of_two_units(app) as (_place, user), pytest.raises(NotFound):
        visit_for(user("admin"), "nothing")
    with app.app_context(), pytest.raises(NotFound):
        process_by_key("nothing")


def test_visits_that_ended_or_were_seen_open_by_an_import_are_over(app: Flask) -> None:
    with visits_of_two_units(app) as (_place, user):
        first, second, third = db.session.query(Visit).order_by(Visit.id)
        end_visit(first, "left", None, NOW + timedelta(minutes=1))
        second.observed_until = NOW
        db.session.flush()
        assert running_visits(user("admin")) == [third]
        assert recent_visits(user("admin")) == [second, first]


def test_a_representative_starts_visits_of_their_own_only(app: Flask) -> None:
    with visits_of_two_units(app) as (place, user):
        assert units_and_people(user("representative")) == (
            [(0, place.leasing)],
            [place.anna],
            False,
        )
        place.anna.active = False
        db.session.flush()
        assert units_and_people(user("representative")) == ([], [], False)


def test_a_manager_starts_visits_of_the_units_they_look_after(app: Flask) -> None:
    with visits_of_two_units(app) as (place, user):
        units, people, anybody = units_and_people(user("manager"))
        assert [unit.key for _depth, unit in units] == ["leasing"]
        assert people == [place.anna]
        assert anybody


def test_the_kind_started_last_is_known_from_ones_own_visits(app: Flask) -> None:
    with visits_of_two_units(app) as (place, user):
        make_visit(make_process("other"), place.credit, place.bruno)
        assert kind_started_last(user("representative")) == "sales_visit"
        assert kind_started_last(user("admin")) == "other"
