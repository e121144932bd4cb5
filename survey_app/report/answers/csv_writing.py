"""A table as CSV: UTF-8, RFC 4180, written column by column.

Loads pyarrow. Neighbouring columns that have few different rows of cells together are written as
one: their cells are put together once for each mixture, and then only looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analysis.csv_cells import number_cells, text_cells
from analysis.export import BOM
from survey_app.report.answers.columns import NUMBER, TEXT, Cell, Column
from survey_app.report.answers.parts import MOMENT, Cells, Coded, Field, Plain

# More mixtures would not stay in the processor's cache.
MOST_MIXTURES = 4096
LINE_END = pa.scalar("\r\n")


def write_header(fields: Sequence[Field], bom: bool) -> bytes:
    """The first line; a byte order mark before it has Excel read UTF-8."""
    names = pa.array([column.name for field in fields for column in field.columns])
    return ((BOM if bom else "") + ",".join(text_cells(names).to_pylist()) + "\r\n").encode()


class CsvWriter:
    """Writes parts of a table with these fields; to make one takes a fifth of a second."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._writers = list(_grouped(fields))

    def lines(self, cells: Sequence[Cells]) -> bytes:
        """The lines of a part."""
        written = [write([cells[place] for place in places]) for places, write in self._writers]
        if len(written) == 1:
            written.append(pa.scalar(""))
        joined = pc.binary_join_element_wise(*written[:-1], written[-1], ",")
        lines = pc.binary_join_element_wise(joined, LINE_END, "")
        _validity, offsets, data = lines.buffers()
        span = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
        return bytes(memoryview(data)[int(span[0]) : int(span[-1])])


Writer = tuple[tuple[int, ...], Callable[[Sequence[Cells]], pa.Array]]


def _grouped(fields: Sequence[Field]) -> Iterator[Writer]:
    """The places of the fields that are written together, and what writes them."""
    together: list[int] = []
    for place, field in enumerate(fields):
        if isinstance(field, Plain):
            yield from _coded(fields, together)
            together = []
            yield (place,), _plain(field.columns[0])
            continue
        if together and _size(fields, (*together, place)) > MOST_MIXTURES:
            yield from _coded(fields, together)
            together = []
        together.append(place)
    yield from _coded(fields, together)


def _size(fields: Sequence[Field], places: Sequence[int]) -> int:
    size = 1
    for place in places:
        field = fields[place]
        assert isinstance(field, Coded)
        size *= len(field.rows)
    return size


def _coded(fields: Sequence[Field], places: Sequence[int]) -> Iterator[Writer]:
    if not places:
        return
    coded = [field for place in places if isinstance(field := fields[place], Coded)]
    texts = pa.array([",".join(one) for one in product(*map(_texts, coded))], pa.string())
    sizes = [len(field.rows) for field in coded]

    def write(cells: Sequence[Cells]) -> pa.Array:
        code: NDArray[np.int32] = cells[0]
        for more, size in zip(cells[1:], sizes[1:], strict=True):
            code = code * np.int32(size) + more
        return texts.take(pa.array(code))

    yield tuple(places), write


def _texts(field: Coded) -> list[str]:
    """Each row of cells as it is written."""
    by_column = [
        _column_texts(column, [row[number] for row in field.rows])
        for number, column in enumerate(field.columns)
    ]
    return [",".join(one) for one in zip(*by_column, strict=True)]


def _column_texts(column: Column, cells: Sequence[Cell | None]) -> list[str]:
    if column.type == TEXT:
        return text_cells(pa.array(cells, pa.string())).fill_null("").to_pylist()  # type: ignore[no-any-return]
    return ["" if cell is None else str(cell) for cell in cells]


def _plain(column: Column) -> Callable[[Sequence[Cells]], pa.Array]:
    if column.type == TEXT:
        return lambda cells: text_cells(cells[0]).fill_null("")
    if column.type == NUMBER:
        return lambda cells: number_cells(cells[0])
    if column.type == MOMENT:
        return lambda cells: pc.strftime(_seconds(cells[0]), format="%Y-%m-%dT%H:%M:%SZ")
    return lambda cells: cells[0].cast(pa.string()).fill_null("")


def _seconds(moments: pa.Array) -> pa.Array:
    return moments.cast(pa.timestamp("s", "UTC"), safe=False)
