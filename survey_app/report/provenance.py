"""Where a number comes from: its run, definition, target, counts, months and source rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from analysis.definitions import DURATION_STATISTICS, FIGURE_STATISTICS
from analysis.periods import LONG_MONTHS, WindowType
from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.goals.models import Target
from survey_app.organisation.calendars import months_before
from survey_app.organisation.sight import Sight
from survey_app.report.cards import KpiLine, make_scorecard
from survey_app.report.models import Exhibit, ScoreRow, ScoreRun
from survey_app.report.queries import Scope, rows_of_scope
from survey_app.report.run_card import card_of
from survey_app.report.sources import Reader, SourceRows, read_source_rows


@dataclass(frozen=True)
class Provenance:
    """One KPI of one scope in one run, with all that it rests on."""

    line: KpiLine
    definition: Mapping[str, Any]
    goal: str
    target: Target | None
    files: tuple[Mapping[str, Any], ...]
    exhibits: Mapping[str, Mapping[str, Any]]
    sources: SourceRows | None


def trace(
    run: ScoreRun,
    kpi_id: str,
    scope: Scope,
    zone: ZoneInfo,
    within: Sight = None,
    rows_of: Collection[str] = (),
) -> Provenance:
    """Trace a KPI of a scope to its sources; raises NotFound if the run has no such number.

    Source rows are read `within` somebody's sight, of these kinds of facts alone, and never where
    the number itself is withheld, or rests on fewer people than may be told.
    """
    card = card_of(run)
    rows = [row for row in rows_of_scope(run, scope) if row["kpi_id"] == kpi_id]
    if not rows:
        raise NotFound("This run has no such KPI for this unit or representative.")
    line = make_scorecard(card, rows).lines[0]
    definition = card["kpis"][kpi_id]["definition"]
    names = {goal["id"]: goal["name"] for goal in card["goals"]}
    start = months_before(run.period_end, LONG_MONTHS)
    kind = kind_of(line.row)
    is_told = kind in rows_of and not any(
        row["suppressed_reason"]
        or (kind != "figures" and (row["n_eligible"] or 0) < card["minimum_n"])
        for row in rows
    )
    return Provenance(
        line=line,
        definition=definition,
        goal=names.get(definition["goal"], ""),
        target=_target_behind(line.row),
        files=tuple(
            one
            for one in run.facts_files
            if one["kind"] == kind
            and min(start, run.period_start).isoformat()[:7]
            <= one["month"]
            < run.period_end.isoformat()[:7]
        ),
        exhibits=exhibits_of(run, kpi_id, scope),
        sources=read_source_rows(
            definition["source"],
            scope,
            run.period_start,
            run.period_end,
            zone,
            Reader(within, _withheld_scopes(run, kpi_id)),
        )
        if is_told
        else None,
    )


def _withheld_scopes(run: ScoreRun, kpi_id: str) -> frozenset[tuple[str, str]]:
    """Those whose number of this KPI is withheld in either window."""
    rows = db.session.scalars(
        select(ScoreRow.document).where(
            ScoreRow.run_id == run.id, ScoreRow.kpi_id == kpi_id, ScoreRow.dimension == ""
        )
    )
    return frozenset(
        (row["scope_type"], row["scope_id"]) for row in rows if row["suppressed_reason"]
    )


def kind_of(row: Mapping[str, Any]) -> str:
    """Which facts a scored row rests on."""
    if row["statistic"] in DURATION_STATISTICS:
        return "durations"
    return "figures" if row["statistic"] in FIGURE_STATISTICS else "ratings"


def months_of(run: ScoreRun, window: str) -> set[str]:
    """The months ('YYYY-MM') of a run's window."""
    start = run.period_start
    if window == WindowType.LONG:
        start = months_before(run.period_end, LONG_MONTHS)
    months = set()
    while start < run.period_end:
        months.add(start.isoformat()[:7])
        start = months_before(start, -1)
    return months


def exhibits_of(run: ScoreRun, kpi_id: str, scope: Scope) -> dict[str, Mapping[str, Any]]:
    """What the run keeps beside the KPI's rows of the scope, by kind."""
    found = db.session.scalars(
        select(Exhibit).where(
            Exhibit.run_id == run.id,
            Exhibit.kpi_id == kpi_id,
            Exhibit.scope_type == scope.type,
            Exhibit.scope_id == scope.id,
        )
    )
    return {one.kind: one.document for one in found}


def _target_behind(row: Mapping[str, Any]) -> Target | None:
    """The target that a row was judged by: its version counts the targets of a KPI and scope."""
    if row["target_version"] is None:
        return None
    type_, _, key = row["target_scope"].partition(":")
    return db.session.scalar(
        select(Target)
        .where(Target.kpi_key == row["kpi_id"], Target.scope_type == type_, Target.scope_key == key)
        .order_by(Target.id)
        .offset(row["target_version"] - 1)
        .limit(1)
    )
