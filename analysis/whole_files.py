"""Files that are there whole, or as they were before."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a file: whole, or what was there before; a device or a pipe is written as it goes."""
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            write(stream)
        return
    whole = path.resolve()
    unfinished = whole.with_name(f"{whole.name}.{uuid.uuid4().hex}")
    try:
        with unfinished.open("wb") as stream:
            write(stream)
        unfinished.replace(whole)
    finally:
        unfinished.unlink(missing_ok=True)
