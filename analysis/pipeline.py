"""From facts and a scorebook to scored rows: the one entry to this library."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.cells import Tally
from analysis.definitions import (
    DURATION_STATISTICS,
    RATING_STATISTICS,
    Kpi,
    Scope,
    Scorebook,
    Target,
)
from analysis.durations import estimate_durations
from analysis.engines import DEFAULT_ENGINE, connected
from analysis.estimate import CI_LEVEL, Estimate
from analysis.export import Row, empty_row
from analysis.facts import open_facts
from analysis.figures import estimate_figures
from analysis.periods import Period
from analysis.ratings import estimate_ratings
from analysis.reduce import tally_kpis
from analysis.score import judge

WINDOW = "period"


def score_kpis(
    facts: str | Path,
    scorebook: Scorebook,
    period: Period,
    *,
    now: datetime,
    seed: int,
    engine: str = DEFAULT_ENGINE,
    run_id: str = "",
    on_progress: Callable[[int, str], None] | None = None,
) -> list[Row]:
    """Score every KPI of the scorebook for every scope it is declared for, in one period.

    ``facts`` is a facts folder and ``now`` an aware time: a period that ends after it is
    provisional, a visit still running is open until it. ``seed`` belongs to the run; no statistic
    here draws at random, so rows do not depend on it. ``on_progress`` hears per cent and words.

    Returns one row per KPI and scope, with the columns of ``analysis.export``, dates as ISO text.
    A scope without facts has its row too. Raises FactsError for facts that cannot be counted.
    """
    if now.tzinfo is None:
        raise ValueError("The time 'now' needs a time zone.")
    tell = on_progress or _say_nothing
    tell(0, "Reading and checking the facts")
    with connected(engine) as connection:
        tables = open_facts(connection, Path(facts), period.months())
        tell(40, "Counting the facts")
        tallies = tally_kpis(tables, scorebook, now)
    tell(80, "Estimating and scoring")
    run = {"run_id": run_id, "computed_at": now.isoformat(), **_period_columns(period)}
    is_over = period.is_over(now, scorebook.time_zone)
    numbers = {scope: number for number, scope in enumerate(scorebook.scopes)}
    rows = []
    for kpi in scorebook.kpis:
        tally = tallies[kpi.id]
        estimates = estimate(kpi, tally, period)
        for scope in scorebook.scopes_of(kpi):
            number = numbers[scope]
            target = scorebook.target_for(kpi.id, scope, period.start)
            rows.append(
                empty_row()
                | run
                | _kpi_columns(kpi, scope)
                | _estimate_columns(estimates[number])
                | judge(kpi, estimates[number], target, is_over)
                | {"inputs_hash": inputs_hash(kpi, target, tally.only(tally.cell(number)))}
            )
    tell(100, "Done")
    return rows


def estimate(kpi: Kpi, tally: Tally, period: Period) -> list[Estimate]:
    """The KPI's statistic in every scope, from its tally over the period."""
    if kpi.statistic in RATING_STATISTICS:
        return estimate_ratings(kpi, tally)
    if kpi.statistic in DURATION_STATISTICS:
        return estimate_durations(tally)
    return estimate_figures(kpi, tally, period.first_days())


def inputs_hash(kpi: Kpi, target: Target | None, cell: Tally) -> str:
    """SHA-256 over what a value is made from: definition, target and the cell's tally."""
    named = {"kpi": kpi.to_dict(), "target": target.to_dict() if target else None}
    digest = hashlib.sha256(json.dumps(named, sort_keys=True, default=str).encode())
    for name in sorted(cell.columns):
        digest.update(name.encode())
        digest.update(_as_bytes(cell.columns[name]))
    return digest.hexdigest()


def _as_bytes(column: npt.NDArray[np.generic]) -> bytes:
    """A column's content, the same on every machine; all counts are whole in a double."""
    if column.dtype.kind == "O":
        return json.dumps(column.tolist()).encode()
    numbers = (
        column.astype("datetime64[D]").astype(np.int64) if column.dtype.kind == "M" else column
    )
    return numbers.astype("<f8").tobytes()


def _say_nothing(percent: int, message: str) -> None:
    """Progress nobody asked to hear."""


def _period_columns(period: Period) -> Row:
    return {
        "period_type": period.type.value,
        "period_label": period.label,
        "period_start": period.start.isoformat(),
        "period_end": period.end.isoformat(),
        "window": WINDOW,
    }


def _kpi_columns(kpi: Kpi, scope: Scope) -> Row:
    return {
        "kpi_id": kpi.id,
        "kpi_version": kpi.version,
        "kpi_name": kpi.name,
        "goal_id": kpi.goal,
        "unit": kpi.unit,
        "statistic": kpi.statistic,
        "direction": kpi.direction.value,
        "weight": kpi.weight,
        "scope_type": scope.type.value,
        "scope_id": scope.id,
        "scope_name": scope.name,
    }


def _estimate_columns(found: Estimate) -> Row:
    has_interval = found.low is not None or found.high is not None or found.never
    return {
        "value": found.value,
        "n": found.n,
        "n_eligible": found.n_eligible,
        "n_censored": found.n_censored,
        "effective_n": found.effective_n,
        "std_error": found.std_error,
        "ci_level": CI_LEVEL if has_interval else None,
        "ci_low": found.low,
        "ci_high": found.high,
        "ci_method": found.ci_method,
    }
