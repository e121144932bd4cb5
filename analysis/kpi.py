"""The scorebook: KPI definitions, goals, targets, units and people, as YAML in and out.

Reading reports every problem at once, each with its line and what to do about it. The definitions
themselves are the frozen dataclasses of ``analysis.definitions``, offered here too.
"""

from collections.abc import Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from analysis.definitions import (
    ELASTICITY_SOURCES,
    FORMAT,
    MINIMUM_N,
    Adjustment,
    Direction,
    DurationSource,
    FigureSource,
    Goal,
    Kpi,
    RatingSource,
    RatioSource,
    Representative,
    Scope,
    ScopeType,
    Target,
    TargetSource,
    Unit,
    UnitOfAnalysis,
)
from analysis.goal_entry import read_goal
from analysis.kpi_entry import read_kpi
from analysis.kpi_set_entry import read_kpi_set
from analysis.kpi_sets import KpiSet
from analysis.marked_yaml import BookProblem, Entry, read_document
from analysis.score_rules import Goalposts, InRange, RedTarget
from analysis.scorebook import Scorebook

__all__ = [
    "Adjustment",
    "BookProblem",
    "Direction",
    "DurationSource",
    "FigureSource",
    "Goal",
    "Goalposts",
    "InRange",
    "Kpi",
    "KpiSet",
    "RatingSource",
    "RatioSource",
    "RedTarget",
    "Representative",
    "Scope",
    "ScopeType",
    "Scorebook",
    "ScorebookError",
    "Target",
    "TargetSource",
    "Unit",
    "UnitOfAnalysis",
    "read_scorebook",
]


class ScorebookError(ValueError):
    """A scorebook that cannot be used; ``problems`` holds all that is wrong, in line order."""

    def __init__(self, name: str, problems: list[BookProblem]) -> None:
        self.name = name
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(f"{name}, {problem}" for problem in self.problems))


def read_scorebook(text: str, name: str = "scorebook") -> Scorebook:
    """Read a scorebook from YAML text; ``name`` is how messages call the text.

    Raises ScorebookError with every problem found, never only the first.
    """
    problems: list[BookProblem] = []
    book = read_document(text.removeprefix("\ufeff"), problems)
    if book is None:
        raise ScorebookError(name, problems)
    book.word("format", [FORMAT])
    time_zone = _read_time_zone(book)
    minimum_n = book.whole("minimum_n", MINIMUM_N)
    units = book.entries("units", "unit")
    representatives = book.entries("representatives", "representative")
    goals = book.entries("goals", "goal", required=True)
    kpis = book.entries("kpis", "kpi", required=True)
    targets = book.entries("targets", "target")
    kpi_sets = book.entries("kpi_sets", "kpi_set")
    book.finish()

    unit_ids = _ids(units)
    representative_ids = _ids(representatives)
    goal_ids = _ids(goals)
    people = {ScopeType.UNIT: unit_ids, ScopeType.REPRESENTATIVE: representative_ids}
    kpi_ids = _ids(kpis)
    read_units = [_read_unit(entry, unit_ids) for entry in units]
    _find_circles(units, read_units, "unit")
    read_representatives = [_read_representative(entry, unit_ids) for entry in representatives]
    read_goals = [read_goal(entry, goal_ids) for entry in goals]
    _find_circles(goals, read_goals, "goal")
    read_kpis = [read_kpi(entry, goal_ids, people) for entry in kpis]
    read_targets = [_read_target(entry, kpi_ids, people) for entry in targets]
    _ids(kpi_sets)
    read_sets = [
        read_kpi_set(entry, kpi_ids, [*unit_ids, *representative_ids]) for entry in kpi_sets
    ]
    _find_repeated_targets(targets, read_targets)
    _find_targets_beyond_red(targets, read_targets, read_kpis)
    if problems or time_zone is None or minimum_n is None:
        raise ScorebookError(name, problems)
    return Scorebook(
        time_zone,
        _complete(read_units),
        _complete(read_representatives),
        _complete(read_goals),
        _complete(read_kpis),
        _complete(read_targets),
        minimum_n,
        _complete(read_sets),
    )


T = TypeVar("T")


def _complete(read: list[T | None]) -> tuple[T, ...]:
    return tuple(one for one in read if one is not None)


def _ids(entries: list[Entry]) -> list[str]:
    """The entries' ids; an id used twice is a problem at its second place."""
    found: list[str] = []
    for entry in entries:
        one = entry.text("id")
        if one is not None and one in found:
            entry.note("id", "repeated_id", f"The id '{one}' is taken above. Choose another.")
        if one is not None:
            found.append(one)
    return found


def _read_time_zone(book: Entry) -> str | None:
    written = book.text("time_zone")
    if written is None:
        return None
    try:
        ZoneInfo(written)
    except (KeyError, ValueError, OSError):
        message = f"'{written}' is not a time zone. Write one such as Europe/Zurich or UTC."
        book.note("time_zone", "unknown_time_zone", message)
        return None
    return written


