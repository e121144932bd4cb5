"""The three tables of facts: their columns, and what a row must fulfil before anything counts it.

A facts folder holds ``<kind>/month=YYYY-MM/*.parquet``. The month is that of the fact in the
organisation's time zone and decides to which period the fact belongs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import BooleanValue, Table

from analysis.definitions import MISSING_CODES
from analysis.engines import Connection, read_months
from analysis.periods import MONTH

EVENTS = ("reached", "called_back", "left", "open")
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "ratings": {
        "questionnaire": pa.string(),
        "version": pa.int32(),
        "series": pa.int32(),
        "question": pa.string(),
        "response": pa.string(),
        "customer": pa.string(),
        "unit": pa.string(),
        "representative": pa.string(),
        "answered_at": pa.timestamp("us", "UTC"),
        "value": pa.float64(),
        "missing": pa.string(),
        "scale_low": pa.float64(),
        "scale_high": pa.float64(),
    },
    "durations": {
        "process": pa.string(),
        "milestone": pa.string(),
        "visit": pa.string(),
        "customer": pa.string(),
        "unit": pa.string(),
        "representative": pa.string(),
        "started_at": pa.timestamp("us", "UTC"),
        "seconds": pa.float64(),
        "event": pa.string(),
    },
    "figures": {
        "measure": pa.string(),
        "unit": pa.string(),
        "representative": pa.string(),
        "period_start": pa.date32(),
        "value": pa.float64(),
    },
}
KINDS = tuple(COLUMNS)
MAY_BE_EMPTY = {"ratings": {"value", "missing"}, "durations": {"seconds"}, "figures": set[str]()}


class FactsError(ValueError):
    """Facts that cannot be counted; the message is a sentence for people."""


@dataclass(frozen=True)
class Facts:
    """The facts of some months, as tables on an engine; a kind without files is empty."""

    ratings: Table
    durations: Table
    figures: Table


def months_of(folder: Path) -> list[str]:
    """The months (YYYY-MM) that have facts of any kind, in order.

    Raises FactsError for a folder that is none or holds no facts.
    """
    found = {month for kind in KINDS for month, _ in _files(folder, kind)}
    if not found:
        raise FactsError(
            f"There are no facts in {folder}. It should hold {', '.join(KINDS)}, each with "
            "folders such as month=2026-07 that hold Parquet files."
        )
    return sorted(found)


def open_facts(connection: Connection, folder: Path, months: Iterable[str]) -> Facts:
    """Open the facts of the given months, every row checked.

    Raises FactsError for a folder without facts, a wrong column or type, and for rows with NaN,
    with both or neither of value and missing code, or otherwise outside their definition.
    """
    months_of(folder)
    wanted = set(months)
    return Facts(*(_open(connection, folder, kind, wanted) for kind in KINDS))


def _files(folder: Path, kind: str) -> list[tuple[str, Path]]:
    if not folder.is_dir():
        raise FactsError(f"There is no folder {folder}. Give the folder that holds the facts.")
    found = []
    for file in sorted(folder.glob(f"{kind}/*/*.parquet")):
        key, _, month = file.parent.name.partition("=")
        if key != "month" or not MONTH.fullmatch(month):
            raise FactsError(
                f"The folder {file.parent} is not named for a month. Name it like month=2026-07."
            )
        found.append((month, file))
    return found


def _open(connection: Connection, folder: Path, kind: str, months: set[str]) -> Table:
    files = [file for month, file in _files(folder, kind) if month in months]
    for file in files:
        _check_columns(kind, file)
    if not files:
        columns = pa.schema({**COLUMNS[kind], "month": pa.string()})
        return ibis.memtable(columns.empty_table())
    table = read_months(connection, files)
    _check_rows(kind, table, files)
    if kind == "figures":
        _check_once(table)
    return table


def _check_columns(kind: str, file: Path) -> None:
    try:
        present = pq.read_schema(file)
    except (pa.ArrowException, OSError) as error:
        raise FactsError(f"The file {file} cannot be read as Parquet ({error}).") from error
    expected = COLUMNS[kind]
    missing = [name for name in expected if name not in present.names]
    if missing:
        raise FactsError(f"The file {file} lacks the columns {', '.join(missing)} of {kind}.")
    extra = [name for name in present.names if name not in expected]
    if extra:
        raise FactsError(f"The file {file} has columns that {kind} lacks: {', '.join(extra)}.")
    for name, type_ in expected.items():
        if present.field(name).type != type_:
            raise FactsError(
                f"In the file {file} the column {name} is {present.field(name).type}; "
                f"{kind} need {type_}."
            )


def _check_rows(kind: str, table: Table, files: Sequence[Path]) -> None:
    """Count the rows that break each rule, all in one pass over the table."""
    rules = {
        **_no_empty_cells(kind, table, files),
        **{"ratings": _ratings, "durations": _durations, "figures": _figures}[kind](table),
    }
    counts = table.aggregate(
        **{f"rule_{number}": broken.sum() for number, broken in enumerate(rules.values())}
    ).to_pyarrow()
    for sentence, broken in zip(rules, counts.to_pylist()[0].values(), strict=True):
        if broken:
            rows = "1 row" if broken == 1 else f"{broken} rows"
            raise FactsError(f"In the {kind}, {rows} cannot be counted: {sentence}")


def _check_once(figures: Table) -> None:
    """A figure that is there twice would count twice; there are few, so all are compared."""
    keys = ("measure", "unit", "representative", "period_start")
    several = figures.group_by(*keys).having(ibis._.count() > 1).aggregate().limit(1).to_pyarrow()
    for row in several.to_pylist():
        told = ", ".join(f"{name} '{row[name]}'" for name in keys)
        raise FactsError(f"In the figures there are two rows of {told}. Keep one of them.")


def _no_empty_cells(kind: str, table: Table, files: Sequence[Path]) -> dict[str, BooleanValue]:
    suspects = {name for file in files for name in _perhaps_empty(file)}
    return {
        f"the column {name} is empty there.": table[name].isnull()
        for name in COLUMNS[kind]
        if name in suspects and name not in MAY_BE_EMPTY[kind]
    }


def _perhaps_empty(file: Path) -> set[str]:
    """The columns for which the file's own statistics do not rule out empty cells.

    Reading these spares a pass over columns, such as the response, that nothing else reads.
    """
    metadata = pq.read_metadata(file)
    chunks = (
        metadata.row_group(group).column(at)
        for group in range(metadata.num_row_groups)
        for at in range(metadata.num_columns)
    )
    return {
        chunk.path_in_schema
        for chunk in chunks
        if not chunk.is_stats_set
        or not chunk.statistics.has_null_count
        or chunk.statistics.null_count
    }


def _ratings(table: Table) -> dict[str, BooleanValue]:
    value, missing = table["value"], table["missing"]
    low, high = table["scale_low"], table["scale_high"]
    return {
        "the value is not a finite number; a missing value must be NULL.": _not_finite(value),
        "exactly one of value and missing code must be given.": value.isnull() == missing.isnull(),
        f"the missing code is none of {', '.join(MISSING_CODES)}.": missing.notin(MISSING_CODES),
        "the scale's ends are not two finite numbers in order.": (
            _not_finite(low) | _not_finite(high) | (low >= high)
        ),
        "the value lies outside its scale.": (value < low) | (value > high),
        "the series is not 1 or more.": table["series"] < 1,
    }


def _durations(table: Table) -> dict[str, BooleanValue]:
    seconds, event = table["seconds"], table["event"]
    return {
        "the seconds are not a finite number.": _not_finite(seconds),
        "the seconds are negative.": seconds < 0,
        f"the event is none of {', '.join(EVENTS)}.": event.notin(EVENTS),
        "only an open visit may lack its seconds.": seconds.isnull() & (event != "open"),
    }


def _figures(table: Table) -> dict[str, BooleanValue]:
    start = table["period_start"]
    in_folder = start.strftime("%Y-%m") == table["month"]
    return {
        "the value is not a finite number.": _not_finite(table["value"]),
        "period_start lies outside the month of its folder.": ~in_folder,
    }


def _not_finite(number: ibis.expr.types.FloatingValue) -> BooleanValue:
    return number.isnan() | number.isinf()
