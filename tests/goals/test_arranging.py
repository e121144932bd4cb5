"""The tree of goals: no circle, also by two at the same time; order; taking away and taking up."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from analysis.definitions import Goal as WantedGoal
from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.goals.arranging import (
    add_goal,
    change_goal,
    move_goal,
    remove_goal,
    restore_goal,
)
from survey_app.goals.defining import define_kpi, retire
from survey_app.goals.models import Goal
from survey_app.goals.queries import all_goals, build_scorebook, goal_by_key, goals_in_order
from tests.factories.scorings import NOW, make_organisation
from tests.goals.test_defining import ENTRY

TREE = (("top", None), ("left", "top"), ("right", "top"), ("deep", "left"))


@pytest.fixture(autouse=True)
def _tree(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        for key, parent in TREE:
            goal, problems = add_goal(WantedGoal(key, key.title(), parent=parent), NOW)
            assert goal is not None, problems
        db.session.commit()


def order() -> list[tuple[int, str]]:
    return [(depth, goal.key) for depth, goal in goals_in_order()]


def test_goals_come_right_after_their_parent(app: Flask) -> None:
    with app.app_context():
        assert order() == [(0, "top"), (1, "left"), (2, "deep"), (1, "right")]
        assert [goal.parent for goal in build_scorebook("UTC").goals] == [
            None,
            "top",
            "left",
            "top",
        ]


@pytest.mark.parametrize("parent", ["top", "left", "deep"])
def test_a_goal_never_lies_below_itself(parent: str, app: Flask) -> None:
    with app.app_context():
        changed, problems = change_goal(
            goal_by_key("top"), WantedGoal("top", "T", parent=parent), NOW
        )
        assert changed is None
        assert [problem.code for problem in problems] == ["parent_circle"]


def test_two_changes_at_the_same_time_close_no_circle(app: Flask) -> None:
    """One puts left below right, the other right below left: one of them is refused."""
    with app.app_context():
        goal_by_key("right")
        db.session.rollback()
    both_began = threading.Barrier(2, timeout=20)
    codes: list[list[str]] = []

    def put(key: str, parent: str) -> None:
        with app.app_context():
            both_began.wait()
            goal = db.session.query(Goal).filter_by(key=key).one()
            _, problems = change_goal(goal, WantedGoal(key, key, parent=parent), NOW)
            codes.append([problem.code for problem in problems])
            db.session.commit()
            db.session.remove()

    threads = [
        threading.Thread(target=put, args=pair) for pair in (("left", "right"), ("right", "left"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [[], ["parent_circle"]]
    with app.app_context():
        assert len(order()) == 4


def test_a_goal_changes_places_with_the_one_beside_it(app: Flask) -> None:
    with app.app_context():
        move_goal(goal_by_key("right"), True, NOW)
        assert [key for _, key in order()] == ["top", "right", "left", "deep"]
        # It is the first already.
        move_goal(goal_by_key("right"), True, NOW)
        move_goal(goal_by_key("deep"), False, NOW)
        assert [key for _, key in order()] == ["top", "right", "left", "deep"]
        move_goal(goal_by_key("right"), False, NOW)
        assert [key for _, key in order()] == ["top", "left", "deep", "right"]


def test_put_elsewhere_a_goal_comes_last(app: Flask) -> None:
    with app.app_context():
        change_goal(goal_by_key("left"), WantedGoal("left", "Left"), NOW)
        assert order() == [(0, "top"), (1, "right"), (0, "left"), (1, "deep")]


def test_a_goal_with_goals_below_or_kpis_stays(app: Flask) -> None:
    with app.app_context():
        define_kpi(ENTRY | {"goal": "right"}, 0, NOW)
        for key, code in (("left", "has_goals_below"), ("right", "has_kpis")):
            is_gone, problems = remove_goal(goal_by_key(key), NOW)
            assert not is_gone
            assert [problem.code for problem in problems] == [code]


def test_a_goal_that_was_never_measured_is_deleted(app: Flask) -> None:
    with app.app_context():
        assert remove_goal(goal_by_key("deep"), NOW) == (True, [])
        assert [key for _, key in order()] == ["top", "left", "right"]
        assert db.session.query(AuditEntry).filter_by(action="goal deleted").count() == 1


def test_a_goal_that_was_measured_is_retired_and_can_be_taken_up_again(app: Flask) -> None:
    with app.app_context():
        kpi, _ = define_kpi(ENTRY | {"goal": "deep"}, 0, NOW)
        assert kpi is not None
        retire(kpi, NOW)
        assert remove_goal(goal_by_key("deep"), NOW) == (False, [])
        assert "deep" not in [goal.id for goal in build_scorebook("UTC").goals]
        assert [goal.key for goal in all_goals(retired=True)] == ["deep"]
        # Nothing new is defined for it.
        made, problems = define_kpi(ENTRY | {"goal": "deep", "id": "other"}, 0, NOW)
        assert (made, [problem.code for problem in problems]) == (None, ["unknown_goal"])
        _, problems = add_goal(WantedGoal("deeper", "Deeper", parent="deep"), NOW)
        assert [problem.code for problem in problems] == ["unknown_goal"]
        # Its parent may go meanwhile; then it comes back at the top.
        assert remove_goal(goal_by_key("left"), NOW) == (False, [])
        restore_goal(goal_by_key("deep"), NOW)
        assert (0, "deep") in order()


def test_what_others_changed_meanwhile_is_not_lost(app: Flask) -> None:
    with app.app_context():
        _, problems = change_goal(goal_by_key("left"), WantedGoal("left", "L"), NOW, seen="older")
        assert [problem.code for problem in problems] == ["changed_meanwhile"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "kpis"}, "reserved"),
        ({"target": 101}, "range"),
        ({"horizon": "soon"}, "unknown_word"),
        ({"aggregation": "harmonic"}, "unknown_word"),
        ({"owner": "x" * 121}, "too_long"),
        ({"parent": "nowhere"}, "unknown_goal"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused(
    changes: dict[str, object], code: str, app: Flask
) -> None:
    with app.app_context():
        goal, problems = add_goal(WantedGoal(**{"id": "fine", "name": "Fine", **changes}), NOW)
        assert goal is None
        assert [problem.code for problem in problems] == [code]
