"""Reading goals, KPIs, targets and KPI sets; and all of it together as a scorebook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

import yaml
from sqlalchemy import func, select

from analysis.definitions import FORMAT, MINIMUM_N
from analysis.kpi import Scorebook, read_scorebook
from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.figures.models import Measure
from survey_app.goals.entries import goal_entry, kpi_entry, set_entry, target_entries
from survey_app.goals.models import Goal, KpiDefinition, KpiSet, ScoringRules, Target
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import (
    keys_to_representatives,
    keys_to_units,
    units_in_order,
)


def all_goals(retired: bool = False) -> list[Goal]:
    """All goals that runs score, each before those below it; or those that are `retired`."""
    if retired:
        found = select(Goal).where(Goal.retired).order_by(Goal.position, Goal.key)
        return list(db.session.scalars(found))
    return [goal for _depth, goal in goals_in_order()]


def goals_in_order() -> list[tuple[int, Goal]]:
    """The tree of goals that runs score: each with its depth, right after its parent."""
    below: dict[str | None, list[Goal]] = {}
    living = select(Goal).where(~Goal.retired).order_by(Goal.position, Goal.key)
    for goal in db.session.scalars(living):
        below.setdefault(goal.parent_key, []).append(goal)
    ordered: list[tuple[int, Goal]] = []

    def walk(parent: str | None, depth: int) -> None:
        for goal in below.get(parent, []):
            ordered.append((depth, goal))
            walk(goal.key, depth + 1)

    walk(None, 0)
    return ordered


def known_owners() -> list[str]:
    """Names that may answer for a goal: owners so far, users, representatives; by name."""
    names = {
        *db.session.scalars(select(Goal.owner).where(Goal.owner != "")),
        *db.session.scalars(select(User.name).where(User.active)),
        *db.session.scalars(select(Representative.name).where(Representative.active)),
    }
    return sorted(name for name in names if name)


def all_sets() -> list[KpiSet]:
    """All KPI sets in the order in which they were added, which decides between their weights."""
    return list(db.session.scalars(select(KpiSet).order_by(KpiSet.id)))


def set_by_key(key: str) -> KpiSet:
    """The KPI set with this key; raises NotFound."""
    found = db.session.scalar(select(KpiSet).where(KpiSet.key == key))
    if found is None:
        raise NotFound(f"There is no KPI set with the key {key!r}.")
    return found


def minimum_n() -> int:
    """The least number of people in a cell that is told."""
    return db.session.scalar(select(ScoringRules.minimum_n)) or MINIMUM_N


def measure_names() -> dict[str, str]:
    """By key, the names of all measures, by name."""
    return dict(
        db.session.execute(select(Measure.key, Measure.name).order_by(Measure.name)).tuples().all()
    )


def weighing_attributes() -> tuple[str, ...]:
    """The attributes of customers by which present KPIs weigh answers, sorted."""
    return tuple(
        sorted(
            {
                margin["dimension"]
                for kpi in present_kpis()
                for margin in kpi.definition.get("margins", ())
            }
        )
    )


def read_levels() -> Callable[[str, str], list[tuple[str, str]]]:
    """Gives for a scope those whose targets hold for it, itself first: person, unit, units above,
    all. The organisation is read once, however many scopes are asked for."""
    units, people = keys_to_units(), keys_to_representatives()
    by_id = {unit.id: unit for unit in units.values()}

    def levels_above(scope_type: str, scope_key: str) -> list[tuple[str, str]]:
        levels: list[tuple[str, str]] = []
        unit = None
        if scope_type == "representative":
            levels.append((scope_type, scope_key))
            person = people.get(scope_key)
            unit = by_id[person.unit_id] if person else None
        elif scope_type == "unit":
            unit = units.get(scope_key)
        while unit is not None:
            levels.append(("unit", unit.key))
            unit = by_id[unit.parent_id] if unit.parent_id else None
        return [*levels, ("all", "")]

    return levels_above


def goal_by_key(key: str) -> Goal:
    """The goal with this key; raises NotFound."""
    goal = db.session.scalar(select(Goal).where(Goal.key == key))
    if goal is None:
        raise NotFound(f"There is no goal with the key {key!r}.")
    return goal


def present_kpis(retired: bool = False) -> list[KpiDefinition]:
    """The present version of every KPI, in the order in which they were first defined.

    Those that are scored, or those that are `retired`.
    """
    newest = (
        select(
            KpiDefinition.key,
            func.max(KpiDefinition.version).label("version"),
            func.min(KpiDefinition.id).label("first_id"),
        )
        .group_by(KpiDefinition.key)
        .subquery()
    )
    return list(
        db.session.scalars(
            select(KpiDefinition)
            .join(
                newest,
                (KpiDefinition.key == newest.c.key) & (KpiDefinition.version == newest.c.version),
            )
            .where(KpiDefinition.retired.is_(retired))
            .order_by(newest.c.first_id)
        )
    )


def kpi_versions(key: str) -> list[KpiDefinition]:
    """All versions of a KPI, the present one first; raises NotFound."""
    versions = db.session.scalars(
        select(KpiDefinition).where(KpiDefinition.key == key).order_by(KpiDefinition.version.desc())
    ).all()
    if not versions:
        raise NotFound(f"There is no KPI with the key {key!r}.")
    return list(versions)


def targets_of(kpi_key: str, readable: Collection[tuple[str, str]] | None) -> list[Target]:
    """All targets ever set for a KPI, the latest first; `readable` scopes alone, None for all."""
    found = select(Target).where(Target.kpi_key == kpi_key).order_by(Target.id.desc())
    return [target for target in db.session.scalars(found) if _is_of(target, readable)]


def holding_targets(
    today: date, readable: Collection[tuple[str, str]] | None
) -> dict[str, list[Target]]:
    """By KPI, the target that holds today for each scope that has one; everybody's first.

    Those of `readable` scopes alone; None for all.
    """
    holding: dict[tuple[str, str, str], Target] = {}
    for target in db.session.scalars(select(Target).order_by(Target.id)):
        if holds_on(target, today) and _is_of(target, readable):
            holding[target.kpi_key, target.scope_type, target.scope_key] = target
    by_kpi: dict[str, list[Target]] = {}
    for _place, target in sorted(holding.items()):
        by_kpi.setdefault(target.kpi_key, []).append(target)
    return by_kpi


def holds_on(target: Target, day: date) -> bool:
    """Whether the target's dates include the day."""
    return target.valid_from <= day and (target.valid_to is None or day < target.valid_to)


