"""Facts as Parquet files: the same rows give the same bytes, and a reader never meets half a file.

Loads pyarrow; only jobs import it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.facts import COLUMNS, DIMENSION
from survey_app.facts.reading import Row

ROWS_IN_MEMORY = 50_000
# Rows of one question lie together, so that a reader passes over the row groups of all others.
ORDER = {
    "ratings": ("questionnaire", "version", "question", "answered_at", "response"),
    "durations": ("process", "milestone", "started_at", "visit"),
    "figures": ("measure", "unit", "representative"),
}


def month_folder(folder: Path, kind: str, month: str) -> Path:
    """Where the facts of one kind and month lie."""
    return folder / kind / f"month={month}"


def month_file(folder: Path, kind: str, month: str) -> Path:
    """The file of one kind and month."""
    return month_folder(folder, kind, month) / "facts.parquet"


def found_months(folder: Path) -> set[tuple[str, str]]:
    """Every (kind, month) that has a folder, whether or not anything is known about it."""
    return {
        (path.parent.name, path.name.removeprefix("month="))
        for kind in COLUMNS
        for path in folder.glob(f"{kind}/month=*")
    }


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, or '' where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def write_rows(
    kind: str, rows: Iterable[Row], target: Path, dimensions: Sequence[str] = ()
) -> tuple[str, int]:
    """Write the rows, sorted, in place of the file at `target`; its SHA-256 and number of rows.

    Rows have a text for each of the `dimensions` at their end.

    The file appears whole or not at all, and is on the disk before this returns.
    """
    further = {DIMENSION + name: pa.string() for name in dimensions}
    schema = pa.schema(COLUMNS[kind] | further)
    table = pa.Table.from_batches(_batches(rows, schema), schema)
    table = table.sort_by([(column, "ascending") for column in ORDER[kind]])
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    pq.write_table(table, unfinished, compression="zstd", row_group_size=122_880)
    digest = file_sha256(unfinished)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)
    return digest, table.num_rows


def _batches(rows: Iterable[Row], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows as columns; only so many are held as Python objects at a time."""
    stream = iter(rows)
    while part := list(islice(stream, ROWS_IN_MEMORY)):
        arrays = [
            pa.array(column, field.type)
            for column, field in zip(zip(*part, strict=True), schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