def _read_unit(entry: Entry, unit_ids: list[str]) -> Unit | None:
    one, name = entry.text("id"), entry.text("name")
    parent = entry.reference("parent", unit_ids, "unit") if entry.has("parent") else None
    entry.allow("parent")
    entry.finish()
    return None if one is None or name is None else Unit(one, name, parent)


def _find_circles(entries: list[Entry], parts: Sequence[Unit | Goal | None], kind: str) -> None:
    parents = {part.id: part.parent for part in parts if part is not None}
    for entry, part in zip(entries, parts, strict=True):
        if part is None:
            continue
        above, passed = part.parent, set[str]()
        while above is not None and above != part.id and above not in passed:
            passed.add(above)
            above = parents.get(above)
        if above == part.id:
            message = (
                f"'{part.id}' lies below itself. Give one {kind} of the circle another parent."
            )
            entry.note("parent", "parent_circle", message)


def _read_representative(entry: Entry, unit_ids: list[str]) -> Representative | None:
    one, name = entry.text("id"), entry.text("name")
    unit = entry.reference("unit", unit_ids, "unit")
    entry.finish()
    if one is None or name is None or unit is None:
        return None
    return Representative(one, name, unit)


def _read_target(
    entry: Entry, kpi_ids: list[str], people: dict[ScopeType, list[str]]
) -> Target | None:
    kpi = entry.reference("kpi", kpi_ids, "kpi")
    scope_type = entry.word("scope_type", list(ScopeType))
    scope_id = _read_target_scope(entry, scope_type, people)
    value = entry.number("value")
    valid_from, valid_to = entry.day("valid_from"), entry.day("valid_to", optional=True)
    if valid_from is not None and valid_to is not None and valid_to <= valid_from:
        message = "'valid_to' must lie after 'valid_from' (it is itself excluded). Correct a date."
        entry.note("valid_to", "ends_before_start", message)
    source = entry.word("source", list(TargetSource), "agreed")
    version = entry.whole("version", 1)
    adjustment = _read_adjustment(entry)
    entry.finish()
    if (
        kpi is None
        or scope_type is None
        or scope_id is None
        or value is None
        or valid_from is None
        or source is None
        or version is None
    ):
        return None
    return Target(
        kpi,
        ScopeType(scope_type),
        scope_id,
        value,
        valid_from,
        valid_to,
        TargetSource(source),
        version,
        adjustment,
    )


def _read_adjustment(entry: Entry) -> Adjustment | None:
    entry.allow("adjust")
    given = entry.entry("adjust") if entry.has("adjust") else None
    if given is None:
        return None
    index, justification = given.text("index"), given.text("justification")
    at_setting, elasticity = given.number("at_setting"), given.number("elasticity")
    if at_setting is not None and at_setting <= 0:
        message = "'at_setting' is what the index was when the target was set: a number above 0."
        given.note("at_setting", "not_positive", message)
    source = given.word("elasticity_source", ELASTICITY_SOURCES, ELASTICITY_SOURCES[0])
    given.finish()
    if (
        source is None
        or index is None
        or at_setting is None
        or elasticity is None
        or justification is None
    ):
        return None
    return Adjustment(index, at_setting, elasticity, justification, source)


def _find_targets_beyond_red(
    entries: list[Entry], targets: list[Target | None], kpis: list[Kpi | None]
) -> None:
    """A target that is not better than the KPI's red level leaves nothing to score."""
    red = {
        kpi.id: (kpi.score.red, kpi.direction)
        for kpi in kpis
        if kpi is not None and isinstance(kpi.score, RedTarget)
    }
    for entry, target in zip(entries, targets, strict=True):
        if target is None or target.kpi not in red:
            continue
        level, direction = red[target.kpi]
        better = target.value > level if direction is Direction.HIGHER else target.value < level
        if not better:
            side = "above" if direction is Direction.HIGHER else "below"
            message = f"The KPI's red level is {level:g}; its targets must lie {side} it."
            entry.note("value", "target_beyond_red", message)


def _read_target_scope(
    entry: Entry, scope_type: str | None, people: dict[ScopeType, list[str]]
) -> str | None:
    if scope_type == ScopeType.ALL:
        if entry.text("scope_id", "") not in ("", None):
            message = "A target for all has no 'scope_id'. Take it out."
            entry.note("scope_id", "scope_of_all", message)
        return ""
    entry.allow("scope_id")
    if scope_type is None:
        return None
    return entry.reference("scope_id", people[ScopeType(scope_type)], scope_type)


def _find_repeated_targets(entries: list[Entry], targets: list[Target | None]) -> None:
    taken = set[tuple[str, str, str, int]]()
    for entry, target in zip(entries, targets, strict=True):
        if target is None:
            continue
        key = (target.kpi, target.scope_type.value, target.scope_id, target.version)
        if key in taken:
            message = f"Version {target.version} of this target stands above. Number it anew."
            entry.note("version", "repeated_target", message)
        taken.add(key)
