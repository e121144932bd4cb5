"""What is measured and against what: KPIs, goals, targets, units, people; all frozen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

import yaml

FORMAT = "soundings-scorebook/1"
MISSING_CODES = ("skipped", "not_shown", "not_applicable", "dont_know", "refused")
RATING_STATISTICS = ("mean", "top_box", "net_score")
DURATION_STATISTICS = ("km_median",)
FIGURE_STATISTICS = ("sum", "last", "ratio")
STATISTICS = RATING_STATISTICS + DURATION_STATISTICS + FIGURE_STATISTICS
# Scales on which "twice as much" has a meaning, so that a relative deviation has one too.
TRUE_ZERO_STATISTICS = ("top_box", *DURATION_STATISTICS, *FIGURE_STATISTICS)


class Direction(StrEnum):
    HIGHER = "higher_is_better"
    LOWER = "lower_is_better"


class ScopeType(StrEnum):
    ALL = "all"
    UNIT = "unit"
    REPRESENTATIVE = "representative"


class UnitOfAnalysis(StrEnum):
    """What one vote is: every answer, or every customer however often they answered."""

    RESPONSE = "response"
    CUSTOMER = "customer"


class TargetSource(StrEnum):
    AGREED = "agreed"
    DEFAULT = "default"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True)
class Scope:
    """For whom a KPI is computed: everybody (id ''), a unit with all below it, a representative."""

    type: ScopeType
    id: str
    name: str

    @property
    def label(self) -> str:
        return self.type.value if self.type is ScopeType.ALL else f"{self.type.value}:{self.id}"


# Units of measurement whose values never add up, over places or over months.
RATE_UNITS = ("share", "%", "per cent", "percent")


@dataclass(frozen=True)
class Unit:
    id: str
    name: str
    parent: str | None = None


@dataclass(frozen=True)
class Representative:
    id: str
    name: str
    unit: str


@dataclass(frozen=True)
class Goal:
    id: str
    name: str
    aim: str = ""
    vision: str = ""
    weight: float = 1.0
    least_coverage: float = 0.5


@dataclass(frozen=True)
class RatingSource:
    """Answers to one question; ``versions`` empty means every version of the questionnaire."""

    questionnaire: str
    question: str
    versions: tuple[int, ...] = ()


@dataclass(frozen=True)
class DurationSource:
    """Seconds from a visit's start to a milestone: a stage's key, or ``end``."""

    process: str
    milestone: str


@dataclass(frozen=True)
class FigureSource:
    measure: str


@dataclass(frozen=True)
class RatioSource:
    numerator: str
    denominator: str


Source: TypeAlias = RatingSource | DurationSource | FigureSource | RatioSource


@dataclass(frozen=True)
class Goalposts:
    """Score rule: 0 at ``worst``, 100 at ``best``, straight between, clipped outside."""

    worst: float
    best: float

    rule = "goalposts"


@dataclass(frozen=True)
class Kpi:
    id: str
    version: int
    goal: str
    name: str
    unit: str
    direction: Direction
    statistic: str
    source: Source
    score: Goalposts
    weight: float = 1.0
    cut: float | None = None
    promoters_from: float | None = None
    detractors_to: float | None = None
    unit_of_analysis: UnitOfAnalysis = UnitOfAnalysis.RESPONSE
    in_denominator: tuple[str, ...] = ()
    scopes: tuple[ScopeType, ...] = tuple(ScopeType)
    only_for: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The KPI as it stands in a scorebook, without what is left at its default."""
        source: dict[str, Any] = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in vars(self.source).items()
            if value != ()
        }
        entry: dict[str, Any] = {
            "id": self.id,
            "version": self.version,
            "goal": self.goal,
            "name": self.name,
            "unit": self.unit,
            "direction": self.direction.value,
            "weight": self.weight,
            "statistic": self.statistic,
            "source": source,
        }
        for option in ("cut", "promoters_from", "detractors_to"):
            if getattr(self, option) is not None:
                entry[option] = getattr(self, option)
        if self.unit_of_analysis is not UnitOfAnalysis.RESPONSE:
            entry["unit_of_analysis"] = self.unit_of_analysis.value
        if self.in_denominator:
            entry["in_denominator"] = list(self.in_denominator)
        entry["score"] = {
            "rule": self.score.rule,
            "worst": self.score.worst,
            "best": self.score.best,
        }
        if self.scopes != tuple(ScopeType):
            entry["scopes"] = [scope.value for scope in self.scopes]
        if self.only_for:
            entry["for"] = list(self.only_for)
        return entry


@dataclass(frozen=True)
class Target:
    """A dated target: for periods that start from ``valid_from`` on and before ``valid_to``."""

    kpi: str
    scope_type: ScopeType
    scope_id: str
    value: float
    valid_from: date
    valid_to: date | None = None
    source: TargetSource = TargetSource.AGREED
    version: int = 1

    def to_dict(self) -> dict[str, Any]:
        return {
            "kpi": self.kpi,
            "scope_type": self.scope_type.value,
            "scope_id": self.scope_id,
            "value": self.value,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "source": self.source.value,
            "version": self.version,
        }

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Scorebook:
    """Everything a score run needs besides the facts. Read one with ``analysis.kpi``."""

    time_zone: str
    units: tuple[Unit, ...] = ()
    representatives: tuple[Representative, ...] = ()
    goals: tuple[Goal, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    targets: tuple[Target, ...] = ()

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

    def scopes_of(self, kpi: Kpi) -> list[Scope]:
        """The scopes the KPI is declared for; with ``only_for``, only those units and people."""
        return [
            scope
            for scope in self.scopes
            if scope.type in kpi.scopes and (not kpi.only_for or scope.id in kpi.only_for)
        ]

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
        for number, above in self._parents_first:
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
            "units": [_without_none(vars(unit)) for unit in self.units],
            "representatives": [dict(vars(one)) for one in self.representatives],
            "goals": [dict(vars(goal)) for goal in self.goals],
            "kpis": [kpi.to_dict() for kpi in self.kpis],
            "targets": [_without_none(target.to_dict()) for target in self.targets],
        }
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {unit.id: unit.parent for unit in self.units}

    @cached_property
    def _parents_first(self) -> list[tuple[int, int | None]]:
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
    def _targets_by_kpi(self) -> dict[str, tuple[Target, ...]]:
        found: dict[str, tuple[Target, ...]] = {}
        for target in self.targets:
            found[target.kpi] = (*found.get(target.kpi, ()), target)
        return found


def _without_none(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}
