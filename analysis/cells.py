"""Cells of a tally: the scope something counts in times the months it counts for.

A fact counts in several scopes: everybody, its unit and all units above, its representative. Sums
that add up are taken per place (unit and representative) and month first, and only these few sums
are repeated for the scopes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from analysis.definitions import (
    ScopeType,
)
from analysis.estimate import Integers, Mask, Texts
from analysis.interval import Floats
from analysis.scorebook import Scorebook


@dataclass(frozen=True)
class Coded:
    """A column of words as numbers: ``words`` sorted, ``codes`` their positions, -1 for none."""

    words: list[str]
    codes: Integers

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Self:
        encoded = column.dictionary_encode().unify_dictionaries().combine_chunks()
        words = encoded.dictionary.to_pylist()
        if len(words) == 1 and not encoded.null_count:
            return cls(words, np.zeros(len(encoded), np.int64))
        order = sorted(range(len(words)), key=words.__getitem__)
        rank = np.empty(len(words) + 1, np.int64)
        rank[order] = np.arange(len(words))
        rank[-1] = -1
        codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
        return cls([words[at] for at in order], rank[codes])

    @property
    def column(self) -> tuple[Integers, int]:
        """Whole numbers from 0, and how many different ones there may be."""
        return self.codes + 1, len(self.words) + 1

    def take(self, rows: Integers) -> Self:
        """The same column of some of the rows."""
        return type(self)(self.words, self.codes[rows])

    def positions(self, among: Sequence[str]) -> Integers:
        """Of every row, the position of its word in a list; -1 where it is not there."""
        found = {word: at for at, word in enumerate(among)}
        known = np.array([found.get(word, -1) for word in self.words] + [-1], np.int64)
        return known[self.codes]


@dataclass(frozen=True)
class Places:
    """The units and representatives that rows belong to, and which scopes these count in.

    Attributes
    ----------
    place : array of int
        Of every row, the number of its pair of unit and representative.
    members : sparse matrix, shape (scopes, places)
        1 where a place counts in a scope. A unit or representative that the scorebook does not know
        counts for everybody only.
    """

    place: Integers
    members: sparse.csr_array

    @classmethod
    def of(cls, book: Scorebook, unit: Coded, person: Coded) -> Self:
        first, place = numbered(unit.column, person.column)
        # A place that is not known by a word is nobody's.
        units, people = [*unit.words, ""], [*person.words, ""]
        return cls(
            place,
            _members(
                book,
                [units[code] for code in unit.codes[first]],
                [people[code] for code in person.codes[first]],
            ),
        )

    def split(self, category: Coded, words: Sequence[str], scopes: Integers) -> Self:
        """The same places told apart by a category, and further scopes for some of its words.

        After the scopes there are come, for each of ``scopes`` (positions) and in it each of the
        words, who counts in that scope and has that word.
        """
        first, place = numbered((self.place, self.members.shape[1]), category.column)
        members = self.members[:, self.place[first]]
        word = category.positions(words)[first]
        has = [sparse.diags_array((word == at).astype(np.float64)) for at in range(len(words))]
        parts = [members[scopes] @ one for one in has]
        if not parts:
            return type(self)(place, members)
        order = np.arange(len(scopes) * len(words)).reshape(len(words), len(scopes)).T.ravel()
        below = sparse.csr_array(sparse.vstack(parts, format="csr"))[order]
        return type(self)(place, sparse.csr_array(sparse.vstack([members, below], format="csr")))

    def spread(self, rows: Integers) -> tuple[Integers, Integers]:
        """Each of some rows once for every scope it counts in: (scope, row), sorted by scope."""
        of_place = self.members.T.tocsr()
        place = self.place[rows]
        counts = np.diff(of_place.indptr)[place]
        first = np.repeat(of_place.indptr[:-1][place] - (np.cumsum(counts) - counts), counts)
        scope = of_place.indices[first + np.arange(counts.sum())].astype(np.int64)
        row = np.repeat(rows, counts)
        order = np.argsort(scope, kind="stable")
        return scope[order], row[order]


def _members(book: Scorebook, units: Iterable[str], people: Iterable[str]) -> sparse.csr_array:
    number = {(scope.type, scope.id): at for at, scope in enumerate(book.scopes)}
    known = {unit.id for unit in book.units}
    scopes, places = list[int](), list[int]()
    place = -1
    for place, (unit, person) in enumerate(zip(units, people, strict=True)):
        found = [0]
        if unit in known:
            found += [number[ScopeType.UNIT, above] for above in book.upwards(unit)]
        if (ScopeType.REPRESENTATIVE, person) in number:
            found.append(number[ScopeType.REPRESENTATIVE, person])
        scopes += found
        places += [place] * len(found)
    shape = (len(number), place + 1)
    return sparse.csr_array((np.ones(len(scopes)), (scopes, places)), shape=shape)


def sorted_by(*columns: tuple[Integers, int]) -> Integers:
    """The order of rows by whole numbers; each column comes with the number of its values."""
    key, values = _joined(columns)
    # Small whole numbers are sorted by their digits, which is much faster.
    small = values < 2**16
    return np.argsort(key.astype(np.uint16) if small else key, kind="stable" if small else None)


def numbered(*columns: tuple[Integers, int]) -> tuple[Integers, Integers]:
    """Number the different combinations in rows of whole numbers, as they are sorted.

    Returns
    -------
    first : array of int
        For each combination, a row that has it.
    number : array of int
        For each row, the number of its combination.
    """
    key, values = _joined(columns)
    if values <= 4 * len(key) + 1024:
        present = np.flatnonzero(np.bincount(key, minlength=1))
        position = np.zeros(values, np.int64)
        position[present] = np.arange(len(present))
        number = position[key]
    else:
        present, number = np.unique(key, return_inverse=True)
    first = np.empty(len(present), np.int64)
    first[number] = np.arange(len(key))
    return first, number


def _joined(columns: Sequence[tuple[Integers, int]]) -> tuple[Integers, int]:
    """One whole number a row that is sorted as the columns are, and how many there may be."""
    key = np.zeros(len(columns[0][0]), np.int64)
    values = 1
    for column, size in columns:
        if values * size >= 2**62:
            distinct, key = np.unique(key, return_inverse=True)
            values = len(distinct)
        key = key * size + column
        values *= size
    return key, values


def ranked(column: npt.NDArray[np.generic]) -> tuple[Integers, int]:
    """The rank of every value among the distinct ones, NaN last, and how many these are."""
    encoded = pa.array(column).dictionary_encode()
    distinct = encoded.dictionary.to_numpy(zero_copy_only=False)
    rank = np.empty(len(distinct), np.int64)
    rank[np.argsort(distinct)] = np.arange(len(distinct))
    return rank[encoded.indices.to_numpy()], len(distinct)


@dataclass(frozen=True)
class Tally:
    """Columns of equal length, sorted by scope; one scope's rows are a cell.

    Scopes are numbered as in ``Scorebook.scopes``; there are ``scopes`` of them.
    """

    scopes: int
    scope: Integers
    columns: dict[str, npt.NDArray[np.generic]]

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
        return Tally(self.scopes, self.scope[rows], columns)

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
