"""Tallies of months kept on disk, found again by the content of the facts and by what was asked."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.content import Content, hash_months, write_whole
from analysis.facts import FactFile, FactsFolder

# Raised whenever a tally of the same facts comes to hold something else.
FORMAT = "2"


class CacheError(ValueError):
    """The folder for tallies cannot be used; the message is a sentence for people."""


@dataclass(frozen=True)
class TallyCache:
    """A folder of tallies, or none: then every month is counted anew.

    A tally's name holds a hash of what was asked, the month, and a hash of the month's facts;
    a newer tally of the same month and question replaces the older one. The folder may be deleted
    at any time.
    """

    folder: Path | None

    def read_months(
        self,
        facts: FactsFolder,
        asked: Sequence[object],
        files: Sequence[FactFile],
        schema: pa.Schema,
    ) -> tuple[dict[str, pa.Table], dict[str, Content]]:
        """The tallies that are kept, and the content of every month's facts, by month.

        ``asked`` says in words and numbers what the tallies are of; its first word names them.
        Tallies with another schema are not what they should be, and are not there.

        Raises
        ------
        CacheError
            If the folder cannot be used.
        FactsError
            For a file of facts that is gone.
        """
        if self.folder is None or not files:
            return {}, {}
        try:
            contents = hash_months(facts, files, self.folder / "hashes.json")
        except OSError as error:
            raise self._trouble(error) from error
        paths = [self._path(asked, month, one.digest) for month, one in contents.items()]
        with ThreadPoolExecutor() as pool:
            tallies = list(pool.map(_read, paths))
        kept = zip(contents, tallies, strict=True)
        return {
            month: tally for month, tally in kept if tally is not None and tally.schema == schema
        }, contents

    def write_months(
        self,
        facts: FactsFolder,
        asked: Sequence[object],
        tally: pa.Table,
        contents: Mapping[str, Content],
        months: set[str],
    ) -> None:
        """Keep the months of a tally, but for those whose facts have changed while it was made.

        Raises
        ------
        CacheError
            If the folder cannot be written.
        """
        if self.folder is None:
            return
        for month in sorted(months):
            content = contents[month]
            if not content.is_there(facts):
                continue
            path = self._path(asked, month, content.digest)
            written = pa.BufferOutputStream()
            own = tally.filter(pa.compute.equal(tally["month"], month))
            pq.write_table(own, written, compression="zstd")
            try:
                write_whole(path, written.getvalue())
                for older in self.folder.glob(f"{path.name.rpartition('-')[0]}-*.parquet"):
                    if older != path:
                        older.unlink(missing_ok=True)
            except OSError as error:
                raise self._trouble(error) from error

    def _path(self, asked: Sequence[object], month: str, content: str) -> Path:
        assert self.folder is not None
        digest = hashlib.sha256(json.dumps([FORMAT, asked]).encode()).hexdigest()[:16]
        return self.folder / f"{asked[0]}-{digest}-{month}-{content}.parquet"

    def _trouble(self, error: OSError) -> CacheError:
        return CacheError(
            f"The folder {self.folder} for tallies cannot be used: {error.strerror}. Give another, "
            "or none."
        )


def _read(path: Path) -> pa.Table | None:
    """A tally; None where there is none, or a damaged one, which is counted anew and replaced."""
    try:
        return pq.read_table(path, use_threads=False)
    except (OSError, pa.ArrowException):
        return None
