"""What is in files of facts, by hash; a file untouched since it was read is not read again."""

import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from analysis.facts import FactFile, FactsError, FactsFolder, shown

BLOCK = 1 << 20
# A file may be written twice within one tick of its clock: what was touched so shortly before it
# was read is not remembered.
SETTLED = 2 * 10**9
DIGEST = re.compile(r"[0-9a-f]{64}")

# Time of the last change in nanoseconds, and what else a change leaves its mark on.
Stamp: TypeAlias = list[int]


@dataclass(frozen=True)
class Content:
    """What was in a month's files when they were read.

    Attributes
    ----------
    digest : str
        SHA-256 over the names and the content of the files.
    stamps : dict
        By path, what told then whether the file had been touched.
    """

    digest: str
    stamps: Mapping[str, Stamp]

    def is_there(self, folder: FactsFolder) -> bool:
        """Whether the files are still as they were."""
        try:
            return _stamps(folder, list(self.stamps)) == self.stamps
        except FactsError:
            return False


def hash_months(folder: FactsFolder, files: Sequence[FactFile], memory: Path) -> dict[str, Content]:
    """The content of each month's files, by month; files are read side by side.

    Parameters
    ----------
    memory : Path
        A file that remembers hashes with the size and times of what they are of. On a disk no
        change of a file leaves all of these as they were, not even one that sets its time back; in
        an object store the time is that of the upload.

    Raises
    ------
    FactsError
        For a file that is gone or cannot be read.
    OSError
        If the memory cannot be written.
    """
    stamps = _stamps(folder, [file.path for file in files])
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
    months = {}
    for month in sorted({file.month for file in files}):
        paths = [file.path for file in files if file.month == month]
        lines = sorted(f"{PurePosixPath(path).name} {digests[path]}" for path in paths)
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        months[month] = Content(digest, {path: stamps[path] for path in paths})
    return months


def _name(folder: FactsFolder, path: str) -> str:
    """What a file is remembered by; an address may hold keys, so nobody can read it."""
    place = os.path.abspath(path) if folder.is_local else f"{folder.location} {path}"
    return hashlib.sha256(place.encode()).hexdigest()


def _stamps(folder: FactsFolder, paths: list[str]) -> dict[str, Stamp]:
    """What tells of each file whether it was touched; an object store is asked for all at once."""
    if folder.is_local:
        return {path: _stamp(path) for path in paths}
    try:
        infos = folder.filesystem.get_file_info(paths)
    except OSError as error:
        raise _gone(shown(folder.location), error) from error
    return {
        path: [info.mtime_ns or 0, info.size or 0] for path, info in zip(paths, infos, strict=True)
    }


def _stamp(path: str) -> Stamp:
    try:
        told = os.stat(path)
    except OSError as error:
        raise _gone(path, error) from error
    changed = max(told.st_mtime_ns, told.st_ctime_ns)
    return [changed, told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino]


def _digest(folder: FactsFolder, path: str) -> str:
    digest = hashlib.sha256()
    try:
        with folder.filesystem.open_input_stream(path) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise _gone(path, error) from error
    return digest.hexdigest()


def _gone(path: str, error: OSError) -> FactsError:
    return FactsError(f"{path} was there and cannot be read now: {error}. Run again.")


def _recall(memory: Path) -> dict[str, tuple[Stamp, str]]:
    """What is remembered; nothing of what is damaged, which is read and written anew."""
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
        return {
            name: (stamp, digest)
            for name, (stamp, digest) in known.items()
            if isinstance(stamp, list) and DIGEST.fullmatch(digest)
        }
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def _remember(memory: Path, known: Mapping[str, tuple[Stamp, str]]) -> None:
    write_whole(memory, json.dumps(known).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in its folder, made if need be, so that a reader never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
