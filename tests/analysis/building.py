"""Facts folders and scorebooks made of a few words, for the tests of the analysis."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from analysis.facts import COLUMNS
from analysis.kpi import Scorebook, read_scorebook

MONTH = "2026-07"
AFTER = datetime(2026, 8, 2, tzinfo=UTC)

DEFAULTS: dict[str, dict[str, Any]] = {
    "ratings": {
        "questionnaire": "feedback",
        "version": 1,
        "series": 1,
        "question": "q1",
        "response": "r1",
        "customer": "",
        "unit": "",
        "representative": "",
        "answered_at": datetime(2026, 7, 3, 12, tzinfo=UTC),
        "value": None,
        "missing": None,
        "scale_low": 0.0,
        "scale_high": 10.0,
    },
    "durations": {
        "process": "sale",
        "milestone": "shown",
        "visit": "v1",
        "customer": "",
        "unit": "",
        "representative": "",
        "started_at": datetime(2026, 7, 3, 12, tzinfo=UTC),
        "seconds": None,
        "event": "reached",
    },
    "figures": {
        "measure": "sales",
        "unit": "company",
        "representative": "",
        "period_start": date(2026, 7, 1),
        "value": None,
    },
}


def write_facts(
    folder: Path, kind: str, rows: Iterable[Mapping[str, Any]], month: str = MONTH
) -> Path:
    """Write one month of one kind; what a row leaves out is filled from DEFAULTS."""
    filled = [DEFAULTS[kind] | dict(row) for row in rows]
    return write_table(folder, kind, pa.Table.from_pylist(filled, pa.schema(COLUMNS[kind])), month)


def write_table(folder: Path, kind: str, table: pa.Table, month: str = MONTH) -> Path:
    target = folder / kind / f"month={month}"
    target.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, target / "facts.parquet")
    return folder


def answers(values: Iterable[float | str | None], **common: Any) -> list[dict[str, Any]]:
    """Rating rows: a number is a value, a text a missing code; each its own response."""
    return [
        {
            "response": f"r{number}",
            "value": value if not isinstance(value, str) else None,
            "missing": value if isinstance(value, str) else None,
            **common,
        }
        for number, value in enumerate(values)
    ]


def kpi(**changes: Any) -> dict[str, Any]:
    """A KPI entry: the mean of question q1 unless changed; None takes a key out."""
    entry: dict[str, Any] = {
        "id": "k",
        "goal": "quality",
        "name": "A KPI",
        "unit": "points",
        "direction": "higher_is_better",
        "statistic": "mean",
        "source": {"questionnaire": "feedback", "question": "q1"},
        "score": {"worst": 0, "best": 10},
    }
    return {key: value for key, value in (entry | changes).items() if value is not None}


def median_kpi(**changes: Any) -> dict[str, Any]:
    """A KPI entry: the median time to the milestone shown."""
    own = {
        "unit": "seconds",
        "direction": "lower_is_better",
        "statistic": "km_median",
        "source": {"process": "sale", "milestone": "shown"},
        "score": {"worst": 100, "best": 0},
    }
    return kpi(**(own | changes))


def figure_kpi(**changes: Any) -> dict[str, Any]:
    """A KPI entry: the sum of the measure sales."""
    own = {"unit": "CHF", "statistic": "sum", "source": {"measure": "sales"}}
    return kpi(**(own | changes))


def document(*kpis: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A scorebook as a mapping: company > leasing > berne, with anna in berne, ben in leasing.

    No cell is withheld for having few people.
    """
    return {
        "format": "soundings-scorebook/1",
        "time_zone": "Europe/Zurich",
        "minimum_n": 1,
        "units": [
            {"id": "company", "name": "Example Ltd"},
            {"id": "leasing", "name": "Leasing", "parent": "company"},
            {"id": "berne", "name": "Berne", "parent": "leasing"},
            {"id": "sales", "name": "Sales", "parent": "company"},
        ],
        "representatives": [
            {"id": "anna", "name": "Anna Weber", "unit": "berne"},
            {"id": "ben", "name": "Ben Frei", "unit": "leasing"},
        ],
        "goals": [{"id": "quality", "name": "Quality"}],
        "kpis": list(kpis),
        "targets": [],
    } | changes


def book(*kpis: dict[str, Any], **changes: Any) -> Scorebook:
    return read_scorebook(yaml.safe_dump(document(*kpis, **changes)))


def target(value: float, **changes: Any) -> dict[str, Any]:
    """A target for everybody, from 2026 on."""
    return {
        "kpi": "k",
        "scope_type": "all",
        "value": value,
        "valid_from": date(2026, 1, 1),
    } | changes
