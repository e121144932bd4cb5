"""The three tables of facts: their columns, where they lie, and what a row must fulfil.

A facts folder holds ``<kind>/month=YYYY-MM/*.parquet``, on a disk or in an object store. The month
is that of the fact in the organisation's time zone and decides to which period the fact belongs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from analysis.definitions import DIMENSION
from analysis.periods import MONTH

EVENTS = ("reached", "called_back", "left", "open")
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "ratings": {
        "questionnaire": pa.string(),
        "version": pa.int32(),
        "series": pa.int32(),
        "question": pa.string(),
        "response": pa.string(),
        "customer": pa.string(),
        "unit": pa.string(),
        "representative": pa.string(),
        "answered_at": pa.timestamp("us", "UTC"),
        "value": pa.float64(),
        "missing": pa.string(),
        "scale_low": pa.float64(),
        "scale_high": pa.float64(),
    },
    "durations": {
        "process": pa.string(),
        "milestone": pa.string(),
        "visit": pa.string(),
        "customer": pa.string(),
        "unit": pa.string(),
        "representative": pa.string(),
        "started_at": pa.timestamp("us", "UTC"),
        "seconds": pa.float64(),
        "event": pa.string(),
    },
    "figures": {
        "measure": pa.string(),
        "unit": pa.string(),
        "representative": pa.string(),
        "period_start": pa.date32(),
        "value": pa.float64(),
    },
}
KINDS = tuple(COLUMNS)
MAY_BE_EMPTY = {"ratings": {"value", "missing"}, "durations": {"seconds"}, "figures": set[str]()}


class FactsError(ValueError):
    """Facts that cannot be counted; the message is a sentence for people."""


@dataclass(frozen=True)
class Statistics:
    """What a file's own statistics tell about its columns.

    That spares passes over columns that nothing else reads, and grouping by what is constant.

    Attributes
    ----------
    constants : dict
        Columns of which all cells hold one value, and it.
    numbers : frozenset of str
        Those of the constants that are floating point: least and greatest values pass over NaN.
    single : frozenset of str
        Those of the constants whose different values were counted: one.
    perhaps_empty : frozenset of str
        Columns for which empty cells are not ruled out.
    ends : dict
        Of some columns, the least and greatest values that are named.
    """

    constants: Mapping[str, Any]
    numbers: frozenset[str]
    single: frozenset[str]
    perhaps_empty: frozenset[str]
    ends: Mapping[str, frozenset[Any]]

    @classmethod
    def of(cls, metadata: pq.FileMetaData) -> Self:
        perhaps_empty, several, ends = set[str](), set[str](), dict[str, set[Any]]()
        for group in range(metadata.num_row_groups):
            for at in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(at)
                name = chunk.path_in_schema
                statistics = chunk.statistics if chunk.is_stats_set else None
                if statistics is None or not statistics.has_null_count or statistics.null_count:
                    perhaps_empty.add(name)
                if name not in LOOKED_AT:
                    continue
                named = ends.setdefault(name, set())
                if statistics is None or not statistics.has_min_max:
                    named |= {None, ...}
                    continue
                named |= {statistics.min, statistics.max}
                if statistics.distinct_count != 1:
                    several.add(name)
        constants = {
            name: next(iter(found))
            for name, found in ends.items()
            if len(found) == 1 and name not in perhaps_empty
        }
        return cls(
            constants,
            frozenset(name for name, value in constants.items() if isinstance(value, float)),
            frozenset(constants.keys() - several),
            frozenset(perhaps_empty),
            {name: frozenset(found) for name, found in ends.items()},
        )


# Columns that often hold one value in a whole file, or in a row group.
LOOKED_AT = frozenset(
    {"questionnaire", "question", "version", "series", "unit", "representative", "scale_low",
     "scale_high", "process", "milestone", "measure"}
)  # fmt: skip


@dataclass(frozen=True)
class FactFile:
    """One file of facts.

    Attributes
    ----------
    kind, month, path : str
        ``path`` is the path within the folder's file system.
    metadata : pyarrow.parquet.FileMetaData
        The file's footer.
    """

    kind: str
    month: str
    path: str
    metadata: pq.FileMetaData = field(repr=False, compare=False)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.metadata.num_rows)

    @property
    def dimensions(self) -> frozenset[str]:
        """The columns that respondents are sorted by."""
        return frozenset(self.metadata.schema.names) - frozenset(COLUMNS[self.kind])

    @cached_property
    def statistics(self) -> Statistics:
        """Read when asked for: months whose tally is kept need none."""
        return Statistics.of(self.metadata)


@dataclass(frozen=True)
class FactsFolder:
    """Where facts lie: a folder on a disk or in an object store, and the files in it."""

    location: str
    filesystem: fs.FileSystem
    paths: tuple[tuple[str, str, str], ...]
    _seen: dict[str, FactFile] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_local(self) -> bool:
        """Whether an engine can read the files from this machine's disk."""
        return isinstance(self.filesystem, fs.LocalFileSystem)

    @property
    def months(self) -> list[str]:
        """The months (YYYY-MM) that have facts of any kind, in order."""
        return sorted({month for _, month, _ in self.paths})

    def files(self, kind: str, months: Iterable[str]) -> list[FactFile]:
        """The files of one kind and some months, their columns checked.

        Raises
        ------
        FactsError
            For a file that is not Parquet, or has other columns or types than ``COLUMNS``.
        """
        wanted = set(months)
        return [
            self._look_at(one, month, path)
            for one, month, path in self.paths
            if one == kind and month in wanted
        ]

    def _look_at(self, kind: str, month: str, path: str) -> FactFile:
        if path not in self._seen:
            self._seen[path] = _look_at(self.filesystem, kind, month, path)
        return self._seen[path]


