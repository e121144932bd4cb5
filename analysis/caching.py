"""Tallies of months kept on disk, found again by the content of the facts and by what was asked."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.content import hash_months
from analysis.facts import FactFile, FactsFolder

# Raised whenever a tally of the same facts comes to hold something else.
FORMAT = "2"


@dataclass(frozen=True)
class TallyCache:
    """A folder of tallies, or none: then every month is counted anew.

    A tally's name holds a hash of what was asked, the month, and a hash of the month's facts;
    a newer tally of the same month and question replaces the older one.
    """

    folder: Path | None

    def read_months(
        self,
        folder: FactsFolder,
        asked: Sequence[object],
        files: Sequence[FactFile],
    ) -> tuple[dict[str, pa.Table], dict[str, str]]:
        """The tallies that are kept, and the content hash of every month's facts, by month.

        ``asked`` says in words and numbers what the tallies are of; its first word names them.
        """
        if self.folder is None or not files:
            return {}, {}
        hashes = hash_months(folder, files, self.folder / "hashes.json")
        paths = [self._path(asked, month, content) for month, content in hashes.items()]
        with ThreadPoolExecutor() as pool:
            tallies = list(pool.map(_read, paths))
        kept = zip(hashes, tallies, strict=True)
        return {month: tally for month, tally in kept if tally is not None}, hashes

    def write_months(
        self,
        asked: Sequence[object],
        tally: pa.Table,
        hashes: Mapping[str, str],
        months: set[str],
    ) -> None:
        """Keep the months of a tally; a reader never meets half a file."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for month in sorted(months):
            path = self._path(asked, month, hashes[month])
            own = tally.filter(pa.compute.equal(tally["month"], month))
            unfinished = path.with_suffix(f".{os.getpid()}")
            pq.write_table(own, unfinished, compression="zstd")
            unfinished.replace(path)
            for older in self.folder.glob(f"{path.name.rpartition('-')[0]}-*.parquet"):
                if older != path:
                    older.unlink(missing_ok=True)

    def _path(self, asked: Sequence[object], month: str, content: str) -> Path:
        assert self.folder is not None
        digest = hashlib.sha256(json.dumps([FORMAT, asked]).encode()).hexdigest()[:16]
        return self.folder / f"{asked[0]}-{digest}-{month}-{content}.parquet"


def _read(path: Path) -> pa.Table | None:
    """A tally; None where there is none, or a damaged one, which is counted anew and replaced."""
    try:
        return pq.read_table(path, use_threads=False)
    except (OSError, pa.ArrowException):
        return None
