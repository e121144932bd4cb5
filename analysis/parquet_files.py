"""Tables of scored rows as Parquet, sent while it is made.

Text that is empty in the CSV is null here, dates are dates and moments are in UTC. Titles, words
and units of the columns stand in the schema, as metadata of its fields.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.export import Cell
from analysis.fields import Field, Kind
from analysis.outflow import Outflow

# Rows of one row group; so many are held at a time.
ROWS_AT_ONCE = 20_000
TYPES = {
    Kind.STRING: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.DATETIME: pa.timestamp("us", "UTC"),
}


def arrow_schema(fields: Sequence[Field]) -> pa.Schema:
    """The columns as Arrow has them."""
    return pa.schema(
        [
            pa.field(
                field.name,
                TYPES[field.kind],
                nullable=not field.required,
                metadata={
                    "title": field.title,
                    "description": field.description,
                    "unit": field.unit,
                },
            )
            for field in fields
        ]
    )


def parquet_chunks(fields: Sequence[Field], rows: Iterable[Mapping[str, Cell]]) -> Iterator[bytes]:
    """The rows as a Parquet file in pieces, a row group at a time.

    Raises ValueError for a cell that is not of its column's type.
    """
    out, schema, left = Outflow(), arrow_schema(fields), iter(rows)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while some := list(islice(left, ROWS_AT_ONCE)):
            columns = [
                pa.array([field.read(row[field.name]) for row in some], kind)
                for field, kind in zip(fields, schema.types, strict=True)
            ]
            writer.write_table(pa.table(columns, schema=schema))
            yield out.take()
    yield out.take()