def find_facts(location: str | Path) -> FactsFolder:
    """The facts in a folder, named by a path or by an object store's URL such as ``s3://...``.

    Raises
    ------
    FactsError
        For a folder that is none, holds no facts, or has folders not named for a month.
    """
    filesystem, root = _open_location(location)
    try:
        found = filesystem.get_file_info(fs.FileSelector(root, recursive=True))
    except (OSError, pa.ArrowException) as error:
        raise FactsError(
            f"There is no folder {shown(location)}. Give the folder that holds the facts."
        ) from error
    paths = []
    for info in found:
        parts = PurePosixPath(info.path).relative_to(PurePosixPath(root)).parts
        if len(parts) == 3 and parts[0] in KINDS and parts[2].endswith(".parquet"):
            key, _, month = parts[1].partition("=")
            if key != "month" or not MONTH.fullmatch(month):
                raise FactsError(
                    f"The folder {PurePosixPath(info.path).parent} is not named for a month. "
                    "Name it like month=2026-07."
                )
            paths.append((parts[0], month, info.path))
    if not paths:
        raise FactsError(
            f"There are no facts in {shown(location)}. It should hold {', '.join(KINDS)}, each "
            "with folders such as month=2026-07 that hold Parquet files."
        )
    return FactsFolder(str(location), filesystem, tuple(sorted(paths)))


def shown(location: str | Path) -> str:
    """The location as messages may tell it: without keys, passwords and options.

    Examples
    --------
    >>> shown("s3://key:secret@bucket/facts?region=eu")
    's3://bucket/facts'
    """
    scheme, separator, rest = str(location).partition("://")
    if not separator:
        return scheme
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"


def _open_location(location: str | Path) -> tuple[fs.FileSystem, str]:
    if isinstance(location, Path) or "://" not in location:
        folder = Path(location)
        if not folder.is_dir():
            raise FactsError(f"There is no folder {folder}. Give the folder that holds the facts.")
        return fs.LocalFileSystem(), folder.as_posix()
    try:
        filesystem, root = fs.FileSystem.from_uri(location)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FactsError(
            f"The address {shown(location)} cannot be used. Write it like s3://bucket/facts."
        ) from error
    return filesystem, root


def _look_at(filesystem: fs.FileSystem, kind: str, month: str, path: str) -> FactFile:
    """Read the file's footer and check its columns."""
    try:
        with filesystem.open_input_file(path) as stream:
            metadata = pq.read_metadata(stream)
            schema = metadata.schema.to_arrow_schema()
    except (pa.ArrowException, OSError) as error:
        raise FactsError(f"The file {path} cannot be read as Parquet ({error}).") from error
    _check_columns(kind, path, schema)
    return FactFile(kind, month, path, metadata)


def _check_columns(kind: str, path: str, schema: pa.Schema) -> None:
    expected = COLUMNS[kind]
    missing = [name for name in expected if name not in schema.names]
    if missing:
        raise FactsError(f"The file {path} lacks the columns {', '.join(missing)} of {kind}.")
    extra = [
        name
        for name in schema.names
        if name not in expected and not _is_dimension(kind, schema.field(name))
    ]
    if extra:
        raise FactsError(f"The file {path} has columns that {kind} lacks: {', '.join(extra)}.")
    for name, type_ in expected.items():
        if schema.field(name).type != type_:
            raise FactsError(
                f"In the file {path} the column {name} is {schema.field(name).type}; "
                f"{kind} need {type_}."
            )


def _is_dimension(kind: str, field: pa.Field) -> bool:
    """Ratings may have further columns of text: what the respondents are sorted by."""
    is_text = pa.types.is_string(field.type)
    return kind == "ratings" and field.name.startswith(DIMENSION) and is_text
