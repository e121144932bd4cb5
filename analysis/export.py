"""The scored CSV: its columns, in order, and how a row is written.

UTF-8, RFC 4180 (commas, CRLF, quotes doubled), decimal point, full precision, ISO 8601 dates,
an empty cell for no number.
"""

import csv
import io
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from typing import TextIO, TypeAlias

from analysis.definitions import DIMENSION

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = dict[str, Cell]

COLUMNS: tuple[str, ...] = (
    "run_id",
    "computed_at",
    "kpi_id",
    "kpi_version",
    "kpi_name",
    "goal_id",
    "unit",
    "statistic",
    "direction",
    "scope_type",
    "scope_id",
    "scope_name",
    "period_type",
    "period_label",
    "period_start",
    "period_end",
    "window",
    "value",
    "n",
    "n_eligible",
    "response_rate",
    "n_censored",
    "effective_n",
    "std_error",
    "ci_level",
    "ci_low",
    "ci_high",
    "ci_method",
    "target",
    "target_scope",
    "target_version",
    "target_source",
    "target_adjusted",
    "deviation_abs",
    "deviation_rel",
    "deviation_se",
    "score",
    "score_low",
    "score_high",
    "score_rule",
    "weight",
    "coverage",
    "verdict",
    "verdict_reason",
    "n_to_decide",
    "prev_value",
    "change_abs",
    "change_ci_low",
    "change_ci_high",
    "change_p",
    "change_p_adjusted",
    "trend_slope",
    "obs_status",
    "suppressed_reason",
    "inputs_hash",
)

TEXT_COLUMNS = frozenset(
    {
        "run_id",
        "computed_at",
        "kpi_id",
        "kpi_name",
        "goal_id",
        "unit",
        "statistic",
        "direction",
        "scope_type",
        "scope_id",
        "scope_name",
        "period_type",
        "period_label",
        "period_start",
        "period_end",
        "window",
        "ci_method",
        "target_scope",
        "target_source",
        "score_rule",
        "verdict",
        "verdict_reason",
        "obs_status",
        "suppressed_reason",
        "inputs_hash",
    }
)

INTEGER_COLUMNS = frozenset(
    {"kpi_version", "n", "n_eligible", "n_censored", "target_version", "n_to_decide"}
)

# Columns of dimensions, `dim_<name>`, stand behind it where rows have them; all text.
LAST_OF_SCOPE = "scope_name"

# A spreadsheet runs a cell that begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"


def columns_with(dimensions: Sequence[str]) -> tuple[str, ...]:
    """The columns of a run that breaks KPIs down: ``dim_<name>`` each, after the scope's name.

    Examples
    --------
    >>> columns_with([]) == COLUMNS
    True
    >>> columns_with(["region"])[11:14]
    ('scope_name', 'dim_region', 'period_type')
    """
    at = COLUMNS.index(LAST_OF_SCOPE) + 1
    return (*COLUMNS[:at], *(DIMENSION + name for name in dimensions), *COLUMNS[at:])


def is_text(column: str) -> bool:
    """Whether a column holds text; all others hold numbers."""
    return column in TEXT_COLUMNS or column.startswith(DIMENSION)


def empty_row(dimensions: Sequence[str] = ()) -> Row:
    """A row with every column: '' in text columns, None (an empty cell) in numeric ones."""
    return {column: "" if is_text(column) else None for column in columns_with(dimensions)}


def columns_of(names: Iterable[str], columns: Sequence[str] = COLUMNS) -> tuple[str, ...]:
    """The columns of rows that have these names, in their order: dimensions among ``columns``.

    Raises ValueError where a column is missing, or is neither one of them nor a dimension.
    """
    found = list(names)
    dimensions = [name for name in found if name.startswith(DIMENSION) and name != DIMENSION]
    _refuse_odd({*found} - {*dimensions}, {*columns})
    place = columns.index(LAST_OF_SCOPE) + 1
    return (*columns[:place], *dimensions, *columns[place:])


def csv_lines(
    rows: Iterable[Mapping[str, Cell]], bom: bool = False, dimensions: Sequence[str] = ()
) -> Iterator[str]:
    """The CSV in pieces of one record each, header first; nothing is held back.

    ``dimensions`` are the names of those that the rows are broken down by, in order. Raises
    ValueError for a row with other columns, text in a numeric column, NaN or infinity.
    """
    columns = columns_with(dimensions)
    return record_lines(columns, {name for name in columns if is_text(name)}, rows, bom)


def record_lines(
    columns: Sequence[str],
    texts: Collection[str],
    rows: Iterable[Mapping[str, Cell]],
    bom: bool = False,
) -> Iterator[str]:
    """As ``csv_lines``, of any table; ``texts`` are those of its columns that hold text."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    if bom:
        buffer.write(BOM)
    writer.writerow(columns)
    yield _taken(buffer)
    expected = frozenset(columns)
    for row in rows:
        if row.keys() != expected:
            _refuse_odd(row.keys(), expected)
        writer.writerow([_written(column, row[column], column in texts) for column in columns])
        yield _taken(buffer)


def write_csv(
    rows: Iterable[Mapping[str, Cell]],
    stream: TextIO,
    bom: bool = False,
    dimensions: Sequence[str] = (),
) -> int:
    """Write to a text stream opened as UTF-8 with ``newline=""``; returns the number of rows."""
    written = -1
    for line in csv_lines(rows, bom, dimensions):
        stream.write(line)
        written += 1
    return written


def _refuse_odd(found: Set[str], expected: Set[str]) -> None:
    if odd := found ^ expected:
        raise ValueError(f"A scored row has the wrong columns: {', '.join(sorted(odd))}.")


def _taken(buffer: io.StringIO) -> str:
    piece = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _written(column: str, cell: Cell, textual: bool) -> str:
    if textual:
        if not isinstance(cell, str):
            raise ValueError(f"The text column {column} holds {cell!r}, which is not text.")
        return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
    if cell is None:
        return ""
    if isinstance(cell, bool | str) or not math.isfinite(cell):
        raise ValueError(f"The numeric column {column} holds {cell!r}, which is not a number.")
    return repr(cell)
