"""Facts to tallies, on the engine: counts of what is equal, month by month.

A tally keeps unit and representative, so that it adds up to every scope; and the month, so that it
adds up to every period. Tallies of a month depend on its facts and on what is asked alone, so
they are kept (``analysis.caching``) and a month that has not changed is never counted again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from analysis.caching import TallyCache
from analysis.definitions import (
    DurationSource,
    FigureSource,
    RatingSource,
    RatioSource,
)
from analysis.engines import Connection, fetch, read_files
from analysis.fact_rules import check_rows
from analysis.facts import COLUMNS, DIMENSION, FactFile, FactsError, FactsFolder
from analysis.scorebook import Scorebook

# What is asked of each kind, by two columns or one.
ASKED = {
    "ratings": ("questionnaire", "question"),
    "durations": ("process", "milestone"),
    "figures": ("measure",),
}
TALLY_COLUMNS: dict[str, tuple[str, ...]] = {
    "ratings": (
        "questionnaire", "question", "unit", "representative", "version", "series", "scale_low",
        "scale_high", "value", "missing",
    ),
    "durations": (
        "process", "milestone", "unit", "representative", "event", "seconds", "running_since",
    ),
    "figures": ("measure", "unit", "representative", "period_start", "value"),
}  # fmt: skip
# So many rows are counted at a time, or one month: the groups of a month fit into a processor's
# cache, which makes counting month by month much faster than all at once, and progress is told.
ROWS_AT_ONCE = 2_000_000
# Begins the name of a query's column that tells whether NaN is among a column's numbers.
ODD = "odd_"


@dataclass(frozen=True)
class Wanted:
    """What the KPIs of a scorebook ask of one kind of facts, sorted.

    ``dimensions`` are the columns by which answers are weighted.
    """

    kind: str
    keys: tuple[tuple[str, ...], ...]
    dimensions: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the tally, but for month and count."""
        return (*TALLY_COLUMNS[self.kind], *self.dimensions)

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The tally's columns with their types."""
        own = {
            "running_since": pa.timestamp("us", "UTC"),
            "month": pa.string(),
            "count": pa.int64(),
        }
        own |= dict.fromkeys(self.dimensions, pa.string())
        return {
            name: own.get(name) or COLUMNS[self.kind][name]
            for name in (*self.columns, "month", "count")
        }

    @classmethod
    def of(cls, kind: str, book: Scorebook) -> "Wanted":
        keys = set[tuple[str, ...]]()
        for kpi in book.kpis:
            match kpi.source:
                case RatingSource(questionnaire, question, _, expected) if kind == "ratings":
                    keys |= {(questionnaire, one) for one in (question, expected) if one}
                case DurationSource(process, milestone) if kind == "durations":
                    keys.add((process, milestone))
                case FigureSource(measure) if kind == "figures":
                    keys.add((measure,))
                case RatioSource(numerator, denominator) if kind == "figures":
                    keys |= {(numerator,), (denominator,)}
        if kind == "figures":
            keys |= {(target.adjustment.index,) for target in book.targets if target.adjustment}
        dimensions = {
            DIMENSION + margin.dimension
            for kpi in book.kpis
            for margin in kpi.margins
            if kind == "ratings"
        }
        return cls(kind, tuple(sorted(keys)), tuple(sorted(dimensions)))

    def filter(self, facts: Table, files: Sequence[FactFile]) -> Table:
        """The facts that are asked for, and perhaps some that are not.

        Facts of one question lie together. Where the files' statistics name none that is not asked
        for, what else there is is little, and comparing every row would cost more than counting it.
        """
        for at, name in enumerate(ASKED[self.kind]):
            asked = {key[at] for key in self.keys}
            if any(not file.ends.get(name, frozenset((None,))) <= asked for file in files):
                facts = facts.filter(facts[name].isin(sorted(asked)))
        return facts

    def only(self, tally: pa.Table) -> pa.Table:
        """The rows of a tally that are asked for."""
        named = [tally[name] for name in ASKED[self.kind]]
        first = {key[0] for key in self.keys}
        if len(named) == 1:
            return tally.filter(pa.compute.is_in(named[0], pa.array(sorted(first))))
        keep = pa.array(np.zeros(tally.num_rows, np.bool_))
        for one in first:
            others = pa.array([key[1] for key in self.keys if key[0] == one])
            match = pa.compute.and_(
                pa.compute.equal(named[0], one), pa.compute.is_in(named[1], others)
            )
            keep = pa.compute.or_(keep, match)
        return tally.filter(keep)


def tally_months(
    connection: Connection,
    folder: FactsFolder,
    wanted: Wanted,
    months: Sequence[str],
    cache: TallyCache,
    on_progress: Callable[[float], None],
) -> pa.Table:
    """The tally of the months, from the cache or counted now.

    Parameters
    ----------
    months : sequence of str
        Months as YYYY-MM; those without facts of the kind are passed over.
    on_progress : callable
        Hears the share done, 0 to 1.

    Returns
    -------
    pyarrow.Table
        The columns of ``TALLY_COLUMNS`` of the kind, ``month`` and ``count``; texts as codes into
        a list of the different ones, which are few.

    Raises
    ------
    FactsError
        For facts that cannot be counted, by the rule that they break.
    """
    files = folder.files(wanted.kind, months) if wanted.keys else []
    _check_dimensions(wanted, files)
    asked = [wanted.kind, list(wanted.columns), [list(key) for key in wanted.keys]]
    kept, hashes = cache.read_months(folder, asked, files)
    tallies = list(kept.values())
    missing = [file for file in files if file.month not in kept]
    total, done = sum(file.rows for file in files) or 1, 0
    for batch in _batches(missing):
        tally = _count(connection, folder, wanted, batch)
        tallies.append(tally)
        cache.write_months(asked, tally, hashes, {one.month for one in batch})
        done += sum(file.rows for file in batch)
        on_progress(done / total)
    return pa.concat_tables([_empty(wanted), *tallies])


