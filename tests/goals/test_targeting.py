"""Targets: only added, never against a past verdict; a file is taken whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from analysis.kpi import ScopeType
from survey_app.db import db
from survey_app.goals.exchange import import_scorebook
from survey_app.goals.models import Target
from survey_app.goals.queries import build_scorebook, holding_targets
from survey_app.goals.target_files import import_targets
from survey_app.goals.targeting import set_target
from survey_app.goals.wanted import WantedTarget
from tests.factories.scorings import NOW, SCOREBOOK, ZONE, make_organisation

# NOW is in August 2026: July is over, August is not.
WANTED = WantedTarget("recommend", "all", "", 30.0, date(2026, 7, 1))


def make_definitions() -> None:
    make_organisation()
    book = SCOREBOOK.split("targets:")[0]
    _imported, problems = import_scorebook(book, NOW, ZONE)
    assert problems == []


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_definitions


def test_a_first_target_may_begin_in_the_past(app: Flask) -> None:
    with app.app_context():
        target, problems = set_target(replace(WANTED, valid_from=date(2020, 1, 1)), NOW, ZONE)
        assert problems == []
        assert target is not None
        assert target.recorded_at == NOW


def test_a_later_target_never_changes_a_past_verdict(app: Flask) -> None:
    with app.app_context():
        set_target(WANTED, NOW, ZONE)
        target, problems = set_target(replace(WANTED, value=20.0), NOW, ZONE)
        assert target is None
        assert [problem.code for problem in problems] == ["past_verdict"]
        assert "2026-08-01" in problems[0].message
        assert db.session.query(Target).count() == 1


def test_a_target_from_this_month_on_takes_the_place_of_the_one_before(app: Flask) -> None:
    with app.app_context():
        set_target(WANTED, NOW, ZONE)
        _, problems = set_target(
            replace(WANTED, value=40.0, valid_from=date(2026, 8, 1)), NOW, ZONE
        )
        assert problems == []
        book = build_scorebook("Europe/Zurich")
        everybody = book.scopes[0]
        july = book.target_for("recommend", everybody, date(2026, 7, 1))
        august = book.target_for("recommend", everybody, date(2026, 8, 1))
        assert july is not None
        assert august is not None
        assert (july.value, july.version) == (30.0, 1)
        assert (august.value, august.version) == (40.0, 2)
        assert [one.value for one in holding_targets(NOW.date(), None)["recommend"]] == [40.0]


@pytest.mark.parametrize(("key", "value"), [("recommend", 101.0), ("top_q1", 80.0)])
def test_a_value_that_the_kpi_cannot_have_is_no_target(app: Flask, key: str, value: float) -> None:
    with app.app_context():
        target, problems = set_target(replace(WANTED, kpi_key=key, value=value), NOW, ZONE)
        assert target is None
        assert [problem.code for problem in problems] == ["out_of_reach"]
        assert ("0.8 for 80 %" in problems[0].message) == (key == "top_q1")


def test_a_target_that_holds_already_may_be_said_again_whatever_it_is(app: Flask) -> None:
    with app.app_context():
        set_target(WANTED, NOW, ZONE)
        db.session.query(Target).one().value = 200.0
        target, problems = set_target(replace(WANTED, value=200.0), NOW, ZONE)
        assert problems == []
        assert target is not None
        assert db.session.query(Target).count() == 1


def test_a_gap_in_the_past_may_be_filled(app: Flask) -> None:
    with app.app_context():
        set_target(WANTED, NOW, ZONE)
        earlier = replace(WANTED, valid_from=date(2026, 1, 1), valid_to=date(2026, 7, 1))
        _, problems = set_target(earlier, NOW, ZONE)
        assert problems == []


def test_targets_of_other_scopes_do_not_stand_in_the_way(app: Flask) -> None:
    with app.app_context():
        set_target(WANTED, NOW, ZONE)
        august = date(2026, 8, 1)
        own = replace(
            WANTED, scope_type="representative", scope_key="anna", value=50.0, valid_from=august
        )
        _, problems = set_target(own, NOW, ZONE)
        assert problems == []
        # Of another's own target nothing is inherited: it may begin in the past.
        ben = replace(WANTED, kpi_key="mean_q1", scope_type="representative", scope_key="ben")
        set_target(replace(ben, scope_key="anna"), NOW, ZONE)
        assert set_target(ben, NOW, ZONE)[1] == []
        book = build_scorebook("Europe/Zurich")
        anna = next(s for s in book.scopes if s.type is ScopeType.REPRESENTATIVE)
        found = book.target_for("recommend", anna, august)
        assert found is not None
        assert found.value == 50.0


def test_the_same_target_again_adds_nothing(app: Flask) -> None:
    with app.app_context():
        first, _ = set_target(WANTED, NOW, ZONE)
        again, problems = set_target(WANTED, NOW, ZONE)
        assert problems == []
        assert again is first
        assert db.session.query(Target).count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kpi_key": "recomend"}, "unknown_kpi"),
        ({"scope_type": "unit", "scope_key": "leesing"}, "unknown_scope"),
        ({"scope_type": "unit"}, "unknown_scope"),
        ({"scope_key": "leasing"}, "scope_of_all"),
        ({"value": float("nan")}, "not_a_number"),
        ({"valid_to": date(2026, 7, 1)}, "ends_before_start"),
        ({"source": "guessed"}, "source"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(
    change: dict[str, object], code: str, app: Flask
) -> None:
    with app.app_context():
        target, problems = set_target(replace(WANTED, **change), NOW, ZONE)  # type: ignore[arg-type]
        assert target is None
        assert [problem.code for problem in problems] == [code]
        assert db.session.query(Target).count() == 0


GOOD = """kpi,scope_type,scope,value,valid_from,valid_to,source,note
recommend,all,,30,2026-01-01,,agreed,Board
recommend,unit,leasing,35,2026-01-01,2027-01-01,default,
shown,representative,anna,1200,2026-01-01,,,
"""


def test_a_file_of_targets_is_set(app: Flask) -> None:
    with app.app_context():
        targets, problems = import_targets(GOOD.encode(), NOW, ZONE)
        assert problems == []
        assert [(one.kpi_key, one.scope_key, one.value, one.source) for one in targets] == [
            ("recommend", "", 30.0, "agreed"),
            ("recommend", "leasing", 35.0, "default"),
            ("shown", "anna", 1200.0, "agreed"),
        ]
        assert targets[1].valid_to == date(2027, 1, 1)
        assert targets[0].note == "Board"


def test_the_same_file_again_adds_nothing(app: Flask) -> None:
    with app.app_context():
        import_targets(GOOD.encode(), NOW, ZONE)
        _, problems = import_targets(GOOD.encode(), NOW, ZONE)
        assert problems == []
        assert db.session.query(Target).count() == 3


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("recommend,everybody,,30,2026-01-01,,agreed,", "row 5, column scope_type"),
        ('recommend,all,,"30,5",2026-01-01,,agreed,', "row 5, column value"),
        ("recommend,all,,30,1.1.2026,,agreed,", "row 5, column valid_from"),
        ("recommend,all,,30,2026-02-01,soon,agreed,", "row 5, column valid_to"),
        ("recommend,all,,30,2026-02-01,,dreamt,", "row 5, column source"),
        ("nothing,all,,30,2026-02-01,,agreed,", "row 5"),
        ("recommend,all,,31,2026-01-01,,agreed,", "row 5"),
        ("recommend,unit,nowhere,30,2026-01-01,,agreed,", "row 5"),
    ],
)
def test_with_one_bad_row_nothing_is_stored(row: str, place: str, app: Flask) -> None:
    with app.app_context():
        targets, problems = import_targets((GOOD + row + "\n").encode(), NOW, ZONE)
        assert targets == []
        assert [problem.place for problem in problems] == [place]
        assert db.session.query(Target).count() == 0


def test_a_target_of_ones_own_does_not_change_the_verdict_that_an_inherited_one_made(
    app: Flask,
) -> None:
    with app.app_context():
        set_target(WANTED, NOW, ZONE)
        for scope in (("representative", "anna"), ("unit", "leasing")):
            own = replace(WANTED, scope_type=scope[0], scope_key=scope[1], value=20.0)
            target, problems = set_target(own, NOW, ZONE)
            assert target is None
            assert [problem.code for problem in problems] == ["past_verdict"]
            from_now_on = replace(own, valid_from=date(2026, 8, 1))
            assert set_target(from_now_on, NOW, ZONE)[1] == []


def test_a_target_that_differs_in_its_note_alone_is_the_same_target(app: Flask) -> None:
    with app.app_context():
        first, _ = set_target(replace(WANTED, note="agreed in the meeting"), NOW, ZONE)
        again, problems = set_target(WANTED, NOW, ZONE)
        assert problems == []
        assert again is first


def test_what_is_set_out_of_sight_is_not_told(app: Flask) -> None:
    with app.app_context():
        own = replace(WANTED, scope_type="representative", scope_key="ben", value=61.0)
        set_target(own, NOW, ZONE)
        mine = {("unit", "leasing"), ("representative", "anna")}
        for guess in (own, replace(own, value=1.0)):
            _, problems = set_target(guess, NOW, ZONE, within=mine)
            assert [problem.code for problem in problems] == ["out_of_sight"]
            assert "61" not in problems[0].message


def test_the_company_is_everybody_and_has_no_target_as_a_unit(app: Flask) -> None:
    with app.app_context():
        _, problems = set_target(replace(WANTED, scope_type="unit", scope_key="company"), NOW, ZONE)
        assert [problem.code for problem in problems] == ["company"]
        assert "Write the scope type all" in problems[0].message