def _is_of(target: Target, scopes: Collection[tuple[str, str]] | None) -> bool:
    return scopes is None or (target.scope_type, target.scope_key) in scopes


def scope_names() -> dict[tuple[str, str], str]:
    """The name of every (scope type, key) that may have a target, units in tree order.

    The company is everybody: as a unit it has no targets of its own.
    """
    units = [unit for _depth, unit in units_in_order()]
    names = {("all", ""): f"{units[0].name} (everybody)" if units else "Everybody"}
    names |= {("unit", unit.key): unit.name for unit in units if unit.parent_id is not None}
    people = db.session.scalars(select(Representative).order_by(Representative.name))
    return names | {("representative", person.key): person.name for person in people}


def build_scorebook(time_zone: str) -> Scorebook:
    """Everything a run needs besides the facts, as it is defined now.

    Raises analysis.kpi.ScorebookError if the definitions do not fit together any more.
    """
    kpis = present_kpis()
    of_these = Target.kpi_key.in_([kpi.key for kpi in kpis])
    targets = db.session.scalars(select(Target).where(of_these).order_by(Target.id))
    known = {kpi.key for kpi in kpis}
    return read_entries(
        time_zone,
        (kpi_entry(kpi) for kpi in kpis),
        target_entries(targets),
        [set_entry(one, known) for one in all_sets()],
    )


def read_entries(
    time_zone: str,
    kpis: Iterable[dict[str, Any]],
    targets: Iterable[dict[str, Any]] = (),
    kpi_sets: Iterable[dict[str, Any]] = (),
) -> Scorebook:
    """The scorebook of these KPIs, targets and sets in the organisation with its goals as now.

    `analysis.kpi` reads it from YAML, as it reads everybody's; raises its ScorebookError.
    """
    units = [unit for _depth, unit in units_in_order()]
    people = db.session.scalars(select(Representative).order_by(Representative.name))
    document = {
        "format": FORMAT,
        "time_zone": time_zone,
        "minimum_n": minimum_n(),
        "units": [
            {"id": unit.key, "name": unit.name}
            | ({"parent": unit.parent.key} if unit.parent else {})
            for unit in units
        ],
        "representatives": [
            {"id": person.key, "name": person.name, "unit": person.unit.key} for person in people
        ],
        "goals": [goal_entry(goal) for goal in all_goals()],
        "kpis": list(kpis),
        "targets": list(targets),
        "kpi_sets": list(kpi_sets),
    }
    return read_scorebook(yaml.safe_dump(document, sort_keys=False), "the definitions")
