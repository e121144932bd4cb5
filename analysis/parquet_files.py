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

# So many rows are held at a time as Python's, and so many times as many as Arrow's: a row group.
ROWS_AT_ONCE = 1_000
BATCHES_OF_GROUP = 20
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
    out, schema = Outflow(), arrow_schema(fields)
    batches = _batches(fields, schema, iter(rows))
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := list(islice(batches, BATCHES_OF_GROUP)):
            writer.write_table(pa.Table.from_batches(group))
            yield out.take()
    yield out.take()


def _batches(
    fields: Sequence[Field], schema: pa.Schema, rows: Iterator[Mapping[str, Cell]]
) -> Iterator[pa.RecordBatch]:
    while some := list(islice(rows, ROWS_AT_ONCE)):
        columns = [
            pa.array([field.read(row[field.name]) for row in some], kind)
            for field, kind in zip(fields, schema.types, strict=True)
        ]
        yield pa.record_batch(columns, schema=schema)
