"""A download from its rules to its bytes, made while they are sent. Loads pyarrow.

Nothing here asks the database: what has to be known of it is in the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from survey_app.report.answers.ahead import made_ahead
from survey_app.report.answers.choosing import Rules
from survey_app.report.answers.csv_writing import CsvWriter, write_header
from survey_app.report.answers.opening import open_copies
from survey_app.report.answers.packaging import zip_pieces
from survey_app.report.answers.parquet_writing import parquet_pieces
from survey_app.report.answers.parts import ROWS_AT_ONCE
from survey_app.report.answers.sav_writing import sav_pieces
from survey_app.report.answers.tables import Made, Table, make_table


def stream_answers(rules: Rules, folder: Path, title: str, bom: bool = False) -> Iterator[bytes]:
    """The bytes of a download in pieces.

    All that can go wrong goes wrong before it returns. `bom` is put before a CSV for Excel, never
    into a package.
    """
    pieces = _pieces(rules, folder, title, bom)
    first = next(pieces, b"")

    def all_pieces() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_pieces()


def _pieces(rules: Rules, folder: Path, title: str, bom: bool) -> Iterator[bytes]:
    choice = rules.choice
    try:
        with open_copies(folder, choice, list(rules.versions)) as files:
            made = make_table(files, rules)
            table = _table_pieces(made, choice.format, title, bom and not choice.package)
            if choice.package:
                yield from zip_pieces(table, made, rules, title)
            else:
                yield from table
    finally:
        pa.default_memory_pool().release_unused()


def _table_pieces(made: Made, format_: str, title: str, bom: bool) -> Iterator[bytes]:
    if format_ == "parquet":
        return parquet_pieces(made.table, made.codebook)
    if format_ == "sav":
        return sav_pieces(made, title)
    return csv_pieces(made.table, bom)


def csv_pieces(table: Table, bom: bool) -> Iterator[bytes]:
    """A table as CSV in pieces, the first line by itself."""
    # Sent at once: whoever waits sees that it has begun.
    yield write_header(table.fields, bom)
    writer = CsvWriter(table.fields)
    yield from made_ahead(table.parts(ROWS_AT_ONCE), lambda part: writer.lines(table.cells(part)))
