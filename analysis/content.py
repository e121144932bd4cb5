"""Hashes of what is in files of facts; a file untouched since it was read is not read again."""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from analysis.facts import FactFile, FactsFolder

BLOCK = 1 << 20
# A file may be written twice within one tick of its clock: what was touched so shortly before it
# was read is not remembered.
SETTLED = 2 * 10**9

# Time of the last change in nanoseconds, and what else a change leaves its mark on.
Stamp: TypeAlias = list[int]


def hash_months(folder: FactsFolder, files: Sequence[FactFile], memory: Path) -> dict[str, str]:
    """SHA-256 over the content of each month's files, by month; files are read side by side.

    Parameters
    ----------
    memory : Path
        A file that remembers hashes with the size and times of what they are of. On a disk no
        change of a file leaves all of these as they were, not even one that sets its time back; in
        an object store the time is that of the upload.
    """
    stamps = {file.path: _stamp(folder, file.path) for file in files}
    names = {path: _name(folder, path) for path in stamps}
    known = _recall(memory)
    now = time.time_ns()
    unread = [
        path for path, stamp in stamps.items() if known.get(names[path], ([], ""))[0] != stamp
    ]
    with ThreadPoolExecutor() as pool:
        read = pool.map(lambda path: _digest(folder, path), unread)
        digests = dict(zip(unread, read, strict=True))
    settled = {
        names[path]: (stamps[path], digest)
        for path, digest in digests.items()
        if stamps[path][0] < now - SETTLED
    }
    if settled:
        _remember(memory, known | settled)
    digests |= {path: known[names[path]][1] for path in stamps.keys() - digests.keys()}
    months = dict.fromkeys(sorted(file.month for file in files), "")
    for month in months:
        of_month = [
            f"{PurePosixPath(file.path).name} {digests[file.path]}"
            for file in files
            if file.month == month
        ]
        months[month] = hashlib.sha256("\n".join(sorted(of_month)).encode()).hexdigest()
    return months


def _name(folder: FactsFolder, path: str) -> str:
    """What a file is remembered by; an address may hold keys, so nobody can read it."""
    place = os.path.abspath(path) if folder.is_local else f"{folder.location} {path}"
    return hashlib.sha256(place.encode()).hexdigest()


def _stamp(folder: FactsFolder, path: str) -> Stamp:
    if folder.is_local:
        told = os.stat(path)
        changed = max(told.st_mtime_ns, told.st_ctime_ns)
        return [changed, told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino]
    info = folder.filesystem.get_file_info(path)
    return [info.mtime_ns, info.size]


def _digest(folder: FactsFolder, path: str) -> str:
    digest = hashlib.sha256()
    with folder.filesystem.open_input_stream(path) as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _recall(memory: Path) -> dict[str, tuple[Stamp, str]]:
    try:
        known: dict[str, tuple[Stamp, str]] = json.loads(memory.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        # Never written, or damaged: everything is read, and written anew.
        return {}
    return known


def _remember(memory: Path, known: dict[str, tuple[Stamp, str]]) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    unfinished = memory.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(known), encoding="utf-8")
    unfinished.replace(memory)
