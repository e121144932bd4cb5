"""All files of a run in one ZIP file: scores, goals, definitions, targets, and what they mean."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.about import About
from analysis.data_package import Table, describe_package, explain_package
from analysis.definition_tables import (
    GOAL_DEFINITION_FIELDS,
    KPI_FIELDS,
    TARGET_FIELDS,
    DefinitionTables,
)
from analysis.export import Cell, record_lines
from analysis.fields import Field, names_of, texts_of
from analysis.score_fields import key_of
from analysis.zipping import PIECE, Part, zip_chunks

Rows = Iterable[Mapping[str, Cell]]
# A row of the CSV has far less than 2 KB.
MANY_ROWS = 1_000_000


@dataclass(frozen=True)
class ScoredTables:
    """A run's tables as they are taken away; the rows are asked for once, in order.

    ``fields`` and ``goal_fields`` are the columns of the rows (see ``score_fields``,
    ``goal_fields``). ``large``: the rows' CSV may have 2 GB or more.
    """

    about: About
    fields: Sequence[Field]
    rows: Rows
    goal_fields: Sequence[Field]
    goal_rows: Rows
    definitions: DefinitionTables
    large: bool = False


def package_chunks(scores: ScoredTables) -> Iterator[bytes]:
    """The package as a ZIP file in pieces: the same tables give the same bytes.

    Raises ValueError for a row with other columns or a cell of another type than its column.
    """
    return zip_chunks(_parts(scores))


def csv_chunks(fields: Sequence[Field], rows: Rows, bom: bool = False) -> Iterator[bytes]:
    """A table as CSV in pieces worth sending. Raises ValueError as ``record_lines`` does."""
    waiting: list[str] = []
    size = 0
    for line in record_lines(names_of(fields), texts_of(fields), rows, bom):
        waiting.append(line)
        size += len(line)
        if size >= PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()


def _parts(scores: ScoredTables) -> Iterator[Part]:
    told = scores.definitions
    tables: list[tuple[Table, Rows]] = [
        (_scores_table(scores.fields), scores.rows),
        (_goals_table(scores.goal_fields), scores.goal_rows),
        (KPIS, told.kpis),
        (GOALS, told.goals),
        (TARGETS, told.targets),
    ]
    resources: list[dict[str, Any]] = []
    for table, rows in tables:
        measured = _Measured(csv_chunks(table.fields, rows))
        yield Part(table.file, measured, large=scores.large)
        resources.append(table.describe(measured.size, measured.sha256))
    yield Part("README.txt", [explain_package(scores.about, [table for table, _ in tables])])
    yield Part("datapackage.json", [describe_package(scores.about, resources)])


class _Measured:
    """Pieces that are passed on, with their size and hash once all have passed."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            self.size += len(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


KPIS = Table(
    "kpi_definitions",
    "How each KPI of the run was computed and scored",
    KPI_FIELDS,
    ("id", "version"),
    [(("goal_id",), "goals", ("id",))],
)
GOALS = Table("goals", "The goals that the KPIs measure", GOAL_DEFINITION_FIELDS, ("id",))
TARGETS = Table(
    "targets",
    "All targets that were set, also those of other periods",
    TARGET_FIELDS,
    ("kpi_id", "scope_type", "scope_id", "version"),
    [(("kpi_id",), "kpi_definitions", ("id",))],
)


def _scores_table(fields: Sequence[Field]) -> Table:
    return Table(
        "scores",
        "One row for each KPI, scope, period and window",
        fields,
        key_of("kpi_id", fields),
        [
            (("kpi_id", "kpi_version"), "kpi_definitions", ("id", "version")),
            (("goal_id",), "goals", ("id",)),
        ],
    )


def _goals_table(fields: Sequence[Field]) -> Table:
    return Table(
        "goal_scores",
        "One row for each goal, scope, period and window: its KPIs' scores rolled up",
        fields,
        key_of("goal_id", fields),
        [
            (("goal_id",), "goals", ("id",)),
            (("worst_kpi_id",), "kpi_definitions", ("id",)),
        ],
    )
