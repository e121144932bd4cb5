"""What tables are made of: columns side by side, part by part, each part small.

Loads pyarrow. Where a column, or several together, hold few different rows of cells, a part has
only the place of each row among them. So nothing is written or compared cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from survey_app.report.answers.columns import DAY, INTEGER, NUMBER, Cell, Column
from survey_app.report.answers.opening import Opened

ROWS_AT_ONCE = 16_384
MOMENT = "datetime"

TYPES = {
    INTEGER: pa.int64(),
    NUMBER: pa.float64(),
    DAY: pa.date32(),
    MOMENT: pa.timestamp("us", "UTC"),
}


@dataclass(frozen=True)
class Coded:
    """Columns that together hold one of `rows`; in a part: the place of each row, whole numbers."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True)
class Plain:
    """A column; in a part: an Arrow array of its type."""

    columns: tuple[Column]


Field: TypeAlias = Coded | Plain
Cells: TypeAlias = NDArray[np.int32] | pa.Array


@dataclass(frozen=True)
class Part:
    """Some rows of one file; `start` is the place of the first among all rows of all files."""

    source: Opened
    batch: pa.RecordBatch
    start: int


class About(Protocol):
    """The first columns of a table, those about the response; and which rows are told, in which
    order."""

    fields: tuple[Field, ...]
    needed: tuple[str, ...]

    def choose(self, part: Part) -> NDArray[np.int64]:
        """The rows of the part that are told, in the order in which they are."""

    def cells(self, part: Part, rows: NDArray[np.int64]) -> list[Cells]:
        """The cells of these rows, field by field."""


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column; times of the day are text."""
    return TYPES.get(column.type, pa.string())


def arrow_columns(field: Field, cells: Cells) -> list[pa.Array]:
    """The cells of a field as one Arrow array for each of its columns."""
    if isinstance(field, Plain):
        return [cells]
    places = pa.array(cells)
    return [
        pa.array([row[number] for row in field.rows], arrow_type(column)).take(places)
        for number, column in enumerate(field.columns)
    ]


def read_parts(files: Sequence[Opened], needed: Sequence[str], rows: int) -> Iterator[Part]:
    """The files in parts of at most so many rows, with those of the columns that a file has."""
    start = 0
    for one in files:
        present = set(one.file.schema_arrow.names)
        columns = [name for name in dict.fromkeys(needed) if name in present]
        for batch in one.file.iter_batches(rows, columns=columns):
            yield Part(one, batch, start)
            start += batch.num_rows
