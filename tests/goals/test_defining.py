"""Goals and KPIs: a change makes a new version, the same again makes none, nothing is half kept."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from analysis.kpi import Goal as WantedGoal
from survey_app.db import db, mark_of
from survey_app.goals.arranging import add_goal, change_goal
from survey_app.goals.defining import define_kpi, retire
from survey_app.goals.models import Goal, KpiDefinition
from survey_app.goals.queries import build_scorebook, kpi_versions, present_kpis
from tests.factories.scorings import NOW, make_organisation

ENTRY: dict[str, Any] = {
    "id": "rating",
    "goal": "quality",
    "name": "Rating",
    "unit": "points",
    "direction": "higher_is_better",
    "weight": 1,
    "statistic": "mean",
    "source": {"questionnaire": "feedback", "question": "q1"},
    "score": {"rule": "goalposts", "worst": 1, "best": 5},
}


@pytest.fixture(autouse=True)
def _quality(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        goal, problems = add_goal(WantedGoal("quality", "Quality"), NOW)
        assert goal is not None, problems
        db.session.commit()


def test_a_taken_key_of_a_goal_is_refused(app: Flask) -> None:
    with app.app_context():
        goal, problems = add_goal(WantedGoal("quality", "Another"), NOW)
        assert goal is None
        assert [problem.code for problem in problems] == ["taken"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (WantedGoal("No Key", "Name"), "form"),
        (WantedGoal("fine", " "), "empty"),
        (WantedGoal("fine", "Name", weight=-1), "range"),
        (WantedGoal("fine", "Name", weight=float("nan")), "range"),
        (WantedGoal("fine", "Name", least_coverage=1.5), "range"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused(wanted: WantedGoal, code: str, app: Flask) -> None:
    with app.app_context():
        goal, problems = add_goal(wanted, NOW)
        assert goal is None
        assert [problem.code for problem in problems] == [code]
        assert db.session.query(Goal).count() == 1


def test_a_goal_takes_new_words(app: Flask) -> None:
    with app.app_context():
        goal = db.session.query(Goal).one()
        change_goal(goal, WantedGoal("quality", "Quality", "An aim", "A vision", 2, 0.4), NOW)
        db.session.commit()
        assert (goal.aim, goal.vision, goal.weight, goal.least_coverage) == (
            "An aim",
            "A vision",
            2,
            0.4,
        )


def test_a_change_of_a_kpi_is_a_new_version_and_the_old_one_is_kept(app: Flask) -> None:
    with app.app_context():
        define_kpi(ENTRY, 0, NOW)
        changed, problems = define_kpi({**ENTRY, "name": "Rating of the visit"}, 1, NOW)
        assert problems == []
        assert changed is not None
        assert changed.version == 2
        versions = db.session.query(KpiDefinition).order_by(KpiDefinition.version)
        assert [one.definition["name"] for one in versions] == ["Rating", "Rating of the visit"]
        assert [kpi.version for kpi in present_kpis()] == [2]
        assert build_scorebook("UTC").kpis[0].version == 2


def test_the_same_definition_again_makes_no_version(app: Flask) -> None:
    with app.app_context():
        first, _ = define_kpi(ENTRY, 0, NOW)
        again, problems = define_kpi({**ENTRY, "weight": 1.0, "for": []}, 1, NOW)
        assert problems == []
        assert again is first
        assert db.session.query(KpiDefinition).count() == 1


def test_a_change_based_on_an_older_version_is_refused(app: Flask) -> None:
    with app.app_context():
        define_kpi(ENTRY, 0, NOW)
        define_kpi({**ENTRY, "weight": 2}, 1, NOW)
        changed, problems = define_kpi({**ENTRY, "weight": 3}, 1, NOW)
        assert changed is None
        assert [problem.code for problem in problems] == ["changed"]
        assert db.session.query(KpiDefinition).count() == 2


def test_a_new_kpi_never_becomes_a_version_of_another(app: Flask) -> None:
    with app.app_context():
        define_kpi(ENTRY, 0, NOW)
        made, problems = define_kpi({**ENTRY, "name": "Something else"}, 0, NOW)
        assert made is None
        assert [problem.code for problem in problems] == ["taken"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"goal": "nowhere"}, "unknown_goal"),
        ({"statistic": "top_box"}, "missing_option"),
        ({"score": {"worst": 5, "best": 1}}, "score_against_direction"),
        ({"for": ["nobody"]}, "unknown_scope"),
        ({"id": "Not A Key"}, "form"),
        ({"weight": float("inf")}, "not_a_number"),
        ({"name": ""}, "empty"),
    ],
)
def test_a_kpi_that_does_not_fit_together_is_refused_with_its_place(
    change: dict[str, Any], code: str, app: Flask
) -> None:
    with app.app_context():
        made, problems = define_kpi({**ENTRY, **change}, 0, NOW)
        assert made is None
        assert code in {problem.code for problem in problems}, problems
        assert all(problem.place for problem in problems)
        assert db.session.query(KpiDefinition).count() == 0


def test_a_goal_that_was_changed_meanwhile_is_not_overwritten(app: Flask) -> None:
    with app.app_context():
        goal, _ = add_goal(WantedGoal("growth", "Growth"), NOW)
        assert goal is not None
        seen = mark_of(goal)
        change_goal(goal, WantedGoal("growth", "Theirs"), NOW, seen)
        changed, problems = change_goal(goal, WantedGoal("growth", "Mine"), NOW, seen)
        assert changed is None
        assert [problem.code for problem in problems] == ["changed_meanwhile"]
        assert goal.name == "Theirs"


def test_words_longer_than_their_columns_are_refused(app: Flask) -> None:
    with app.app_context():
        goal, problems = add_goal(WantedGoal("quality", "x" * 121, "y" * 2001), NOW)
        assert goal is None
        assert [(one.place, one.code) for one in problems] == [
            ("name", "too_long"),
            ("aim", "too_long"),
        ]


def test_a_kpi_whose_version_came_first_is_not_retired_unseen(app: Flask) -> None:
    with app.app_context():
        seen, problems = define_kpi(ENTRY, 0, NOW)
        assert seen is not None, problems
        changed, problems = define_kpi(ENTRY | {"name": "Other"}, 1, NOW)
        assert changed is not None, problems
        # Whoever retires it has seen version 1 only.
        assert not retire(seen, NOW).retired
        assert [kpi.version for kpi in kpi_versions(seen.key)] == [2, 1]
        assert retire(changed, NOW).retired
        assert [kpi.version for kpi in kpi_versions(seen.key)] == [3, 2, 1]
