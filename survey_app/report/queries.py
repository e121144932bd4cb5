"""Reading runs and their rows, never more of them than the user may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.goals.models import KpiDefinition
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import (
    representative_of,
    root_unit,
    sees_company,
    units_in_order,
    visible_unit_ids,
)
from survey_app.report.models import GoalRow, PeriodClosing, ScoreRow, ScoreRun

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Scope:
    """Somebody or something whose scorecard can be shown."""

    type: str
    id: str
    name: str
    depth: int = 0

    @property
    def label(self) -> str:
        """As in an address: 'all', 'unit:leasing', 'representative:anna'."""
        return f"{self.type}:{self.id}" if self.id else self.type


@dataclass(frozen=True)
class SeenResults:
    """Whose results a user may see: everybody's, or those of the scopes named."""

    everything: bool
    scopes: tuple[Scope, ...]

    def choose(self, label: str) -> Scope:
        """The scope of this label, or the first one; raises NotFound for one out of sight."""
        for scope in self.scopes:
            if label in ("", scope.label):
                return scope
        raise NotFound("There is no such scorecard among those you may see.")

    def condition(self, table: Any = ScoreRow) -> ColumnElement[bool]:
        """What a row of a table with scopes must fulfil to be shown to the user."""
        if self.everything:
            return true()
        ids: dict[str, list[str]] = {}
        for scope in self.scopes:
            ids.setdefault(scope.type, []).append(scope.id)
        # By type: one condition for each scope would nest deeper than databases allow.
        seen = [
            and_(table.scope_type == type_, table.scope_id.in_(found))
            for type_, found in ids.items()
        ]
        return or_(false(), *seen)


def results_seen_by(user: User) -> SeenResults:
    """Whose results the user may see.

    Who sees the company sees everybody. Others see their units with all below them, the
    representatives there, and as representatives themselves.
    """
    company = root_unit()
    unit_ids = visible_unit_ids(user)
    everything = sees_company(user)
    myself = representative_of(user)
    people = db.session.scalars(select(Representative).order_by(Representative.name)).all()
    scopes = []
    if everything:
        scopes.append(Scope("all", "", company.name if company else "Everybody"))
    for depth, unit in units_in_order():
        # The company's own results are those of everybody.
        if unit.id in unit_ids and unit.parent_id is not None:
            scopes.append(Scope("unit", unit.key, unit.name, depth))
    scopes += [
        Scope("representative", person.key, person.name)
        for person in people
        if everything or person.unit_id in unit_ids or person is myself
    ]
    return SeenResults(everything, tuple(scopes))


def newest_runs() -> list[ScoreRun]:
    """The run that counts of each period, the period that ends last first.

    It is the one the period was closed with, or else the newest finished one.
    """
    newest = (
        select(func.max(ScoreRun.id))
        .where(ScoreRun.state == "done", ScoreRun.period_label.not_in(_closed_labels()))
        .group_by(ScoreRun.period_label)
    )
    closed = select(PeriodClosing.run_id).where(PeriodClosing.is_closed)
    return list(
        db.session.scalars(
            select(ScoreRun)
            .where(or_(ScoreRun.id.in_(newest), ScoreRun.id.in_(closed)))
            .order_by(ScoreRun.period_end.desc(), ScoreRun.id.desc())
        )
    )


def run_to_begin_with(runs: Sequence[ScoreRun], today: date) -> ScoreRun:
    """Of some `newest_runs`, the first whose period is over; without any, the first."""
    return next((run for run in runs if run.period_end <= today), runs[0])


def _closed_labels() -> Select[tuple[str]]:
    return select(PeriodClosing.period_label).where(PeriodClosing.is_closed)


def closing_of(run: ScoreRun) -> PeriodClosing | None:
    """The closing of the run's period that holds now, whichever run it was closed with."""
    return db.session.scalar(
        select(PeriodClosing).where(
            PeriodClosing.period_label == run.period_label, PeriodClosing.is_closed
        )
    )


def closings_of(label: str) -> list[tuple[PeriodClosing, str | None]]:
    """Every closing of a period, the latest first, each with the address of who closed it."""
    return list(
        db.session.execute(
            select(PeriodClosing, User.email)
            .outerjoin(User, User.id == PeriodClosing.closed_by_id)
            .where(PeriodClosing.period_label == label)
            .order_by(PeriodClosing.id.desc())
        ).tuples()
    )


def closed_run_ids() -> set[int]:
    """The runs that periods are closed with now."""
    return set(db.session.scalars(select(PeriodClosing.run_id).where(PeriodClosing.is_closed)))


def recent_runs(count: int = 100) -> list[tuple[ScoreRun, str | None]]:
    """The runs asked for last, the latest first, each with the address of who asked."""
    return list(
        db.session.execute(
            select(ScoreRun, User.email)
            .outerjoin(User, User.id == ScoreRun.requested_by_id)
            .order_by(ScoreRun.id.desc())
            .limit(count)
        ).tuples()
    )


def run_by_public_id(public_id: str) -> ScoreRun:
    """The run with this id; raises NotFound."""
    run = db.session.scalar(select(ScoreRun).where(ScoreRun.public_id == public_id))
    if run is None:
        raise NotFound("There is no such run. Look for it in the list of runs.")
    return run


def rows_of_scope(run: ScoreRun, scope: Scope) -> list[dict[str, Any]]:
    """The scored rows of one scope as a whole in both windows, in the run's order."""
    return _documents(
        select(ScoreRow.document)
        .where(ScoreRow.dimension == "", *_is_of(ScoreRow, run, scope))
        .order_by(ScoreRow.position)
    )


def goals_of_scope(run: ScoreRun, scope: Scope) -> list[dict[str, Any]]:
    """The rows of the goals of one scope in both windows, in the run's order."""
    return _documents(
        select(GoalRow.document).where(*_is_of(GoalRow, run, scope)).order_by(GoalRow.position)
    )


def _documents(query: Select[tuple[dict[str, Any]]]) -> list[dict[str, Any]]:
    return list(db.session.scalars(query))


def _is_of(
    table: type[ScoreRow] | type[GoalRow], run: ScoreRun, scope: Scope
) -> tuple[ColumnElement[bool], ...]:
    return (
        table.run_id == run.id,
        table.scope_type == scope.type,
        table.scope_id == scope.id,
    )


def stream_rows(run_id: int, sight: SeenResults) -> Iterator[dict[str, Any]]:
    """All scored rows of a run that are in sight, in the run's order, a few held at a time.

    Those of breakdowns too: `breakdowns.dimensions_of` names their columns.
    """
    yield from db.session.scalars(
        select(ScoreRow.document)
        .where(ScoreRow.run_id == run_id, sight.condition())
        .order_by(ScoreRow.position)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )


def count_rows(run: ScoreRun) -> tuple[int, int, int]:
    """How many rows, KPIs and scopes a run has."""
    rows, kpis = db.session.execute(
        select(func.count(), func.count(ScoreRow.kpi_id.distinct())).where(
            ScoreRow.run_id == run.id
        )
    ).one()
    scopes = (
        select(ScoreRow.scope_type, ScoreRow.scope_id)
        .where(ScoreRow.run_id == run.id)
        .distinct()
        .subquery()
    )
    return rows, kpis, db.session.scalar(select(func.count()).select_from(scopes)) or 0


def is_defined() -> bool:
    """Whether there is any KPI to score."""
    return db.session.scalar(select(KpiDefinition.id).limit(1)) is not None
