"""The facts folder has one user at a time: who collects or scores holds it meanwhile."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def hold_facts(folder: Path, wait: bool) -> Iterator[bool]:
    """Hold the folder; gives False if another process does and `wait` is false.

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
