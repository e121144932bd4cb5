"""The scorebook: all that a score run needs besides the facts. Read one with ``analysis.kpi``."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import yaml

from analysis.definitions import (
    FORMAT,
    MINIMUM_N,
    Goal,
    Kpi,
    Representative,
    Scope,
    ScopeType,
    Target,
    Unit,
)
from analysis.kpi_sets import KpiSet, read_memberships


@dataclass(frozen=True)
class Scorebook:
    """KPIs, goals and targets, and the organisation that they are for."""

    time_zone: str
    units: tuple[Unit, ...] = ()
    representatives: tuple[Representative, ...] = ()
    goals: tuple[Goal, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    targets: tuple[Target, ...] = ()
    minimum_n: int = MINIMUM_N
    kpi_sets: tuple[KpiSet, ...] = ()

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """Everybody, then the units, then the representatives, each in the scorebook's order.

        Everybody is named for the one unit that has no parent, where there is only one.
        """
        roots = [unit.name for unit in self.units if unit.parent is None]
        everybody = Scope(ScopeType.ALL, "", roots[0] if len(roots) == 1 else "All")
        units = [Scope(ScopeType.UNIT, unit.id, unit.name) for unit in self.units]
        representatives = [
            Scope(ScopeType.REPRESENTATIVE, one.id, one.name) for one in self.representatives
        ]
        return (everybody, *units, *representatives)

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions by which KPIs are broken down, sorted."""
        return tuple(sorted({name for kpi in self.kpis for name in kpi.by}))

    def scopes_of(self, kpi: Kpi) -> list[Scope]:
        """The scopes the KPI counts for.

        They are those it is declared for; with ``only_for``, only those units and people; of the
        representatives, where the KPI is in a set, only the members of its sets.
        """
        members = self._memberships.get(kpi.id)
        return [
            scope
            for scope in self.scopes
            if scope.type in kpi.scopes
            and (not kpi.only_for or scope.id in kpi.only_for)
            and (
                members is None or scope.type is not ScopeType.REPRESENTATIVE or scope.id in members
            )
        ]

    def weights_of(self, kpi: Kpi) -> list[float]:
        """The KPI's weight within its goal in each of ``scopes_of``: its own, or that of a set."""
        members = self._memberships.get(kpi.id, {})
        found = []
        for scope in self.scopes_of(kpi):
            own = members.get(scope.id) if scope.type is ScopeType.REPRESENTATIVE else None
            found.append(kpi.weight if own is None else own)
        return found

    @cached_property
    def goals_below(self) -> dict[str | None, tuple[Goal, ...]]:
        """The goals right below each goal that has some; under None those at the top."""
        found: dict[str | None, tuple[Goal, ...]] = {}
        for goal in self.goals:
            found[goal.parent] = (*found.get(goal.parent, ()), goal)
        return found

    def upwards(self, unit_id: str) -> Iterator[str]:
        """The unit, its parent, its parent's parent, to the top."""
        here: str | None = unit_id
        while here is not None:
            yield here
            here = self._parents[here]

    def targets_of(self, kpi_id: str) -> tuple[Target, ...]:
        """All targets of a KPI, in the scorebook's order."""
        return self._targets_by_kpi.get(kpi_id, ())

    def targets_on(self, kpi_id: str, day: date) -> list[int]:
        """For every scope, the position in ``targets_of`` of the target that holds; -1 for none.

        The nearest scope's target holds, and of those the last version: the representative's, then
        the unit's, then those of the units above it, then everybody's.
        """
        holding: dict[tuple[ScopeType, str], int] = {}
        targets = self.targets_of(kpi_id)
        for position, target in enumerate(targets):
            level = (target.scope_type, target.scope_id)
            if target.holds_on(day) and (
                level not in holding or targets[holding[level]].version < target.version
            ):
                holding[level] = position
        found = [-1] * len(self.scopes)
        for number, above in self.parents_first:
            scope = self.scopes[number]
            inherited = -1 if above is None else found[above]
            found[number] = holding.get((scope.type, scope.id), inherited)
        return found

    def target_for(self, kpi_id: str, scope: Scope, day: date) -> Target | None:
        """The target that holds for a scope on the day, as in ``targets_on``."""
        labels = [one.label for one in self.scopes]
        position = self.targets_on(kpi_id, day)[labels.index(scope.label)]
        return None if position < 0 else self.targets_of(kpi_id)[position]

    def to_yaml(self) -> str:
        """The scorebook as YAML text; ``analysis.kpi.read_scorebook`` gives an equal one back."""
        document: dict[str, Any] = {
            "format": FORMAT,
            "time_zone": self.time_zone,
            "minimum_n": self.minimum_n,
            "units": [_without_none(vars(unit)) for unit in self.units],
            "representatives": [dict(vars(one)) for one in self.representatives],
            "goals": [goal.to_dict() for goal in self.goals],
            "kpis": [kpi.to_dict() for kpi in self.kpis],
            "targets": [_without_none(target.to_dict()) for target in self.targets],
        }
        if self.kpi_sets:
            document["kpi_sets"] = [one.to_dict() for one in self.kpi_sets]
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {unit.id: unit.parent for unit in self.units}

    @cached_property
    def parents_first(self) -> list[tuple[int, int | None]]:
        """Every scope's position and that of the scope it inherits from, which comes first."""
        number = {(scope.type, scope.id): at for at, scope in enumerate(self.scopes)}
        units = sorted(self.units, key=lambda unit: len(list(self.upwards(unit.id))))
        found: list[tuple[int, int | None]] = [(0, None)]
        for unit in units:
            above = 0 if unit.parent is None else number[ScopeType.UNIT, unit.parent]
            found.append((number[ScopeType.UNIT, unit.id], above))
        for one in self.representatives:
            own = number[ScopeType.REPRESENTATIVE, one.id]
            found.append((own, number[ScopeType.UNIT, one.unit]))
        return found

    @cached_property
    def _memberships(self) -> dict[str, dict[str, float | None]]:
        units = {one.id: one.unit for one in self.representatives}
        return read_memberships(
            self.kpi_sets, lambda person: [person, *self.upwards(units[person])], units
        )

    @cached_property
    def _targets_by_kpi(self) -> dict[str, tuple[Target, ...]]:
        found: dict[str, tuple[Target, ...]] = {}
        for target in self.targets:
            found[target.kpi] = (*found.get(target.kpi, ()), target)
        return found


def _without_none(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}
