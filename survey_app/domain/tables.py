"""Read a CSV table from the bytes of a file, and say in plain sentences what is wrong with it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from survey_app.domain.cells import (
    read_date,
    read_moment,
    read_month,
    read_number,
    read_whole,
    read_word,
)
from survey_app.domain.problems import Problem
from survey_app.domain.streams import (
    MOST_BAD_ROWS,
    SEPARATORS,
    Row,
    csv_records,
    read_rows,
    text_problem,
)

__all__ = [
    "LARGEST_FILE",
    "MOST_BAD_ROWS",
    "SEPARATORS",
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
    if len(data) > largest:
        return [], [
            Problem(
                "file",
                "file_too_large",
                f"The file has {len(data):,} bytes; at most {largest:,} are read. Split it and "
                "import the parts.",
            )
        ]
    file = io.BytesIO(data)
    if problem := text_problem(file):
        return [], [problem]
    records = csv_records(file, {*required, *(optional or ())})
    rows: list[Row] = []
    problems: list[Problem] = []
    for found in read_rows(records, required, optional, fill=fill):
        if isinstance(found, Row):
            rows.append(found)
        else:
            problems.append(found)
    return rows, problems
