"""Read a CSV table from the bytes of a file, and say in plain sentences what is wrong with it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from survey_app.domain.cells import (
    read_date,
    read_moment,
    read_month,
    read_number,
    read_whole,
    read_word,
)
from survey_app.domain.problems import Problem, did_you_mean, quoted

__all__ = [
    "LARGEST_FILE",
    "Row",
    "read_csv",
    "read_date",
    "read_moment",
    "read_month",
    "read_number",
    "read_whole",
    "read_word",
]

LARGEST_FILE = 64 * 1024 * 1024
MOST_BAD_ROWS = 100
SEPARATORS = (",", ";", "\t")
SAVE_AS = 'In the spreadsheet choose "Save as" and the type "CSV UTF-8", then import that file.'


class Row(NamedTuple):
    """One row of a table: its number as a spreadsheet shows it (header = 1) and its cells by name.

    The cells have no surrounding whitespace. Every column asked for is there; an optional one that
    the file lacks is ''.
    """

    number: int
    cells: dict[str, str]

    def place(self, column: str) -> str:
        """Return the place of a cell for a problem: 'row 7, column email'."""
        return f"row {self.number}, column {column}"


def read_csv(
    data: bytes,
    required: Sequence[str],
    optional: Sequence[str] | None = (),
    *,
    fill: bool = True,
    largest: int = LARGEST_FILE,
) -> tuple[list[Row], list[Problem]]:
    """Read a CSV file: UTF-8 with or without BOM, columns parted by comma, semicolon or tab.

    `required` columns must be there, `optional` ones may; any other is a problem, unless `optional`
    is None. An optional column that the file lacks is '' in every row, without `fill` it is left
    out. `largest` is the greatest size in bytes. Rows without any content are passed over (but
    counted). Returns the sound rows, and all problems; with problems, import nothing.
    """
    text = _decode(data, largest)
    if isinstance(text, Problem):
        return [], [text]
    records = _records(text, _find_separator(text, {*required, *(optional or ())}))
    absent = dict.fromkeys((optional or ()) if fill else (), "")
    header: list[str] = []
    header_number = 1
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, record in records:
        if isinstance(record, Problem):
            problems.append(record)
        elif not header:
            header_number, header = number, record
            problems = _check_header(header, number, required, optional)
            if problems:
                return [], problems
        elif len(record) != len(header):
            problems.append(_wrong_width(number, len(record), len(header)))
        else:
            rows.append(Row(number, absent | dict(zip(header, record, strict=True))))
        if len(problems) >= MOST_BAD_ROWS:
            problems.append(_stopped(number))
            break
    if not rows and not problems:
        problems.append(_no_rows(header_number) if header else _empty_file())
    return rows, problems


def _decode(data: bytes, largest: int) -> str | Problem:
    if len(data) > largest:
        return Problem(
            "file",
            "file_too_large",
            f"The file has {len(data):,} bytes; at most {largest:,} are read. Split it and import "
            "the parts.",
        )
    if data.startswith(b"PK\x03\x04"):
        return Problem("file", "not_csv", f"This is a workbook, not a CSV file. {SAVE_AS}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem("file", "wrong_encoding", f"The file is encoded in UTF-16. {SAVE_AS}")
    if b"\0" in data:
        position = data.index(b"\0")
        return Problem(
            f"byte {position + 1}, line {_line_at(data, position)}",
            "nul",
            f"The file has a NUL byte, so it is no text. {SAVE_AS}",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind a byte order mark.
        position = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = _line_at(data, position)
        return Problem(
            f"byte {position + 1}, line {line}",
            "wrong_encoding",
            f"Byte {position + 1} (in line {line}) is not UTF-8: the file is saved in another "
            f"encoding. {SAVE_AS}",
        )


def _line_at(data: bytes, position: int) -> int:
    before = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def _find_separator(text: str, known: set[str]) -> str:
    """The separator whose first row shows most of the known names; else the most columns."""

    def merit(separator: str) -> tuple[int, int]:
        for _number, record in _records(text, separator):
            if isinstance(record, Problem):
                break
            return len(known.intersection(record)), len(record)
        return 0, 0

    return max(SEPARATORS, key=merit)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str] | Problem]]:
    """Number and cells of each record with content; ends with a problem where the text breaks."""
    # strict: a quotation mark that is never closed would otherwise swallow the rest of the file.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    width = 0
    while True:
        number += 1
        try:
            record = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            yield number, _broken(number, reader.line_num, str(error))
            return
        # Spreadsheets pad rows with empty cells beyond the last column that has a name.
        while len(record) > width and not record[-1]:
            record.pop()
        width = width or len(record)
        if any(record):
            yield number, record


def _broken(number: int, line: int, reason: str) -> Problem:
    if "field limit" in reason:
        reason = (
            f"has a cell of more than {csv.field_size_limit():,} characters. Shorten it, or close "
            "the quotation mark that it begins with."
        )
    else:
        reason = (
            "has quotation marks that do not pair up. Put a cell that contains a quotation mark "
            'into quotation marks and write the mark twice, like "a ""b"" c".'
        )
    message = f"Row {number} (read up to line {line} of the file) {reason}"
    return Problem(f"row {number}", "broken_row", message)


def _check_header(
    header: list[str], number: int, required: Sequence[str], optional: Sequence[str] | None
) -> list[Problem]:
    place = f"row {number}"
    problems = [
        Problem(
            place,
            "unnamed_column",
            f"Column {position} has no name. Name it in row {number}, or delete the column.",
        )
        for position, name in enumerate(header, start=1)
        if not name
    ]
    problems += [
        Problem(
            place,
            "duplicate_header",
            f"{count} columns are named {quoted(name)}. Keep one of them.",
        )
        for name, count in Counter(name for name in header if name).items()
        if count > 1
    ]
    unused = [name for name in header if name and name not in required]
    shown = ", ".join(quoted(name) for name in header[:30] if name)
    problems += [
        Problem(
            place,
            "missing_header",
            f"There is no column {quoted(name)}.{_meant_by(name, unused)} Give the column this "
            f"name in row {number}; the row has {shown}.",
        )
        for name in required
        if name not in header
    ]
    if optional is not None:
        known = [*required, *optional]
        problems += [
            Problem(
                place,
                "unknown_header",
                f"Column {quoted(name)} is not known here.{did_you_mean(name, known)} Rename or "
                f"delete it; known columns are {', '.join(known)}.",
            )
            for name in dict.fromkeys(unused)
            if name not in known
        ]
    return problems


def _meant_by(name: str, present: list[str]) -> str:
    return did_you_mean(name, present).replace("Did you mean", "Did you mean it by")


def _wrong_width(number: int, width: int, wanted: int) -> Problem:
    return Problem(
        f"row {number}",
        "wrong_width",
        f"Row {number} has {width} cells, the header has {wanted}. Leave a missing cell empty "
        "between its separators, and put a cell that contains the separator into quotation marks.",
    )


def _stopped(number: int) -> Problem:
    return Problem(
        f"row {number}",
        "too_many_problems",
        f"Reading stopped at row {number} after {MOST_BAD_ROWS} problems. Mend these first; check "
        "that all rows use the same separator.",
    )


def _no_rows(header_number: int) -> Problem:
    return Problem(
        f"row {header_number}",
        "no_rows",
        "The file has a header but no rows. Put the data into the rows below it.",
    )


def _empty_file() -> Problem:
    return Problem("file", "empty_file", "The file is empty. Choose a file with a header and rows.")
