"""Goals, KPIs and targets as one scorebook file, in and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from analysis import kpi as books
from analysis.definitions import MEAN_INTERVALS, MINIMUM_N
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.goals.defining import (
    add_goal,
    change_goal,
    check_goal,
    kpi_key_problems,
    present_version,
    store_kpi,
)
from survey_app.goals.forms import STATISTICS
from survey_app.goals.models import Goal, KpiDefinition, Target
from survey_app.goals.queries import build_scorebook
from survey_app.goals.targeting import WantedTarget, set_targets
from survey_app.organisation.queries import keys_to_representatives, keys_to_units


@dataclass(frozen=True)
class Imported:
    """How much of a scorebook was new."""

    goals: int
    kpis: int
    targets: int

    def __str__(self) -> str:
        if not (self.goals or self.kpis or self.targets):
            return "Nothing in the file is new."
        return f"New: {self.goals} goals, {self.kpis} KPI versions, {self.targets} targets."


def import_scorebook(
    text: str | bytes, now: datetime, zone: ZoneInfo
) -> tuple[Imported | None, list[Problem]]:
    """Take over the goals, KPIs and targets of a scorebook; with any problem nothing.

    What is defined alike already makes no new version. Time zone, units and representatives of
    the file are not taken over: they are the organisation's, and must be known to it.
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
    before = _counts()
    with db.session.begin_nested() as attempt:
        problems = _store(book, now, zone)
        if problems:
            attempt.rollback()
            return None, problems
    after = _counts()
    return Imported(*(new - old for new, old in zip(after, before, strict=True))), []


def export_scorebook(time_zone: str) -> str:
    """The scorebook as it is now, as YAML that `import_scorebook` and `python -m analysis` read."""
    return build_scorebook(time_zone).to_yaml()


def _check(book: books.Scorebook) -> list[Problem]:
    known = {*keys_to_units(), *keys_to_representatives()}
    problems = []
    problems += _beyond_the_pages(book)
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
    return problems


def _beyond_the_pages(book: books.Scorebook) -> list[Problem]:
    """What the library can score and no page can show or change: taken over, it would be lost."""
    remedy = "Take it out, or score the file with python -m analysis."
    problems = [
        Problem(f"goal {goal.id}", "beyond_the_pages", f"The pages have no {word} yet. {remedy}")
        for goal in book.goals
        for word, given in (
            ("geometric aggregation", goal.aggregation != "arithmetic"),
            ("target for a goal", goal.target is not None),
        )
        if given
    ]
    if book.minimum_n != MINIMUM_N:
        told = f"The pages know no minimum_n but {MINIMUM_N} yet. {remedy}"
        problems.append(Problem("document", "beyond_the_pages", told))
    for kpi in book.kpis:
        words = [kpi.statistic] if kpi.statistic not in STATISTICS else []
        words += [kpi.score.rule] if kpi.score.rule != books.Goalposts.rule else []
        words += [kpi.events] if kpi.events else []
        words += ["margins"] if kpi.margins else []
        words += [kpi.interval] if kpi.interval not in ("", MEAN_INTERVALS[0]) else []
        problems += [
            Problem(f"kpi {kpi.id}", "beyond_the_pages", f"The pages have no {word} yet. {remedy}")
            for word in words
        ]
    problems += [
        Problem(
            f"target of {target.kpi} from {target.valid_from}",
            "beyond_the_pages",
            f"The pages have no adjusted targets yet. {remedy}",
        )
        for target in book.targets
        if target.adjustment is not None
    ]
    return problems


def _store(book: books.Scorebook, now: datetime, zone: ZoneInfo) -> list[Problem]:
    problems = []
    present = {goal.key: goal for goal in db.session.scalars(select(Goal))}
    for goal in book.goals:
        if goal.id in present:
            _, wrong = change_goal(present[goal.id], goal, now)
        else:
            _, wrong = add_goal(goal, now)
        problems += wrong
    for kpi in book.kpis:
        newest = present_version(kpi.id)
        _, wrong = store_kpi(kpi, newest.version if newest else 0, now)
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
            place=f"target of {target.kpi} from {target.valid_from}",
        )
        # In a file the version says which of two targets came later; in the table the order does.
        for target in sorted(book.targets, key=lambda target: target.version)
    ]
    _, wrong = set_targets(wanted, now, zone)
    return problems + wrong


def _counts() -> tuple[int, ...]:
    return tuple(
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (Goal, KpiDefinition, Target)
    )
