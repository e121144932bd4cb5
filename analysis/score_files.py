"""Scores as files: what a file holds follows from the ending of its name."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from analysis.about import About
from analysis.definition_tables import DefinitionTables
from analysis.export import Row
from analysis.goal_fields import goal_fields
from analysis.packaging import MANY_ROWS, ScoredTables, package_chunks
from analysis.parquet_files import parquet_chunks
from analysis.score_fields import score_fields
from analysis.scorebook import Scorebook
from analysis.scores import Scores
from analysis.whole_files import write_whole
from analysis.workbooks import workbook_of

ROWS_AT_ONCE = 10_000


def write_scores(scores: Scores, book: Scorebook, about: About, path: Path) -> None:
    """Write scored rows: ``.parquet``; ``.xlsx`` and ``.zip`` with goals and definitions; CSV else.

    Raises OSError where the file cannot be written, TooManyRows for a workbook too long.
    """
    if path.suffix == ".parquet":
        _write_chunks(path, _as_parquet(scores.table))
    elif path.suffix in (".xlsx", ".zip"):
        make = workbook_of if path.suffix == ".xlsx" else package_chunks
        _write_chunks(path, make(_tables_of(scores, book, about)))
    else:
        scores.write_csv(path)


def write_goals(scores: Scores, path: Path) -> None:
    """Write goals' rows as ``.parquet``, otherwise as CSV; raises OSError as ``write_scores``."""
    if path.suffix == ".parquet":
        fields = goal_fields(scores.goals.column_names)
        _write_chunks(path, parquet_chunks(fields, _rows(scores.goals)))
    else:
        scores.write_goals(path)


def _as_parquet(table: pa.Table) -> Iterator[bytes]:
    return parquet_chunks(score_fields(table.column_names), _rows(table))


def _tables_of(scores: Scores, book: Scorebook, about: About) -> ScoredTables:
    return ScoredTables(
        about,
        score_fields(scores.table.column_names),
        _rows(scores.table),
        goal_fields(scores.goals.column_names),
        _rows(scores.goals),
        DefinitionTables.of(book),
        large=len(scores) > MANY_ROWS,
    )


def _rows(table: pa.Table) -> Iterator[Row]:
    for batch in table.to_batches(max_chunksize=ROWS_AT_ONCE):
        yield from batch.to_pylist()


def _write_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    def write(stream: BinaryIO) -> None:
        for chunk in chunks:
            stream.write(chunk)

    write_whole(path, write)
