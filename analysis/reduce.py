"""Facts to tallies, on the engine: counts of what is equal, month by month.

A tally keeps unit and representative, so that it adds up to every scope; and the month, so that it
adds up to every period. Tallies of a month depend on its facts and on what is asked alone, so
they are kept (``analysis.caching``) and a month that has not changed is never counted again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from analysis.caching import TallyCache
from analysis.engines import Connection, fetch, perhaps_nan, read_files
from analysis.fact_rules import check_rows
from analysis.facts import COLUMNS, FactFile, FactsError, FactsFolder
from analysis.wanted import ASKED, TALLY_COLUMNS, Wanted, code_text, repeat

# So many rows are counted at a time, or one month: the groups of a month fit into a processor's
# cache, which makes counting month by month much faster than all at once, and progress is told.
ROWS_AT_ONCE = 2_000_000
# The column of a query that tells whether NaN is among the numbers of columns that look constant.
ODD = "odd"


def tally_months(
    wanted: Wanted,
    connection: Connection,
    folder: FactsFolder,
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
    batches = tally_batches(wanted, connection, folder, files, cache, on_progress)
    return pa.concat_tables([wanted.empty(), *(tally for _, tally in batches)])


def tally_batches(
    wanted: Wanted,
    connection: Connection,
    folder: FactsFolder,
    files: Sequence[FactFile],
    cache: TallyCache,
    on_progress: Callable[[float], None],
) -> Iterator[tuple[set[str], pa.Table]]:
    """The same for the months of some files, a few months at a time: which, and their tally."""
    _check_dimensions(wanted, files)
    asked = [wanted.kind, list(wanted.columns), [list(key) for key in wanted.keys]]
    kept, contents = cache.read_months(folder, asked, files, wanted.empty().schema)
    yield from (({month}, tally) for month, tally in kept.items())
    missing = [file for file in files if file.month not in kept]
    total, done = sum(file.rows for file in missing) or 1, 0
    for batch in batches_of(missing):
        tally = _count(connection, folder, wanted, batch)
        months = {one.month for one in batch}
        cache.write_months(folder, asked, tally, contents, months)
        yield months, tally
        done += sum(file.rows for file in batch)
        on_progress(done / total)


@dataclass(frozen=True)
class Facts:
    """The facts asked for in some files.

    Attributes
    ----------
    table : ibis.Table
        As the engine reads them.
    constants : dict
        Columns that hold one value in all of them, and the value.
    perhaps_nan : frozenset of str
        Those of the constants among which NaN may be.
    """

    table: Table
    constants: Mapping[str, object]
    perhaps_nan: frozenset[str]

    @classmethod
    def of(
        cls, connection: Connection, folder: FactsFolder, wanted: Wanted, files: Sequence[FactFile]
    ) -> Self:
        constants = {**files[0].statistics.constants, "month": files[0].month}
        for file in files[1:]:
            own = {**file.statistics.constants, "month": file.month}
            constants = {
                name: value
                for name, value in constants.items()
                if name in own and own[name] == value
            }
        return cls(
            wanted.filter(read_files(connection, folder, files), files),
            constants,
            frozenset(constants).intersection(
                set[str]().union(*(perhaps_nan(file) for file in files))
            ),
        )


def count_query(wanted: Wanted, facts: Facts) -> Table:
    """The query that counts what is equal; columns that are constant are not grouped by."""
    table = facts.table
    if wanted.kind == "figures":
        return table.select("month", *wanted.columns).mutate(count=ibis.literal(1, "int64"))
    if wanted.kind == "durations":
        # A running visit is open until whenever it is asked: its start is kept in its place.
        since = ibis.ifelse(table["seconds"].isnull(), table["started_at"], None)
        table = table.mutate(running_since=since.cast("timestamp('UTC')"))
    keys = [name for name in ("month", *wanted.columns) if name not in facts.constants]
    numbers = [table[name].isnan() for name in sorted(facts.perhaps_nan & {*wanted.columns})]
    odd = {ODD: ibis.or_(*numbers).any()} if numbers else {}
    return table.group_by(keys).aggregate(count=ibis._.count(), **odd)


def _count(
    connection: Connection, folder: FactsFolder, wanted: Wanted, files: Sequence[FactFile]
) -> pa.Table:
    _check_empty(connection, folder, wanted.kind, files)
    facts = Facts.of(connection, folder, wanted, files)
    tally = _read_tally(connection, wanted, facts)
    try:
        check_rows(wanted.kind, tally)
    except FactsError:
        # Counted by every column, so that the rows that break the rule are told by their number.
        by_all = Facts(facts.table, {}, frozenset())
        check_rows(wanted.kind, _read_tally(connection, wanted, by_all))
        raise
    return tally


def _read_tally(connection: Connection, wanted: Wanted, facts: Facts) -> pa.Table:
    counted = fetch(connection, count_query(wanted, facts))
    columns = {}
    for name, kind in wanted.types.items():
        if name in counted.column_names:
            columns[name] = code_text(counted[name].cast(kind))
            continue
        columns[name] = repeat(facts.constants[name], kind, counted.num_rows)
        if ODD in counted.column_names and pa.types.is_floating(kind):
            columns[name] = pa.compute.if_else(counted[ODD], np.nan, columns[name])
    return wanted.only(pa.table(columns))


def _check_empty(
    connection: Connection, folder: FactsFolder, kind: str, files: Sequence[FactFile]
) -> None:
    """Empty cells that no tally would show, where the files do not rule them out.

    They are in columns that no tally holds, or in those by which rows are chosen: a row without
    them would be chosen by nobody.
    """
    suspects = set[str]().union(*(file.statistics.perhaps_empty for file in files))
    unseen = (COLUMNS[kind].keys() - set(TALLY_COLUMNS[kind])) | set(ASKED[kind])
    looked_at = sorted(suspects & unseen)
    if not looked_at:
        return
    facts = read_files(connection, folder, files)
    for name in looked_at:
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
                f"The file {file.path} lacks the column {min(missing)}, by which the scorebook "
                "sorts answers. Add it, or take it out of the KPIs' 'margins' and 'by'."
            )


def batches_of(files: Sequence[FactFile]) -> list[list[FactFile]]:
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
