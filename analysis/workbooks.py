"""Scores as a workbook for spreadsheets (XLSX): numbers, dates and texts as what they are.

The workbook is written to temporary files row by row, so its size does not matter to memory; the
same rows give the same bytes.
"""

import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analysis.about import About
from analysis.definition_tables import KPI_FIELDS, TARGET_FIELDS
from analysis.export import Cell
from analysis.fields import Field, Kind, Typed
from analysis.packaging import ScoredTables
from analysis.zipping import PIECE, Part, zip_chunks

# A sheet has 1,048,576 rows, and the header is one of them.
MOST_ROWS = 1_048_575
LONGEST_TEXT = 32_767
CUT = " …"
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
# Characters of a column's width, by what it holds.
WIDTHS = {Kind.STRING: 22, Kind.INTEGER: 10, Kind.NUMBER: 14, Kind.DATE: 12, Kind.DATETIME: 20}
LONG_TEXTS = frozenset({"verdict_reason", "definition", "aim", "vision", "adjust_justification"})
LONG_WIDTH = 60


class TooManyRows(ValueError):
    """More rows than a sheet holds."""


class Exact(float):
    """A number that is written in full: the writer of workbooks would round it to 16 digits."""

    def __format__(self, _spec: str) -> str:
        return repr(float(self))


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook."""

    name: str
    fields: Sequence[Field]
    rows: Iterable[Mapping[str, Cell]]


def workbook_of(scores: ScoredTables) -> Iterator[bytes]:
    """The workbook of a run: scores, goals and definitions, in pieces."""
    return workbook_chunks(
        scores.about,
        [
            Sheet("Scores", scores.fields, scores.rows),
            Sheet("Goals", scores.goal_fields, scores.goal_rows),
            Sheet("Definitions", KPI_FIELDS, scores.definitions.kpis),
            Sheet("Targets", TARGET_FIELDS, scores.definitions.targets),
        ],
    )


def workbook_chunks(about: About, sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """A workbook of these sheets, of one on their columns and one on the run, in pieces.

    Raises TooManyRows, and ValueError for a cell that is not of its column's type.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as whole:
        _write(whole, folder, about, sheets)
        # The writer keeps the rights and the time of its own files; here they are all alike.
        with zipfile.ZipFile(whole) as written:
            yield from zip_chunks(
                Part(entry.filename, _pieces(written, entry), large=entry.file_size >= 2**31)
                for entry in written.infolist()
            )


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as stream:
        while piece := stream.read(PIECE):
            yield piece


def _write(stream: IO[bytes], folder: str, about: About, sheets: Sequence[Sheet]) -> None:
    book = xlsxwriter.Workbook(stream, OPTIONS | {"tmpdir": folder})
    book.set_properties(
        {
            "title": f"Scores of {about.period_label}",
            "comments": f"Run {about.run_id}",
            "created": about.computed_at.astimezone(UTC).replace(tzinfo=None),
        }
    )
    try:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            Kind.DATE: book.add_format({"num_format": DAY}),
            Kind.DATETIME: book.add_format({"num_format": MOMENT}),
        }
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, formats)
        _write_words(book.add_worksheet("Columns"), sheets, formats["head"])
        _write_about(book.add_worksheet("About"), about, formats["head"])
    finally:
        # Also what was begun in vain has open files.
        book.close()


def _write_sheet(into: Worksheet, sheet: Sheet, formats: Mapping[str, Format]) -> None:
    into.freeze_panes(1, 0)
    for place, field in enumerate(sheet.fields):
        width = LONG_WIDTH if field.name in LONG_TEXTS else WIDTHS[field.kind]
        into.set_column(place, place, max(width, len(field.name) + 2))
    last = 0
    _write_texts(into, 0, [field.name for field in sheet.fields], formats["head"])
    for last, row in enumerate(sheet.rows, start=1):
        if last > MOST_ROWS:
            raise TooManyRows(
                f"A sheet holds {MOST_ROWS:,} rows, and these are more. Take Parquet or CSV."
            )
        for place, field in enumerate(sheet.fields):
            _write_cell(into, last, place, field.read(row[field.name]), formats)
    into.autofilter(0, 0, last, len(sheet.fields) - 1)


def _write_cell(
    into: Worksheet, row: int, place: int, value: Typed, formats: Mapping[str, Format]
) -> None:
    match value:
        case None:
            pass
        case str():
            into.write_string(row, place, _fitting(value))
        case datetime():
            # A sheet knows no zones: all moments are in UTC.
            naive = value.replace(tzinfo=None)
            into.write_datetime(row, place, naive, formats[Kind.DATETIME])
        case date():
            into.write_datetime(row, place, value, formats[Kind.DATE])
        case float():
            into.write_number(row, place, Exact(value))
        case _:
            into.write_number(row, place, value)


def _write_words(into: Worksheet, sheets: Sequence[Sheet], head: Format) -> None:
    """What each column of the other sheets means."""
    into.freeze_panes(1, 0)
    for place, width in enumerate((14, 24, 30, LONG_WIDTH, 20)):
        into.set_column(place, place, width)
    _write_texts(into, 0, ("Sheet", "Column", "Title", "Description", "Unit"), head)
    row = 0
    for sheet in sheets:
        for field in sheet.fields:
            row += 1
            told = (sheet.name, field.name, field.title, field.description, field.unit)
            _write_texts(into, row, told)


def _write_about(into: Worksheet, about: About, head: Format) -> None:
    into.set_column(0, 0, 20)
    into.set_column(1, 1, LONG_WIDTH)
    for row, (name, value) in enumerate(about.lines()):
        into.write_string(row, 0, name, head)
        into.write_string(row, 1, value)


def _write_texts(into: Worksheet, row: int, texts: Iterable[str], *style: Any) -> None:
    for place, text in enumerate(texts):
        into.write_string(row, place, text, *style)


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT
