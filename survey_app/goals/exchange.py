"""Goals, KPIs, KPI sets and targets as one scorebook file, in and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from analysis import kpi as books
from analysis.marked_yaml import read_document
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.goals.arranging import check_goal, store_goals
from survey_app.goals.defining import kpi_key_problems, present_version, store_kpi
from survey_app.goals.grouping import WantedSet, check_set, store_set
from survey_app.goals.models import Goal, KpiDefinition, KpiSet, Target
from survey_app.goals.queries import all_sets, build_scorebook, minimum_n
from survey_app.goals.ruling import set_minimum_n
from survey_app.goals.targeting import set_targets
from survey_app.goals.wanted import WantedAdjustment, WantedTarget
from survey_app.organisation.queries import keys_to_representatives, keys_to_units


@dataclass(frozen=True)
class Imported:
    """How much of a scorebook was new; `minimum_n` is the rule where the file changed it."""

    goals: int
    kpis: int
    targets: int
    sets: int = 0
    minimum_n: int | None = None

    def __str__(self) -> str:
        told = []
        if self.goals or self.kpis or self.targets or self.sets:
            counts = f"{self.goals} goals, {self.kpis} KPI versions, {self.targets} targets"
            told.append(f"New: {counts}{f', {self.sets} KPI sets' if self.sets else ''}.")
        if self.minimum_n is not None:
            told.append(f"From now on fewer than {self.minimum_n} people are withheld.")
        return " ".join(told) or "Nothing in the file is new."


def import_scorebook(
    text: str | bytes, now: datetime, zone: ZoneInfo
) -> tuple[Imported | None, list[Problem]]:
    """Take over the goals, KPIs, sets and targets of a scorebook; with any problem nothing.

    What is defined alike already makes no new version. Time zone, units and representatives of
    the file are not taken over: they are the organisation's, and must be known to it. A file that
    names no `minimum_n` leaves it as it is.
    """
    try:
        written = text.decode() if isinstance(text, bytes) else text
        book = books.read_scorebook(written, "the scorebook")
    except UnicodeDecodeError as error:
        message = f"Byte {error.start + 1} is not UTF-8. Save the file as UTF-8 text."
        return None, [Problem("file", "wrong_encoding", message)]
    except books.ScorebookError as error:
        return None, [
            Problem(f"line {one.line}, {one.place}", one.code, one.message)
            for one in error.problems
        ]
    problems = _check(book)
    if problems:
        return None, problems
    before, rule_before = _counts(), minimum_n()
    named = read_document(written.removeprefix("\ufeff"), [])
    with db.session.begin_nested() as attempt:
        problems = _store(book, now, zone)
        if not problems and named is not None and named.has("minimum_n"):
            problems = set_minimum_n(book.minimum_n, now)
        if problems:
            attempt.rollback()
            return None, problems
    counts = (new - old for new, old in zip(_counts(), before, strict=True))
    rule = minimum_n()
    return Imported(*counts, rule if rule != rule_before else None), []


def export_scorebook(time_zone: str) -> str:
    """The scorebook as it is now, as YAML that `import_scorebook` and `python -m analysis` read."""
    return build_scorebook(time_zone).to_yaml()


def _check(book: books.Scorebook) -> list[Problem]:
    known = {*keys_to_units(), *keys_to_representatives()}
    problems = []
    for goal in book.goals:
        problems += [problem.within(f"goal {goal.id}") for problem in check_goal(goal)]
    for kpi in book.kpis:
        problems += [problem.within(f"kpi {kpi.id}") for problem in kpi_key_problems(kpi.id)]
        problems += [
            Problem(
                f"kpi {kpi.id}",
                "unknown_scope",
                f"There is no unit or representative {one!r} in the organisation. Add it first.",
            )
            for one in kpi.only_for
            if one not in known
        ]
    for one in book.kpi_sets:
        wanted = _wanted_set(one)
        problems += [problem.within(f"kpi_set {one.id}") for problem in check_set(wanted)]
    return problems


def _store(book: books.Scorebook, now: datetime, zone: ZoneInfo) -> list[Problem]:
    problems = store_goals(book.goals, now)
    for kpi in book.kpis if not problems else ():
        newest = present_version(kpi.id)
        _, wrong = store_kpi(kpi, newest.version if newest else 0, now)
        problems += wrong
    present = {one.key: one for one in all_sets()}
    for one in book.kpi_sets if not problems else ():
        _, wrong = store_set(_wanted_set(one), present.get(one.id), now)
        problems += wrong
    wanted = [
        WantedTarget(
            kpi_key=target.kpi,
            scope_type=target.scope_type.value,
            scope_key=target.scope_id,
            value=target.value,
            valid_from=target.valid_from,
            valid_to=target.valid_to,
            source=target.source.value,
            adjustment=_wanted_adjustment(target.adjustment),
            place=f"target of {target.kpi} from {target.valid_from}",
        )
        # In a file the version says which of two targets came later; in the table the order does.
        for target in sorted(book.targets, key=lambda target: target.version)
    ]
    if problems:
        return problems
    _, wrong = set_targets(wanted, now, zone)
    return wrong


def _wanted_set(one: books.KpiSet) -> WantedSet:
    weights = dict(one.weights)
    units, people = keys_to_units(), keys_to_representatives()
    return WantedSet(
        key=one.id,
        name=one.name,
        role=one.role,
        kpis=tuple((key, weights.get(key)) for key in one.kpis),
        units=tuple(key for key in one.only_for if key in units),
        representatives=tuple(key for key in one.only_for if key in people or key not in units),
    )


def _wanted_adjustment(one: books.Adjustment | None) -> WantedAdjustment | None:
    if one is None:
        return None
    return WantedAdjustment(
        one.index, one.at_setting, one.elasticity, one.justification, one.elasticity_source
    )


def _counts() -> tuple[int, ...]:
    return tuple(
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (Goal, KpiDefinition, Target, KpiSet)
    )
