"""Where the columnar copy of answers lies, and what is known of it; loads no engine.

`answers/<questionnaire>/<version>/` holds one Parquet file a month and `copy.json`, which names
them. A file is named for what its sources looked like and never changes; `copy.json` is replaced
as a whole. So a reader who has opened the files that it names reads one state to the end, and
nobody waits for anybody. The folder can be deleted at any time: all of it is made again.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from survey_app.config import Settings

NAME = "copy.json"


@dataclass(frozen=True)
class CopiedMonth:
    """One file: its month 'YYYY-MM', the state of its sources, its SHA-256, its responses.

    `counts` has the number of responses by unit (its id, 0 for none), all and the complete ones.
    """

    month: str
    fingerprint: str
    sha256: str
    row_count: int
    counts: Mapping[str, tuple[int, int]]
    attributes: tuple[str, ...]

    @property
    def filename(self) -> str:
        """The name of the file, in the folder of its version."""
        return f"{self.month}_{self.fingerprint[:16]}.parquet"


@dataclass(frozen=True)
class Copy:
    """All files of one version, and the state of the table that they were made from."""

    glance: str
    collected_at: str
    months: tuple[CopiedMonth, ...]

    @property
    def row_count(self) -> int:
        """How many responses it has."""
        return sum(month.row_count for month in self.months)


EMPTY = Copy("", "", ())


def answers_folder(settings: Settings) -> Path:
    """The folder of all copies."""
    return settings.home / "answers"


def version_folder(folder: Path, key: str, number: int) -> Path:
    """The folder of one version's copy."""
    return folder / key / str(number)


def read_copy(folder: Path) -> Copy:
    """What the folder of a version holds; EMPTY where nothing is known, or nothing that we read."""
    try:
        known = json.loads((folder / NAME).read_text(encoding="utf-8"))
        months = tuple(
            CopiedMonth(
                **{
                    **month,
                    "counts": {
                        unit: (all_, done) for unit, (all_, done) in month["counts"].items()
                    },
                    "attributes": tuple(month["attributes"]),
                }
            )
            for month in known["months"]
        )
        return Copy(known["glance"], known["collected_at"], months)
    except (OSError, ValueError, KeyError, TypeError):
        return EMPTY


def write_copy(folder: Path, copy: Copy) -> None:
    """Replace what is known, then remove the files that it names no more."""
    write_whole(folder / NAME, json.dumps(asdict(copy), indent=1, sort_keys=True).encode())
    kept = {month.filename for month in copy.months}
    for path in folder.glob("*.parquet"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def write_whole(target: Path, content: bytes) -> None:
    """Put a file in place of another; it is on the disk before this returns."""
    unfinished = target.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)


@contextmanager
def hold_copy(folder: Path, wait: bool) -> Iterator[bool]:
    """Be the only one who collects into the folder; gives False if another is and `wait` is false.

    The system releases the folder when its holder dies.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".held").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def tell_progress(folder: Path, percent: int) -> None:
    """Say how far a collection is, for a page that waits for it."""
    write_whole(folder / ".progress", str(percent).encode())


def read_progress(folder: Path) -> int:
    """How far the collection that goes on is, in per cent; 0 where nothing is known."""
    try:
        return int((folder / ".progress").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def as_json(value: Any) -> str:
    """JSON in one form only, for what is hashed."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
