"""The pinned definitions of a run, as far as somebody may read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from analysis.definitions import Kpi, ScopeType, Target
from analysis.scorebook import Scorebook

# (scope type, id) of those in sight; None is everybody.
Scopes = Collection[tuple[str, str]] | None


def limit_book(book: Scorebook, seen: Scopes) -> Scorebook:
    """The scorebook with the KPIs scored for somebody in sight, their goals and their targets.

    Targets are those of the scopes in sight and of those above them, which hold for them too (as
    `goals.sight.may_read`, but in the organisation that the run was made with). Whom else a KPI is
    for is not told.
    """
    if seen is None:
        return book
    readable = _with_above(book, seen)
    kpis = [
        _without_others(kpi, readable)
        for kpi in book.kpis
        if any((scope.type.value, scope.id) in seen for scope in book.scopes_of(kpi))
    ]
    ids, goals = {kpi.id for kpi in kpis}, _with_goals_above(book, {kpi.goal for kpi in kpis})
    return replace(
        book,
        goals=tuple(goal for goal in book.goals if goal.id in goals),
        kpis=tuple(kpis),
        targets=tuple(
            target for target in book.targets if target.kpi in ids and _scope(target) in readable
        ),
    )


def _with_goals_above(book: Scorebook, goals: Iterable[str]) -> set[str]:
    """The goals and all that stand above them."""
    above = {goal.id: goal.parent for goal in book.goals}
    found: set[str] = set()
    for goal in goals:
        here: str | None = goal
        while here and here not in found:
            found.add(here)
            here = above.get(here)
    return found


def _with_above(book: Scorebook, seen: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """The scopes in sight, and all whose targets hold for them."""
    unit_of = {person.id: person.unit for person in book.representatives}
    known = {unit.id for unit in book.units}
    readable = {*seen, (ScopeType.ALL.value, "")} if seen else set()
    for kind, key in seen:
        unit = unit_of.get(key, "") if kind == ScopeType.REPRESENTATIVE else key
        if unit in known:
            readable |= {(ScopeType.UNIT.value, above) for above in book.upwards(unit)}
    return readable


def _without_others(kpi: Kpi, readable: Collection[tuple[str, str]]) -> Kpi:
    keys = {key for _kind, key in readable}
    return replace(kpi, only_for=tuple(key for key in kpi.only_for if key in keys))


def _scope(target: Target) -> tuple[str, str]:
    return target.scope_type.value, target.scope_id
