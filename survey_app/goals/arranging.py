"""Arranging the tree of goals: adding, changing, moving and retiring them.

Every step here first locks all goals, in one order: two changes at the same time are made one after
the other, and the second sees what the first has made of the tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from analysis.definitions import AGGREGATIONS, HORIZONS
from analysis.definitions import Goal as WantedGoal
from survey_app.accounts.auditing import record
from survey_app.db import db, mark_of
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem
from survey_app.goals.defining import LONGEST_NAME, length_problems
from survey_app.goals.models import Goal, KpiDefinition
from survey_app.goals.queries import present_kpis
from survey_app.organisation.arranging import key_problems

LONGEST_WORDS = 2000
# Pages that stand beside those of goals, which are named for their keys.
RESERVED_KEYS = ("kpis", "targets", "sets")


def add_goal(wanted: WantedGoal, now: datetime) -> tuple[Goal | None, list[Problem]]:
    """Add a goal after all others of its parent; its id becomes the key."""
    goals = _lock_goals()
    problems = check_goal(wanted) + _place_problems(wanted, goals)
    if problems:
        return None, problems
    goal = Goal(key=wanted.id, position=_last_position(goals) + 1, retired=False)
    _fill(goal, wanted)
    try:
        with db.session.begin_nested():
            db.session.add(goal)
            db.session.flush()
    except IntegrityError:
        message = f"The key {wanted.id!r} is taken; choose another."
        return None, [Problem("key", "taken", message)]
    record("goal added", wanted.id, now)
    return goal, []


def change_goal(
    goal: Goal, wanted: WantedGoal, now: datetime, seen: str | None = None
) -> tuple[Goal | None, list[Problem]]:
    """Give a goal other words, another weight or another place; runs keep what they were made with.

    `seen` is the `mark_of` the goal that was opened. Put below another parent, it comes last there.
    """
    goals = _lock_goals()
    if seen not in (None, mark_of(goal)):
        return None, [CHANGED_MEANWHILE]
    problems = check_goal(wanted) + _place_problems(wanted, goals)
    if problems:
        return None, problems
    if goal.parent_key != wanted.parent:
        goal.position = _last_position(goals) + 1
    _fill(goal, wanted)
    if db.session.is_modified(goal):
        record("goal changed", goal.key, now)
    db.session.flush()
    return goal, []


def store_goals(wanted: Sequence[WantedGoal], now: datetime) -> list[Problem]:
    """Add or change all goals of a scorebook, which holds their parents too; with problems none.

    A goal that is retired comes back. As each goal's parents are in the scorebook, all the way up,
    no goal that is not in it can close a circle with them.
    """
    goals = _lock_goals()
    problems = [problem.within(f"goal {one.id}") for one in wanted for problem in check_goal(one)]
    if problems:
        return problems
    position = _last_position(goals)
    made = []
    for one in wanted:
        if one.id not in goals:
            position += 1
            goals[one.id] = Goal(key=one.id, position=position, retired=False)
            made.append(goals[one.id])
            _fill(goals[one.id], one)
            # Its parent may come later in the list.
            goals[one.id].parent_key = None
            db.session.add(goals[one.id])
            record("goal added", one.id, now)
    db.session.flush()
    for one in wanted:
        goal = goals[one.id]
        _fill(goal, one)
        goal.retired = False
        if goal not in made and db.session.is_modified(goal):
            record("goal changed", goal.key, now)
    db.session.flush()
    return []


def move_goal(goal: Goal, up: bool, now: datetime) -> None:
    """Change places with the goal before or after it below the same parent, if there is one."""
    goals = _lock_goals()
    beside = sorted(
        (one for one in goals.values() if one.parent_key == goal.parent_key and not one.retired),
        key=lambda one: (one.position, one.key),
    )
    at = beside.index(goal)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(beside):
        return
    places = sorted(one.position for one in beside)
    beside[at], beside[other] = beside[other], beside[at]
    for place, one in zip(places, beside, strict=True):
        one.position = place
    record("goal moved", goal.key, now, direction="up" if up else "down")
    db.session.flush()


def remove_goal(goal: Goal, now: datetime) -> tuple[bool, list[Problem]]:
    """Take away a goal that no KPI measures and none stands below; True if it is gone for good.

    Where a KPI ever measured it, it is retired: what was scored for it stays on record.
    """
    goals = _lock_goals()
    below = [one.name for one in goals.values() if one.parent_key == goal.key and not one.retired]
    if below:
        message = f"{', '.join(below)} stand below it. Put them elsewhere or take them away first."
        return False, [Problem(goal.name, "has_goals_below", message)]
    kpis = [kpi.definition["name"] for kpi in present_kpis() if kpi.goal_key == goal.key]
    if kpis:
        message = f"It is measured by {', '.join(kpis)}. Retire them or give them another goal."
        return False, [Problem(goal.name, "has_kpis", message)]
    measured = select(KpiDefinition.id).where(KpiDefinition.goal_key == goal.key).limit(1)
    had_below = any(one.parent_key == goal.key for one in goals.values())
    if db.session.scalar(measured) is None and not had_below:
        db.session.execute(delete(Goal).where(Goal.id == goal.id))
        record("goal deleted", goal.key, now)
        return True, []
    if not goal.retired:
        goal.retired = True
        record("goal retired", goal.key, now)
        db.session.flush()
    return False, []


def restore_goal(goal: Goal, now: datetime) -> None:
    """Take up a retired goal again, where it stood or, if that goal is gone, at the top."""
    goals = _lock_goals()
    if not goal.retired:
        return
    goal.retired = False
    if goal.parent_key is not None and goals[goal.parent_key].retired:
        goal.parent_key = None
    record("goal taken up again", goal.key, now)
    db.session.flush()


def check_goal(wanted: WantedGoal) -> list[Problem]:
    """What is wrong with a goal by itself."""
    problems = key_problems(wanted.id)
    if wanted.id in RESERVED_KEYS:
        message = f"{wanted.id!r} is a page's own name; choose another key."
        problems.append(Problem("key", "reserved", message))
    if not wanted.name.strip():
        problems.append(Problem("name", "empty", "Give the goal a name."))
    for part, text, longest in (
        ("name", wanted.name, LONGEST_NAME),
        ("owner", wanted.owner, LONGEST_NAME),
        ("aim", wanted.aim, LONGEST_WORDS),
        ("vision", wanted.vision, LONGEST_WORDS),
    ):
        problems += length_problems(part, text, longest)
    if not 0 <= wanted.weight <= 1e6:
        message = "The weight must be 0 or more, and at most 1 000 000."
        problems.append(Problem("weight", "range", message))
    if not 0 <= wanted.least_coverage <= 1:
        message = "The least coverage is a share of the weight: give a number from 0 to 1."
        problems.append(Problem("least coverage", "range", message))
    if wanted.target is not None and not 0 <= wanted.target <= 100:
        message = "The target is a score: give a number from 0 to 100, or none."
        problems.append(Problem("target", "range", message))
    if wanted.horizon not in ("", *HORIZONS):
        message = f"The horizon must be one of {', '.join(HORIZONS)}, or none."
        problems.append(Problem("horizon", "unknown_word", message))
    if wanted.aggregation not in AGGREGATIONS:
        message = f"The aggregation must be one of {', '.join(AGGREGATIONS)}."
        problems.append(Problem("aggregation", "unknown_word", message))
    return problems


def _lock_goals() -> dict[str, Goal]:
    """All goals by key, as they are now, for this transaction alone."""
    found = select(Goal).order_by(Goal.id).with_for_update()
    goals = db.session.scalars(found.execution_options(populate_existing=True))
    return {goal.key: goal for goal in goals}


def _place_problems(wanted: WantedGoal, goals: Mapping[str, Goal]) -> list[Problem]:
    """What is wrong with the place of a goal in the tree."""
    if wanted.parent is None:
        return []
    if wanted.parent not in goals or goals[wanted.parent].retired:
        message = f"There is no goal {wanted.parent!r}. Choose another, or none."
        return [Problem("belongs to", "unknown_goal", message)]
    above: str | None = wanted.parent
    while above is not None and above != wanted.id:
        above = goals[above].parent_key
    if above is None:
        return []
    message = "The goal would lie below itself. Choose a goal that does not lie below this one."
    return [Problem("belongs to", "parent_circle", message)]


def _last_position(goals: Mapping[str, Goal]) -> int:
    return max((goal.position for goal in goals.values()), default=0)


def _fill(goal: Goal, wanted: WantedGoal) -> None:
    goal.name = wanted.name.strip()
    goal.aim = wanted.aim.strip()
    goal.vision = wanted.vision.strip()
    goal.weight = wanted.weight
    goal.least_coverage = wanted.least_coverage
    goal.parent_key = wanted.parent
    goal.owner = wanted.owner.strip()
    goal.horizon = wanted.horizon
    goal.aggregation = wanted.aggregation
    goal.target = wanted.target