def count_query(wanted: Wanted, facts: Table, constants: Sequence[str]) -> Table:
    """The query that counts what is equal; columns that are ``constants`` are not grouped by."""
    if wanted.kind == "figures":
        return facts.select("month", *wanted.columns).mutate(count=ibis.literal(1, "int64"))
    if wanted.kind == "durations":
        # A running visit is open until whenever it is asked: its start is kept in its place.
        since = ibis.ifelse(facts["seconds"].isnull(), facts["started_at"], None)
        facts = facts.mutate(running_since=since.cast("timestamp('UTC')"))
    keys = [name for name in ("month", *wanted.columns) if name not in constants]
    # Statistics of a file pass over NaN: it comes to light here.
    odd = {
        ODD + name: facts[name].isnan().any()
        for name in constants
        if facts[name].type().is_floating()
    }
    return facts.group_by(keys).aggregate(count=ibis._.count(), **odd)


def facts_of(
    connection: Connection, folder: FactsFolder, wanted: Wanted, files: Sequence[FactFile]
) -> tuple[Table, dict[str, object]]:
    """The facts asked for in some files as a table, and the columns that hold one value in all."""
    constants = {**files[0].constants, "month": files[0].month}
    for file in files[1:]:
        own = {**file.constants, "month": file.month}
        constants = {
            name: value for name, value in constants.items() if name in own and own[name] == value
        }
    return wanted.filter(read_files(connection, folder, files), files), constants


def _count(
    connection: Connection, folder: FactsFolder, wanted: Wanted, files: Sequence[FactFile]
) -> pa.Table:
    facts, constants = facts_of(connection, folder, wanted, files)
    tally = _read_tally(connection, wanted, facts, constants)
    try:
        check_rows(wanted.kind, tally)
    except FactsError:
        # Counted by every column, so that the rows that break the rule are told by their number.
        check_rows(wanted.kind, _read_tally(connection, wanted, facts, {}))
        raise
    _check_uncounted(connection, wanted.kind, facts, files)
    return code_texts(tally)


def _read_tally(
    connection: Connection, wanted: Wanted, facts: Table, constants: Mapping[str, object]
) -> pa.Table:
    counted = fetch(connection, count_query(wanted, facts, list(constants)))
    columns = {}
    for name, kind in wanted.types.items():
        if name in counted.column_names:
            columns[name] = counted[name].cast(kind)
            continue
        columns[name] = pa.repeat(pa.scalar(constants[name], kind), counted.num_rows)
        if ODD + name in counted.column_names:
            columns[name] = pa.compute.if_else(counted[ODD + name], np.nan, columns[name])
    return wanted.only(pa.table(columns))


def _check_uncounted(
    connection: Connection, kind: str, facts: Table, files: Sequence[FactFile]
) -> None:
    """Empty cells in columns that no tally holds, where the files do not rule them out."""
    suspects = set[str]().union(*(file.perhaps_empty for file in files))
    for name in sorted(suspects & (COLUMNS[kind].keys() - set(TALLY_COLUMNS[kind]))):
        counted = facts.aggregate(empty=facts[name].isnull().sum())
        empty = int(fetch(connection, counted)["empty"][0].as_py() or 0)
        if empty:
            told = "1 row" if empty == 1 else f"{empty} rows"
            raise FactsError(
                f"In the {kind}, {told} cannot be counted: the column {name} is empty there."
            )


def _check_dimensions(wanted: Wanted, files: Sequence[FactFile]) -> None:
    for file in files:
        if missing := set(wanted.dimensions) - file.dimensions:
            raise FactsError(
                f"The file {file.path} lacks the column {min(missing)}, which the scorebook's "
                "margins sort answers by. Add it, or take the margin out."
            )


def _batches(files: Sequence[FactFile]) -> list[list[FactFile]]:
    """Whole months of about so many rows."""
    batches: list[list[FactFile]] = []
    rows = 0
    for file in files:
        is_new_month = not batches or batches[-1][-1].month != file.month
        if not batches or (is_new_month and rows + file.rows > ROWS_AT_ONCE):
            batches.append([])
            rows = 0
        batches[-1].append(file)
        rows += file.rows
    return batches


def code_texts(tally: pa.Table) -> pa.Table:
    """The same tally with its texts as codes into a list of the different ones."""
    columns = {
        name: column.dictionary_encode() if pa.types.is_string(column.type) else column
        for name, column in zip(tally.column_names, tally.columns, strict=True)
    }
    return pa.table(columns)


def empty_tally(kind: str) -> pa.Table:
    """A tally of nothing, with all its columns."""
    return _empty(Wanted(kind, ()))


def _empty(wanted: Wanted) -> pa.Table:
    return code_texts(pa.schema(wanted.types).empty_table())
