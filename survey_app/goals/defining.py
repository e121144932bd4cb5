"""Defining KPIs in versions: a change makes a new version, the old ones are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from analysis import kpi as books
from analysis.kpi_entry import read_kpi
from analysis.marked_yaml import read_document
from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.goals.models import Goal, KpiDefinition, Target
from survey_app.goals.queries import all_goals, read_entries
from survey_app.organisation.arranging import RESERVED_KEYS, key_problems
from survey_app.organisation.queries import keys_to_representatives, keys_to_units

LONGEST_NAME = 120
NOT_A_KPI = "A KPI is written as keys with their values, beginning with 'id:'."


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
    kpi, problems = read_entry(entry)
    return (None, problems) if kpi is None else store_kpi(kpi, based_on, now)


def read_entry(entry: dict[str, Any]) -> tuple[books.Kpi | None, list[Problem]]:
    """A KPI from its entry of a scorebook, or what is wrong with it; nothing is stored."""
    problems = kpi_key_problems(str(entry.get("id", "")))
    try:
        book = read_entries("UTC", [entry])
    except books.ScorebookError as error:
        problems += [Problem(one.place, one.code, one.message) for one in error.problems]
    return (None, problems) if problems else (book.kpis[0], [])


def read_text(text: str, key: str) -> tuple[books.Kpi | None, list[Problem]]:
    """A KPI from its entry as YAML text, or what is wrong with which line; nothing is stored.

    Its id must be the `key`; a version in the text says nothing, as saving makes the next one.
    """
    found: list[books.BookProblem] = []
    entry = read_document(text.removeprefix("\ufeff"), found)
    kpi = None
    if entry is not None:
        units, people = keys_to_units(), keys_to_representatives()
        scopes = {
            books.ScopeType.UNIT: list(units),
            books.ScopeType.REPRESENTATIVE: list(people),
        }
        kpi = read_kpi(entry, [goal.key for goal in all_goals()], scopes)
        if kpi is not None and kpi.id != key:
            told = f"This is the page of {key!r}. Give the text that id, or open the other KPI."
            entry.note("id", "other_id", told)
    problems = [
        Problem(f"line {one.line}", one.code, NOT_A_KPI if one.code == "not_a_mapping" and one.place
                == "document" else one.message)
        for one in sorted(found, key=lambda one: one.line)
    ]  # fmt: skip
    return (None, problems) if problems else (kpi, [])


def definition_of(kpi: books.Kpi) -> dict[str, Any]:
    """A KPI's definition as its table keeps it."""
    kept = kpi.to_dict()
    return {key: value for key, value in kept.items() if key not in ("id", "version", "goal")}


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
    if problems := length_problems("name", kpi.name, LONGEST_NAME):
        return None, problems
    definition = definition_of(kpi)
    # Held until the end of the transaction, so that nobody retires the goal in between.
    living = select(Goal.key).where(Goal.key == kpi.goal, ~Goal.retired).with_for_update()
    if db.session.scalar(living) is None:
        message = f"There is no goal {kpi.goal!r}, or it is retired. Choose another."
        return None, [Problem("goal", "unknown_goal", message)]
    problems = [
        problem
        for target in db.session.scalars(select(Target).where(Target.kpi_key == kpi.id))
        for problem in red_problems(definition, target.value, "red level")
    ]
    if problems:
        return None, problems[:1]
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


def red_problems(definition: Mapping[str, Any], target: float, place: str) -> list[Problem]:
    """A target that is not better than the KPI's red level leaves nothing to score."""
    if definition["score"]["rule"] != books.RedTarget.rule:
        return []
    red, higher = definition["score"]["red"], definition["direction"] == books.Direction.HIGHER
    if target > red if higher else target < red:
        return []
    side = "above" if higher else "below"
    told = f"The red level is {red:g}; every target must lie {side} it, and {target:g} does not."
    return [Problem(place, "target_beyond_red", told)]


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


def length_problems(place: str, text: str, longest: int) -> list[Problem]:
    """What is wrong with the length of a text."""
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
