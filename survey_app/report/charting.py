"""Choosing a chart of a run and making its figure, within what the user may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.domain.problems import Conflict, NotFound
from survey_app.report.chart_queries import (
    find_exhibit,
    kpis_exhibited,
    name_of_milestone,
    names_of_kpis,
    row_of,
    rows_of_kpi,
    rows_of_window,
    windows_of,
)
from survey_app.report.charts.curves import make_curve
from survey_app.report.charts.distributions import make_distribution
from survey_app.report.charts.dots import make_scope_dots, make_score_dots
from survey_app.report.charts.drivers import make_drivers
from survey_app.report.charts.figure import Figure
from survey_app.report.charts.funnels import make_funnel
from survey_app.report.charts.histories import make_history
from survey_app.report.models import ScoreRun
from survey_app.report.queries import Scope, SeenResults
from survey_app.report.run_card import card_of


@dataclass(frozen=True)
class Kind:
    """A kind of chart: its name, the question it answers, and what is chosen for it."""

    name: str
    question: str
    has_kpi: bool = True
    has_scope: bool = True
    has_window: bool = True
    units_only: bool = False


KINDS = {
    "scores": Kind("Scores", "How do all KPIs stand against their targets?", has_kpi=False),
    "scopes": Kind("Comparison", "How does one KPI stand in each unit?", has_scope=False),
    "history": Kind("History", "Has a KPI changed, or does it vary by itself?", has_window=False),
    "answers": Kind("Answers", "How are the answers to a question distributed?"),
    "curve": Kind("Time curve", "How many visits get there, and after how long?"),
    "funnel": Kind("Funnel", "Which representatives differ by more than chance?", units_only=True),
    "drivers": Kind(
        "Drivers", "What goes with the overall answer?", has_window=False, units_only=True
    ),
}
SUPPRESSED = (
    "Too few people are behind this, or it would give away so few elsewhere: it is not shown. A "
    "longer period or a larger unit may be."
)
EMPTY = "There is nothing to draw in this window: nobody answered, or nothing was measured."
FEW = (
    "Fewer than three representatives have enough answers or visits here to be compared. A longer "
    "period or a larger unit may have more."
)


@dataclass(frozen=True)
class Chart:
    """A chosen chart: the figure, or the sentence on why there is none."""

    kind: str
    kpi_id: str
    scope: Scope
    window: str
    kpis: Mapping[str, str]
    windows: tuple[str, ...]
    figure: Figure | None
    reason: str = ""
    is_there: bool = True

    @property
    def arguments(self) -> dict[str, str]:
        """What its address says."""
        kind = KINDS[self.kind]
        chosen = {
            "kpi": self.kpi_id if kind.has_kpi else "",
            "scope": self.scope.label if kind.has_scope else "",
            "window": self.window if kind.has_window else "",
        }
        return {name: value for name, value in chosen.items() if value}

    @property
    def file_name(self) -> str:
        """What its files are called, without their ending."""
        parts = [self.kind, *self.arguments.values()]
        return "_".join(part.replace(":", "-") for part in parts)


def kinds_drawn(run: ScoreRun, sight: SeenResults) -> set[str]:
    """The kinds of which the run has anything to draw, for whoever sees this."""
    sees_units = any(scope.type != "representative" for scope in sight.scopes)
    return {
        kind
        for kind, told in KINDS.items()
        if (sees_units or not told.units_only)
        and (kind not in EXHIBITED or kpis_exhibited(run, kind))
    }


def choose_chart(run: ScoreRun, kind: str, wanted: Mapping[str, str], sight: SeenResults) -> Chart:
    """The chart that an address asks for; what it leaves open is the first there is.

    `wanted` may have `kpi`, `scope` and `window`. Raises NotFound for an unknown kind or KPI and
    for a scope out of sight, Conflict for a run that is not done.
    """
    if kind not in KINDS:
        raise NotFound("There is no such kind of chart. Choose one from the list of charts.")
    if run.state != "done":
        raise Conflict("This run is not done, so there is nothing to draw yet.")
    if not sight.scopes:
        raise NotFound("You see no results yet, so there is nothing to draw for you.")
    scope = sight.choose(wanted.get("scope", ""))
    names = names_of_kpis(run)
    exhibited = kpis_exhibited(run, kind) if kind in EXHIBITED else set(names)
    kpis = {kpi_id: name for kpi_id, name in names.items() if kpi_id in exhibited}
    windows = tuple(windows_of(run))
    kpi_id = wanted.get("kpi") or _first_kpi(run, kind, kpis, scope)
    window = wanted.get("window") or windows[0]
    if window not in windows or (kpi_id and kpi_id not in names):
        raise NotFound("This run has no such KPI or window. Choose one of those in the list.")
    figure, reason, is_there = MAKERS[kind](run, kpi_id, scope, window, sight)
    return Chart(kind, kpi_id, scope, window, kpis, windows, figure, reason, is_there)


Made = tuple[Figure | None, str, bool]


def _first_kpi(run: ScoreRun, kind: str, kpis: Mapping[str, str], scope: Scope) -> str:
    """The first KPI with an exhibit for the scope, or else the first."""
    here = kpis_exhibited(run, kind, scope) if kind in EXHIBITED else set(kpis)
    return next((one for one in kpis if one in here), next(iter(kpis), ""))


def _make_scores(
    run: ScoreRun, _kpi_id: str, scope: Scope, window: str, _sight: SeenResults
) -> Made:
    rows = rows_of_window(run, scope, window)
    figure = make_score_dots(rows, card_of(run)["kpis"], run.period_label, window)
    if not rows:
        return None, f"No KPI of this run is meant for {scope.name}.", False
    return figure, f"No KPI has a score for {scope.name} in this window.", True


def _make_scopes(
    run: ScoreRun, kpi_id: str, _scope: Scope, window: str, sight: SeenResults
) -> Made:
    rows = rows_of_kpi(run, kpi_id, window, sight)
    if not rows:
        return None, "This KPI is computed for nobody whose results you see.", False
    return make_scope_dots(rows, run.period_label, window), EMPTY, True


def _make_history(
    run: ScoreRun, kpi_id: str, scope: Scope, _window: str, _sight: SeenResults
) -> Made:
    def make(document: dict[str, Any], row: dict[str, Any]) -> Figure | None:
        return make_history(document, row)

    return _from_exhibit(run, "history", kpi_id, scope, "period", make)


def _make_answers(
    run: ScoreRun, kpi_id: str, scope: Scope, window: str, _sight: SeenResults
) -> Made:
    def make(document: dict[str, Any], row: dict[str, Any]) -> Figure | None:
        return make_distribution(document, row, window)

    return _from_exhibit(run, "answers", kpi_id, scope, window, make)


def _make_curve(run: ScoreRun, kpi_id: str, scope: Scope, window: str, _sight: SeenResults) -> Made:
    def make(document: dict[str, Any], row: dict[str, Any]) -> Figure | None:
        name = name_of_milestone(document["process"], document["milestone"])
        return make_curve(document, row, window, name)

    return _from_exhibit(run, "curve", kpi_id, scope, window, make)


def _make_funnel(run: ScoreRun, kpi_id: str, scope: Scope, window: str, sight: SeenResults) -> Made:
    document = find_exhibit(run, "funnel", kpi_id, scope)
    rows = rows_of_kpi(run, kpi_id, window, sight)
    if document is None or not rows:
        return None, _say_absent(run, "funnel", scope), False
    seen = {one.id for one in sight.scopes if one.type == "representative"}
    return make_funnel(document, rows[0], scope.name, window, seen), FEW, True


def _make_drivers(
    run: ScoreRun, kpi_id: str, scope: Scope, _window: str, _sight: SeenResults
) -> Made:
    document = find_exhibit(run, "drivers", kpi_id, scope)
    if document is None:
        return None, _say_absent(run, "drivers", scope), False
    if document["status"] == "suppressed":
        return None, SUPPRESSED, True
    return make_drivers(document, scope.name, run.period_label), document.get("reason", ""), True


def _from_exhibit(
    run: ScoreRun,
    kind: str,
    kpi_id: str,
    scope: Scope,
    window: str,
    make: Callable[[dict[str, Any], dict[str, Any]], Figure | None],
) -> Made:
    """The figure of an exhibit, or why there is none."""
    document = find_exhibit(run, kind, kpi_id, scope)
    row = row_of(run, kpi_id, scope, window)
    if document is None or row is None:
        return None, _say_absent(run, kind, scope), False
    told = document.get("windows", {}).get(window, document)
    if told.get("status") == "suppressed":
        return None, SUPPRESSED, True
    return make(document, row), EMPTY, True


def _say_absent(run: ScoreRun, kind: str, scope: Scope) -> str:
    if not kpis_exhibited(run, kind):
        return (
            "This run has kept nothing for this kind of chart: no KPI has such data, or the run "
            "is older than the charts; then scoring the period again helps."
        )
    return (
        f"There is no such chart of this KPI for {scope.name}: it is not computed there, has no "
        "data, or this run is so large that charts are kept for its upper units only."
    )


EXHIBITED = frozenset({"history", "answers", "curve", "funnel", "drivers"})
MAKERS: dict[str, Callable[[ScoreRun, str, Scope, str, SeenResults], Made]] = {
    "scores": _make_scores,
    "scopes": _make_scopes,
    "history": _make_history,
    "answers": _make_answers,
    "curve": _make_curve,
    "funnel": _make_funnel,
    "drivers": _make_drivers,
}
