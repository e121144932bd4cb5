"""Defining goals, and KPIs in versions: a change makes a new version, the old ones are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from analysis import kpi as books
from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db, mark_of
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem
from survey_app.goals.models import Goal, KpiDefinition
from survey_app.goals.queries import read_entries
from survey_app.organisation.arranging import RESERVED_KEYS, key_problems

LONGEST_NAME = 120
LONGEST_WORDS = 2000


def add_goal(wanted: books.Goal, now: datetime) -> tuple[Goal | None, list[Problem]]:
    """Add a goal after all others; its id becomes the key."""
    problems = check_goal(wanted)
    if problems:
        return None, problems
    last = db.session.scalar(select(func.max(Goal.position))) or 0
    goal = Goal(key=wanted.id, position=last + 1)
    _fill_goal(goal, wanted)
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
    goal: Goal, wanted: books.Goal, now: datetime, seen: str | None = None
) -> tuple[Goal | None, list[Problem]]:
    """Give a goal other words or another weight; runs keep those they were made with.

    `seen` is the `mark_of` the goal that was opened.
    """
    db.session.refresh(goal, with_for_update=True)
    if seen not in (None, mark_of(goal)):
        return None, [CHANGED_MEANWHILE]
    problems = check_goal(wanted)
    if problems:
        return None, problems
    _fill_goal(goal, wanted)
    if db.session.is_modified(goal):
        record("goal changed", goal.key, now)
    db.session.flush()
    return goal, []


def check_goal(wanted: books.Goal) -> list[Problem]:
    """What is wrong with a goal."""
    problems = key_problems(wanted.id)
    if not wanted.name.strip():
        problems.append(Problem("name", "empty", "Give the goal a name."))
    for part, text, longest in (
        ("name", wanted.name, LONGEST_NAME),
        ("aim", wanted.aim, LONGEST_WORDS),
        ("vision", wanted.vision, LONGEST_WORDS),
    ):
        problems += _length_problems(part, text, longest)
    if not 0 <= wanted.weight <= 1e6:
        message = "The weight must be 0 or more, and at most 1 000 000."
        problems.append(Problem("weight", "range", message))
    if not 0 <= wanted.least_coverage <= 1:
        message = "The least coverage is a share of the weight: give a number from 0 to 1."
        problems.append(Problem("least coverage", "range", message))
    return problems


def kpi_key_problems(key: str) -> list[Problem]:
    """What is wrong with the key of a KPI."""
    if key in RESERVED_KEYS:
        return [Problem("key", "reserved", f"{key!r} is a page's own name; choose another key.")]
    return key_problems(key)


def define_kpi(
    entry: dict[str, Any], based_on: int, now: datetime
) -> tuple[KpiDefinition | None, list[Problem]]:
    """Define a KPI from its entry of a scorebook (without a version).

    `based_on` is the version that was seen when the change was made, 0 for a new KPI: somebody
    else's version in between is a problem, never lost. An entry that says the same as the present
    version changes nothing.
    """
    problems = kpi_key_problems(str(entry.get("id", "")))
    try:
        book = read_entries("UTC", [entry])
    except books.ScorebookError as error:
        problems += [Problem(one.place, one.code, one.message) for one in error.problems]
    if problems:
        return None, problems
    return store_kpi(book.kpis[0], based_on, now)


def present_version(key: str) -> KpiDefinition | None:
    """The present version of a KPI, if there is one."""
    return db.session.scalar(
        select(KpiDefinition)
        .where(KpiDefinition.key == key)
        .order_by(KpiDefinition.version.desc())
        .limit(1)
    )


def store_kpi(
    kpi: books.Kpi, based_on: int, now: datetime
) -> tuple[KpiDefinition | None, list[Problem]]:
    """Keep a KPI that was read, as a new version unless it says the same as the present one."""
    if problems := _length_problems("name", kpi.name, LONGEST_NAME):
        return None, problems
    definition = kpi.to_dict()
    for column in ("id", "version", "goal"):
        del definition[column]
    present = present_version(kpi.id)
    number = present.version if present else 0
    if number != based_on:
        return None, [_came_between(kpi.id, based_on)]
    same = present and (present.goal_key, present.definition) == (kpi.goal, definition)
    if present and same and not present.retired:
        return present, []
    made = _version(kpi.id, number + 1, kpi.goal, definition, now)
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:
        return None, [_came_between(kpi.id, based_on)]
    record("kpi defined", kpi.id, now, version=made.version)
    return made, []


def retire(present: KpiDefinition, now: datetime) -> KpiDefinition:
    """End a KPI: runs leave it out until somebody defines it again. Its targets stay on record."""
    if present.retired:
        return present
    ended = _version(
        present.key, present.version + 1, present.goal_key, dict(present.definition), now
    )
    ended.retired = True
    try:
        with db.session.begin_nested():
            db.session.add(ended)
            db.session.flush()
    except IntegrityError:
        # Somebody else's version came first: whoever looks again sees it.
        return present
    record("kpi retired", present.key, now, version=ended.version)
    return ended


def _version(
    key: str, number: int, goal_key: str, definition: dict[str, Any], now: datetime
) -> KpiDefinition:
    return KpiDefinition(
        key=key,
        version=number,
        goal_key=goal_key,
        definition=definition,
        retired=False,
        created_at=now,
        created_by_id=acting_user_id(),
    )


def _length_problems(place: str, text: str, longest: int) -> list[Problem]:
    if len(text) <= longest:
        return []
    message = f"The text has {len(text)} characters; shorten it to {longest}."
    return [Problem(place, "too_long", message)]


def _came_between(key: str, based_on: int) -> Problem:
    if based_on == 0:
        return Problem("key", "taken", f"The key {key!r} is taken; choose another.")
    return Problem(
        f"kpi {key}",
        "changed",
        "Somebody else changed this KPI in the meantime. Open it again and make your change there.",
    )


def _fill_goal(goal: Goal, wanted: books.Goal) -> None:
    goal.name = wanted.name.strip()
    goal.aim = wanted.aim.strip()
    goal.vision = wanted.vision.strip()
    goal.weight = wanted.weight
    goal.least_coverage = wanted.least_coverage
