"""A file of contacts, CSV or XLSX, read row by row: what it holds, and how far it was read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any, BinaryIO

from survey_app.domain.problems import Problem
from survey_app.domain.streams import SAVE_AS, Records, Row, csv_records, read_rows, text_problem

WORKBOOK = b"PK\x03\x04"
# A workbook is held in memory as a whole, at several times this size.
LARGEST_UNPACKED = 100 * 1000 * 1000
# Numbers above have no exact whole part, so nobody sees one.
LARGEST_WHOLE = 1e15


class ContactFile:
    """A file of contacts; `file` can be sought in and stays the caller's to close.

    `required` are the columns that it must have; all others are welcome.
    """

    def __init__(self, file: BinaryIO, required: tuple[str, ...]) -> None:
        self.required = required
        self._file = file
        file.seek(0)
        self._is_workbook = file.read(len(WORKBOOK)) == WORKBOOK
        self.size = file.seek(0, 2)
        self._rows_in_workbook = 0
        self._rows_passed = 0

    def problem(self) -> Problem | None:
        """What is wrong with the file as a whole, so that no row of it can be read."""
        return _workbook_problem(self._file) if self._is_workbook else text_problem(self._file)

    def rows(self) -> Iterator[Row | Problem]:
        """The rows from the first one on; of columns that the file lacks they say nothing."""
        if self._is_workbook:
            records = self._workbook_records()
        else:
            records = csv_records(self._file, self.required)
        return read_rows(records, self.required, None)

    @property
    def position(self) -> int:
        """So many bytes of `size` were read."""
        if not self._is_workbook:
            return self._file.tell()
        return self.size * self._rows_passed // max(self._rows_in_workbook, 1)

    def _workbook_records(self) -> Records:
        from python_calamine import CalamineWorkbook

        self._file.seek(0)
        sheet = CalamineWorkbook.from_filelike(self._file).get_sheet_by_index(0)
        self._rows_in_workbook = sheet.total_height
        width = 0
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            self._rows_passed = number
            record = [shown_text(cell) for cell in cells]
            # The sheet's own width is that of its widest row.
            while len(record) > width and not record[-1]:
                record.pop()
            width = width or len(record)
            if any(record):
                yield number, record


def shown_text(cell: Any) -> str:
    """A cell of a workbook as text: 5.0 is '5', a day '2026-07-31', a moment with its time."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < LARGEST_WHOLE:
            return str(int(cell))
        case float():
            return f"{cell:.15g}"
        case datetime():
            return cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
    return str(cell).strip()


def _workbook_problem(file: BinaryIO) -> Problem | None:
    from python_calamine import CalamineError, CalamineWorkbook

    file.seek(0)
    with suppress(zipfile.BadZipFile):
        with zipfile.ZipFile(file) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > LARGEST_UNPACKED:
            return Problem(
                "file",
                "workbook_too_large",
                f"The workbook has {size:,} bytes when it is unpacked; at most "
                f"{LARGEST_UNPACKED:,} are read. {SAVE_AS}",
            )
        file.seek(0)
        with suppress(CalamineError, zipfile.BadZipFile):
            book = CalamineWorkbook.from_filelike(file)
            if book.sheet_names:
                # Its rows are read only now, and may be broken though the list of sheets is not.
                book.get_sheet_by_index(0)
                return None
    message = f"The workbook cannot be read. Open it and save it anew. {SAVE_AS}"
    return Problem("file", "broken_workbook", message)
