"""A table as Parquet, in pieces as they are made. Loads pyarrow.

Each column carries its line of the codebook as metadata, `soundings.codebook`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from survey_app.report.answers.ahead import made_ahead
from survey_app.report.answers.codebook import Line
from survey_app.report.answers.columns import TIME, Column
from survey_app.report.answers.copies import as_json
from survey_app.report.answers.parts import ROWS_AT_ONCE, Cells, Part, arrow_columns, arrow_type
from survey_app.report.answers.tables import Table

CODEBOOK = b"soundings.codebook"


class Drain:
    """A file to write to whose content is taken away piece by piece."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, content: bytes) -> int:
        """Keep what is written until it is taken."""
        self._pieces.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def take(self) -> bytes:
        """All that was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def parquet_pieces(table: Table, codebook: Sequence[Line]) -> Iterator[bytes]:
    """The file in pieces; one group of rows for each part."""
    schema = arrow_schema(table, codebook)

    def make(part: Part) -> pa.Table:
        return arrow_table(table, table.cells(part), schema)

    drain = Drain()
    with pq.ParquetWriter(pa.PythonFile(drain, "w"), schema, compression="zstd") as writer:
        for made in made_ahead(table.parts(ROWS_AT_ONCE), make):
            writer.write_table(made)
            yield drain.take()
    yield drain.take()


def arrow_schema(table: Table, codebook: Sequence[Line]) -> pa.Schema:
    """The columns with their types and what the codebook says of them."""
    lines = {line["column"]: line for line in codebook}
    return pa.schema(
        [
            pa.field(
                column.name,
                _type_of(column),
                metadata={CODEBOOK: as_json(lines.get(column.name, {})).encode()},
            )
            for column in table.columns
        ]
    )


def arrow_table(table: Table, cells: Sequence[Cells], schema: pa.Schema) -> pa.Table:
    """The cells of a part as an Arrow table."""
    arrays = [
        array
        for field, one in zip(table.fields, cells, strict=True)
        for array in arrow_columns(field, one)
    ]
    return pa.Table.from_arrays(
        [
            _clock(array) if column.type == TIME else array
            for column, array in zip(table.columns, arrays, strict=True)
        ],
        schema=schema,
    )


def _type_of(column: Column) -> pa.DataType:
    return pa.time32("s") if column.type == TIME else arrow_type(column)


def _clock(words: pa.Array) -> pa.Array:
    return pc.strptime(words, format="%H:%M", unit="s").cast(pa.time32("s"))
