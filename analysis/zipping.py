"""ZIP files that are sent while they are made: the same entries give the same bytes, always."""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analysis.outflow import Outflow

# The earliest that a ZIP file can say: no entry tells when it was written.
NO_TIME = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16
MADE_ON_UNIX = 3
PIECE = 64 * 1024


@dataclass(frozen=True)
class Part:
    """One file of a ZIP file. One that may have 2 GB or more must be told to be ``large``."""

    name: str
    chunks: Iterable[bytes]
    large: bool = False


def zip_chunks(parts: Iterable[Part]) -> Iterator[bytes]:
    """The ZIP file in pieces, a few kept at a time; the parts are asked for one after the other.

    Sizes and checksums stand behind each entry, so that it can be sent before its end is known.
    """
    out = Outflow()
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            with archive.open(_entry(part.name), "w", force_zip64=part.large) as entry:
                for chunk in part.chunks:
                    entry.write(chunk)
                    yield from _ready(out)
    yield out.take()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = MADE_ON_UNIX
    entry.external_attr = READABLE
    return entry


def _ready(out: Outflow) -> Iterator[bytes]:
    if out.waiting >= PIECE:
        yield out.take()
