"""A file that is written to at one end and taken away in pieces at the other; nothing is kept."""

import io
from typing import Any, final


@final
class Outflow(io.RawIOBase):
    """What writers of Parquet and ZIP files write to when the file is sent while it is made."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        """How many bytes were ever written; a ZIP file's writer must not take it for seekable."""
        return self._written

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self._waiting += data
        self._written += size
        return size

    @property
    def waiting(self) -> int:
        """How many bytes were not taken yet."""
        return len(self._waiting)

    def take(self) -> bytes:
        """All that was written since the last time."""
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken
