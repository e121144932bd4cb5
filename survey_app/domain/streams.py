"""Read a CSV table piece by piece, in bounded memory, and say in plain sentences what is wrong."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from survey_app.domain.problems import Problem, did_you_mean, quoted

MOST_BAD_ROWS = 100
SEPARATORS = (",", ";", "\t")
SAVE_AS = 'In the spreadsheet choose "Save as" and the type "CSV UTF-8", then import that file.'
PIECE = 1024 * 1024
# A row of so many characters is no row: some quotation mark was never closed.
LONGEST_ROW = 4 * 1024 * 1024
MARK = b"\xef\xbb\xbf"


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


# Number and cells of each row with content; a problem where the text breaks.
Records = Iterator[tuple[int, list[str] | Problem]]


def text_problem(file: BinaryIO) -> Problem | None:
    """Why a file is no text in UTF-8, if it is none; reads all of it, piece by piece."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    pending = b""
    while piece := file.read(PIECE):
        if position == 0 and (found := _foreign(piece)):
            return found
        if (nul := piece.find(b"\0")) >= 0:
            at = position + nul
            return Problem(
                f"byte {at + 1}, line {_line_at(file, at)}",
                "nul",
                f"The file has a NUL byte, so it is no text. {SAVE_AS}",
            )
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            return _not_utf_8(file, position - len(pending) + error.start)
        pending = decoder.getstate()[0]
        position += len(piece)
    return _not_utf_8(file, position - len(pending)) if pending else None


def _foreign(piece: bytes) -> Problem | None:
    if piece.startswith(b"PK\x03\x04"):
        return Problem("file", "not_csv", f"This is a workbook, not a CSV file. {SAVE_AS}")
    if piece.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem("file", "wrong_encoding", f"The file is encoded in UTF-16. {SAVE_AS}")
    return None


def _not_utf_8(file: BinaryIO, position: int) -> Problem:
    line = _line_at(file, position)
    return Problem(
        f"byte {position + 1}, line {line}",
        "wrong_encoding",
        f"Byte {position + 1} (in line {line}) is not UTF-8: the file is saved in another "
        f"encoding. {SAVE_AS}",
    )


def _line_at(file: BinaryIO, position: int) -> int:
    file.seek(0)
    ends = 0
    last = b""
    while position > 0 and (piece := file.read(min(PIECE, position))):
        position -= len(piece)
        # A line end of two characters may lie across two pieces.
        ends += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")
        ends -= last == b"\r" and piece.startswith(b"\n")
        last = piece[-1:]
    return ends + 1


class _Lines:
    """The lines of a text, none of them, nor a row of several, longer than memory bears."""

    def __init__(self, text: io.TextIOBase) -> None:
        self.text = text
        self.given = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_ROW)
        if not line:
            raise StopIteration
        self.given += len(line)
        if self.given >= LONGEST_ROW:
            raise csv.Error("row limit")
        return line


def csv_records(file: BinaryIO, known: Iterable[str]) -> Records:
    """The rows of a CSV file that `text_problem` finds nothing in; the first one is the header.

    The separator is the one whose first row shows most of the `known` names.
    """
    separator = _find_separator(file, set(known))
    return _records(file, separator)


def _find_separator(file: BinaryIO, known: set[str]) -> str:
    """The separator whose first row shows most of the known names; else the most columns."""

    def merit(separator: str) -> tuple[int, int]:
        for _number, record in _records(file, separator):
            if isinstance(record, Problem):
                break
            return len(known.intersection(record)), len(record)
        return 0, 0

    return max(SEPARATORS, key=merit)


def _records(file: BinaryIO, separator: str) -> Records:
    """Number and cells of each record with content; ends with a problem where the text breaks."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    lines = _Lines(text)
    # strict: a quotation mark that is never closed would otherwise swallow the rest of the file.
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    width = 0
    try:
        while True:
            number += 1
            lines.given = 0
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
    finally:
        # The file is the caller's to close, who may have done so before the last row.
        if not file.closed:
            text.detach()


def read_rows(
    records: Records,
    required: Sequence[str],
    optional: Sequence[str] | None = (),
    *,
    fill: bool = True,
) -> Iterator[Row | Problem]:
    """The sound rows of a table, and what is wrong with the others, in their order.

    `required`, `optional` and `fill` are as in `tables.read_csv`. Reading ends after
    MOST_BAD_ROWS problems, or at once where the header has one.
    """
    absent = dict.fromkeys((optional or ()) if fill else (), "")
    header: list[str] = []
    header_number = 1
    wrong = sound = 0
    for number, record in records:
        if isinstance(record, Problem):
            wrong += 1
            yield record
        elif not header:
            header_number, header = number, record
            if problems := _check_header(header, number, required, optional):
                yield from problems
                return
        elif len(record) != len(header):
            wrong += 1
            yield _wrong_width(number, len(record), len(header))
        else:
            sound += 1
            yield Row(number, absent | dict(zip(header, record, strict=True)))
        if wrong >= MOST_BAD_ROWS:
            yield _stopped(number)
            return
    if not sound and not wrong:
        yield _no_rows(header_number) if header else _empty_file()


def _broken(number: int, line: int, reason: str) -> Problem:
    if "row limit" in reason:
        reason = (
            f"has more than {LONGEST_ROW:,} characters. Close the quotation mark that it begins "
            "with, or part its lines."
        )
    elif "field limit" in reason:
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
