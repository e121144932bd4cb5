"""The result of a score run: one row per KPI, scope, period and window, as columns."""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from analysis.csv_cells import number_cells, text_cells
from analysis.export import INTEGER_COLUMNS, Row, columns_with, is_text
from analysis.whole_files import write_whole

# So many rows are turned into text at a time, or fewer so that every writer has some.
ROWS_AT_ONCE = 20_000
WRITERS = 2
CARD_COLUMNS = ("kpi_name", "scope_name", "period_label", "value", "ci_low", "ci_high", "n",
                "target", "score", "verdict")  # fmt: skip
CARD_ROWS = 40


def schema_with(dimensions: Sequence[str]) -> pa.Schema:
    """The columns of a run with their types; see ``analysis.export.columns_with``."""
    return pa.schema(
        [
            (
                name,
                pa.string()
                if is_text(name)
                else pa.int64()
                if name in INTEGER_COLUMNS
                else pa.float64(),
            )
            for name in columns_with(dimensions)
        ]
    )


SCHEMA = schema_with(())


@dataclass(frozen=True)
class Scores:
    """Scored rows. ``table`` has the columns of ``analysis.export``, dates as ISO text.

    Shown by itself in a notebook, it is a scorecard of its first rows.

    Examples
    --------
    >>> Scores(SCHEMA.empty_table(), lambda: pa.table({}))
    0 scored rows
    """

    table: pa.Table
    roll_up: Callable[[], pa.Table] = field(repr=False, compare=False)

    @cached_property
    def goals(self) -> pa.Table:
        """One row per goal, scope, period and window: see ``analysis.goals``.

        Drawing the goals' intervals takes longer than all else, so it is done when asked for. Where
        a goal has several KPIs of one questionnaire, some answers are read for it: the facts must
        still be there.
        """
        return self.roll_up()

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows())

    def rows(self) -> list[Row]:
        """Each row as a dict: '' for no text, None for no number."""
        return self.table.to_pylist()  # type: ignore[no-any-return]

    def write_csv(self, target: str | Path | BinaryIO) -> int:
        """Write the scored CSV; the same bytes as ``analysis.export.write_csv`` of the rows.

        Returns the number of rows.
        """
        _write(self.table, target)
        return len(self)

    def write_goals(self, target: str | Path | BinaryIO) -> int:
        """Write the goals in the same form; returns the number of rows."""
        _write(self.goals, target)
        return int(self.goals.num_rows)

    def __repr__(self) -> str:
        return f"{len(self)} scored row{'' if len(self) == 1 else 's'}"

    def _repr_html_(self) -> str:
        shown = self.table.select(CARD_COLUMNS).slice(0, CARD_ROWS).to_pylist()
        head = "".join(f"<th>{name.replace('_', ' ')}</th>" for name in CARD_COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{_card_cell(row[name])}</td>" for name in CARD_COLUMNS) + "</tr>"
            for row in shown
        )
        rest = len(self) - len(shown)
        more = f"<p>and {rest} more rows</p>" if rest else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def make_table(columns: Mapping[str, Any], rows: int, schema: pa.Schema = SCHEMA) -> pa.Table:
    """A table of scored rows; a column is an array, one value for all rows, or left out.

    NaN becomes an empty cell.
    """
    arrays = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        column = columns.get(name, "" if is_text(name) else None)
        if isinstance(column, np.ndarray):
            arrays.append(_array(column, kind))
        else:
            arrays.append(pa.repeat(pa.scalar(column, kind), rows))
    return pa.table(arrays, schema=schema)


def _array(column: np.typing.NDArray[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.string():
        return pa.array(column.ravel(), kind)
    numbers = column.ravel().astype(np.float64)
    absent = np.isnan(numbers)
    if kind == pa.int64():
        return pa.array(np.where(absent, 0, numbers).astype(np.int64), mask=absent)
    return pa.array(numbers, mask=absent)


def _card_cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else html.escape(str(value))


def _write(table: pa.Table, target: str | Path | BinaryIO) -> None:
    if isinstance(target, str | Path):
        write_whole(Path(target), lambda stream: _write(table, stream))
        return
    target.write((",".join(table.column_names) + "\r\n").encode())
    # Arrow leaves Python's lock to others while it works: a few batches are made side by side.
    with ThreadPoolExecutor(WRITERS) as pool:
        at_once = max(1, min(ROWS_AT_ONCE, -(-table.num_rows // WRITERS)))
        for batch in _grouped(table.combine_chunks().to_batches(at_once), WRITERS):
            for lines in pool.map(_csv_lines, batch):
                target.write(lines)


def _grouped(batches: list[pa.RecordBatch], size: int) -> Iterator[list[pa.RecordBatch]]:
    for start in range(0, len(batches), size):
        yield batches[start : start + size]


def _csv_lines(batch: pa.RecordBatch) -> memoryview:
    """The batch as CSV, made column by column; nothing is done cell by cell in Python."""
    cells = [
        text_cells(column) if pa.types.is_string(column.type) else number_cells(column)
        for column in batch.columns
    ]
    ends = pa.scalar("\r\n")
    lines = pa.compute.binary_join_element_wise(
        pa.compute.binary_join_element_wise(*cells, ","), ends, ""
    )
    _validity, offsets, data = lines.buffers()
    span = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(data)[int(span[0]) : int(span[-1])]
