"""Cells of a tally: what was asked times the scope it counts in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis.expr.types import Table

from analysis.definitions import ScopeType, Scorebook

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Tally:
    """Columns of equal length, sorted by scope; one scope's rows are a cell.

    Scopes are numbered as in ``Scorebook.scopes``; there are ``scopes`` of them. ``note`` is a
    sentence on what was left out of all of them, or ''.
    """

    scopes: int
    scope: Integers
    columns: dict[str, npt.NDArray[np.generic]]
    note: str = ""

    def cell(self, scope: int) -> slice:
        """Where the rows of one scope stand."""
        first, last = np.searchsorted(self.scope, [scope, scope + 1])
        return slice(int(first), int(last))

    def floats(self, name: str) -> Floats:
        """A numeric column, with NaN for NULL."""
        return self.columns[name].astype(np.float64, copy=False)

    def integers(self, name: str) -> Integers:
        return self.columns[name].astype(np.int64, copy=False)

    def texts(self, name: str) -> Texts:
        """A text column, with None for NULL."""
        return self.columns[name].astype(np.object_, copy=False)

    def sums(self, values: npt.NDArray[np.generic], rows: Mask | None = None) -> Floats:
        """One sum a scope, of all rows or of those in the mask."""
        chosen = slice(None) if rows is None else rows
        sums = np.bincount(self.scope[chosen], values[chosen], minlength=self.scopes)
        return sums.astype(np.float64, copy=False)

    def only(self, rows: Mask | slice) -> "Tally":
        """The same tally with some of its rows."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Tally(self.scopes, self.scope[rows], columns, self.note)

    def split(self, number: str, parts: int) -> list["Tally"]:
        """The rows of number 0, 1 ... in a column by which the rows were sorted before scope."""
        ends = np.searchsorted(self.integers(number), np.arange(parts + 1))
        return [self.only(slice(int(ends[at]), int(ends[at + 1]))) for at in range(parts)]

    def beside(self, other: "Tally", flag: str) -> "Tally":
        """Both tallies' rows in one, sorted by scope; ``flag`` is true in the rows of this one."""
        scope = np.concatenate([self.scope, other.scope])
        order = np.argsort(scope, kind="stable")
        columns = {
            name: np.concatenate([column, other.columns[name]])[order]
            for name, column in self.columns.items()
        }
        columns[flag] = (np.arange(len(scope)) < len(self.scope))[order]
        return Tally(self.scopes, scope[order], columns)

    @classmethod
    def from_arrow(cls, table: pa.Table, scopes: int) -> "Tally":
        """From a table with the column ``scope``, sorted by it."""
        columns = {
            name: table.column(name).to_numpy() for name in table.column_names if name != "scope"
        }
        return cls(scopes, table.column("scope").to_numpy(), columns)


@dataclass(frozen=True)
class ScopeTables:
    """Which scopes a unit and a representative belong to, as two small tables on the engine."""

    scopes: int
    of_unit: Table
    of_representative: Table

    @classmethod
    def of(cls, book: Scorebook) -> "ScopeTables":
        number = {(scope.type, scope.id): at for at, scope in enumerate(book.scopes)}
        units = [
            (unit.id, number[ScopeType.UNIT, above])
            for unit in book.units
            for above in book.upwards(unit.id)
        ]
        people = [
            (one.id, number[ScopeType.REPRESENTATIVE, one.id]) for one in book.representatives
        ]
        return cls(
            len(number),
            _numbered(("unit",), [(one,) for one, _ in units], [at for _, at in units], "scope"),
            _numbered(
                ("representative",),
                [(one,) for one, _ in people],
                [at for _, at in people],
                "scope",
            ),
        )

    def spread(self, counted: Table) -> Table:
        """Each row once for every scope it counts in, with the column ``scope``.

        A unit or representative that the scorebook does not know counts for everybody only.
        """
        everybody = counted.mutate(scope=ibis.literal(0, "int64"))
        in_units = counted.join(self.of_unit, "unit")
        in_people = counted.join(self.of_representative, "representative")
        names = everybody.columns
        return ibis.union(everybody, in_units.select(names), in_people.select(names))


class Asked:
    """The questions, milestones or measures that KPIs ask for, numbered."""

    def __init__(self, columns: Sequence[str], keys: Sequence[tuple[str, ...]]) -> None:
        self._columns = tuple(columns)
        self.keys = sorted(set(keys))

    def filtered(self, facts: Table) -> Table:
        """The facts that are asked for."""
        wanted = [
            [facts[name] == word for name, word in zip(self._columns, key, strict=True)]
            for key in self.keys
        ]
        return facts.filter(reduce(or_, (reduce(and_, words) for words in wanted)))

    def numbered(self, counted: Table) -> Table:
        """The table with the number of what was asked in ``asked`` in place of its columns."""
        numbers = _numbered(self._columns, self.keys, range(len(self.keys)), "asked")
        return counted.join(numbers, self._columns).drop(*self._columns)


def _numbered(
    columns: Sequence[str], keys: Sequence[tuple[str, ...]], numbers: Sequence[int], name: str
) -> Table:
    texts = {
        column: pa.array([key[at] for key in keys], pa.string())
        for at, column in enumerate(columns)
    }
    return ibis.memtable(pa.table({**texts, name: pa.array(list(numbers), pa.int64())}))
