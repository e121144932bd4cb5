"""Open the copies that a download reads: all at once, so that it reads one state to its end.

Loads pyarrow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from survey_app.report.answers.choosing import Choice
from survey_app.report.answers.columns import Asked
from survey_app.report.answers.copies import CopiedMonth, read_copy, version_folder

# Arrow's own pool keeps what was used once by each thread: a hundred megabytes a web worker.
pa.set_memory_pool(pa.system_memory_pool())

# A file may be replaced between the look into the list and its opening; then the list is new.
MOST_TRIES = 10
REPEATING = ("attributes", "language")


@dataclass(frozen=True)
class Opened:
    """One month of one version."""

    version: Asked
    month: CopiedMonth
    file: pq.ParquetFile


@contextlib.contextmanager
def open_copies(folder: Path, choice: Choice, versions: list[Asked]) -> Iterator[list[Opened]]:
    """The files of the chosen versions and months, in this order; closed at the end."""
    with contextlib.ExitStack() as stack:
        yield [
            one
            for version in versions
            for one in _open_version(
                version_folder(folder, choice.key, version.number), choice, version, stack
            )
        ]


def _open_version(
    folder: Path, choice: Choice, version: Asked, stack: contextlib.ExitStack
) -> list[Opened]:
    for attempt in range(MOST_TRIES):
        with contextlib.ExitStack() as mine:
            try:
                opened = [
                    Opened(version, month, mine.enter_context(_open(folder / month.filename)))
                    for month in read_copy(folder).months
                    if choice.has_month(month.month)
                ]
            except FileNotFoundError:
                if attempt == MOST_TRIES - 1:
                    raise
                continue
            stack.push(mine.pop_all())
            return opened
    return []


def _open(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, read_dictionary=REPEATING)
