"""What an answer counts as, and sums of votes that add up over places and months."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from scipy import sparse

from analysis.definitions import Kpi
from analysis.estimate import Integers, Mask
from analysis.interval import Floats

# The cuts that belong to the 0-10 question "would you recommend us"; other scales name their own.
NET_SCALE = (0.0, 10.0)
PROMOTERS_FROM = 9.0
DETRACTORS_TO = 6.0

LEAST = ("low_least", "high_least")
MOST = ("low_most", "high_most")


def vote(kpi: Kpi, value: Any, where: Callable[[Any, Any, Any], Any]) -> Any:
    """The vote an answer casts: itself (mean), 1 or 0 (top box), 1, 0 or -1 (net score).

    ``value`` is a column of numbers and ``where`` the choice function of its kind
    (``numpy.where`` or ``ibis.ifelse``).
    """
    if kpi.statistic == "top_box":
        return where(value >= kpi.cut, 1.0, 0.0)
    if kpi.statistic == "net_score":
        promoters_from = PROMOTERS_FROM if kpi.promoters_from is None else kpi.promoters_from
        detractors_to = DETRACTORS_TO if kpi.detractors_to is None else kpi.detractors_to
        return where(value >= promoters_from, 1.0, where(value <= detractors_to, -1.0, 0.0))
    return value


@dataclass(frozen=True)
class VoteSums:
    """Sums of votes in every cell; arrays of one shape.

    Attributes
    ----------
    n, votes, squares : array
        How many votes, their sum and the sum of their squares.
    inverse : array
        Sum of 1 / answers over the votes; n where a vote is one answer.
    shown, valued : array
        Those who were shown the question, and those with a value among their answers.
    low_least, low_most, high_least, high_most : array
        The least and the greatest end of the scales answered on; infinite where nobody answered.
    """

    n: Floats
    votes: Floats
    squares: Floats
    inverse: Floats
    shown: Floats
    valued: Floats
    low_least: Floats
    low_most: Floats
    high_least: Floats
    high_most: Floats

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> Self:
        """No vote in any cell."""
        sums = {one.name: np.zeros(shape) for one in fields(cls)}
        sums |= {name: np.full(shape, np.inf) for name in LEAST}
        sums |= {name: np.full(shape, -np.inf) for name in MOST}
        return cls(**sums)

    @classmethod
    def choose(cls, sums: list[Self], which: Integers, one_alone: Mask) -> Self:
        """Of several sums, for each position of the last axis those at ``which``.

        Where not ``one_alone``, all of them are added up.
        """
        added = sums[0]
        for other in sums[1:]:
            added = added.plus(other)
        columns = {}
        for one in fields(cls):
            stacked = np.stack([getattr(part, one.name) for part in sums])
            picked = np.take_along_axis(
                stacked, which.reshape((1,) * (stacked.ndim - 1) + (-1,)), 0
            )
            columns[one.name] = np.where(one_alone, picked[0], getattr(added, one.name))
        return cls(**columns)

    def plus(self, other: Self) -> Self:
        """The sums of both, cell by cell."""
        columns = {}
        for one in fields(self):
            mine, others = getattr(self, one.name), getattr(other, one.name)
            if one.name in LEAST:
                columns[one.name] = np.minimum(mine, others)
            elif one.name in MOST:
                columns[one.name] = np.maximum(mine, others)
            else:
                columns[one.name] = mine + others
        return type(self)(**columns)

    def shaped(self, shape: tuple[int, ...]) -> Self:
        """The same cells in another shape."""
        return type(self)(*(getattr(self, one.name).reshape(shape) for one in fields(self)))

    def take(self, rows: Integers) -> Self:
        """Some of the cells."""
        return type(self)(*(getattr(self, one.name)[rows] for one in fields(self)))

    def collect(self, cell: Integers, cells: int) -> Self:
        """Sums of rows in ``cells`` cells; of every row, ``cell`` is the number of its own."""
        return self._combined(
            lambda sums: np.bincount(cell, sums, minlength=cells).astype(np.float64, copy=False),
            lambda ends, ufunc, empty: _extreme_of_cells(cell, cells, ends, ufunc, empty),
        )

    def to_scopes(self, members: sparse.csr_array) -> Self:
        """Sums per scope from sums per place; ``members`` is (scopes, places), 1 for a member."""
        return self._combined(
            lambda sums: members @ sums,
            lambda ends, ufunc, empty: _extreme_of_members(members, ends, ufunc, empty),
        )

    def over(self, spans: Sequence[slice]) -> Self:
        """Sums per span from sums per month, which are the last axis."""
        return self._combined(
            lambda sums: np.stack([sums[..., span].sum(axis=-1) for span in spans], axis=-1),
            lambda ends, ufunc, empty: np.stack(
                [ufunc.reduce(ends[..., span], axis=-1, initial=empty) for span in spans], axis=-1
            ),
        )

    def _combined(
        self,
        add: Callable[[Floats], Floats],
        extreme: Callable[[Floats, np.ufunc, float], Floats],
    ) -> Self:
        found = {}
        for one in fields(self):
            column = getattr(self, one.name)
            if one.name in LEAST:
                found[one.name] = extreme(column, np.minimum, np.inf)
            elif one.name in MOST:
                found[one.name] = extreme(column, np.maximum, -np.inf)
            else:
                found[one.name] = add(column)
        return type(self)(**found)


@dataclass(frozen=True)
class CastVotes:
    """Rows of counted votes: the cell each belongs to, what was voted, by how many.

    Attributes
    ----------
    cell, count : array
        Number of the cell, and how many such votes there are.
    cast : array
        The vote; anything where ``voted`` is false.
    answers : array
        How many answers one such vote is the mean of.
    voted, shown, valued : array of bool
        Whether they cast a vote, were shown the question, have an answer with a value.
    low, low_most, high, high_most : array
        The ends of the scales of those who are ``valued``, the least and the greatest.
    """

    cell: Integers
    count: Floats
    cast: Floats
    answers: Floats
    voted: Mask
    shown: Mask
    valued: Mask
    low: Floats
    low_most: Floats
    high: Floats
    high_most: Floats

    def sum(self, cells: int) -> VoteSums:
        """Sums of the votes of every cell, from 0 to ``cells`` - 1."""

        count = np.where(self.voted, self.count, 0.0)
        cast = np.where(self.voted, self.cast, 0.0)
        return VoteSums(
            n=count,
            votes=count * cast,
            squares=count * cast**2,
            inverse=count / np.maximum(self.answers, 1),
            shown=np.where(self.shown, self.count, 0.0),
            valued=np.where(self.valued, self.count, 0.0),
            low_least=np.where(self.valued, self.low, np.inf),
            low_most=np.where(self.valued, self.low_most, -np.inf),
            high_least=np.where(self.valued, self.high, np.inf),
            high_most=np.where(self.valued, self.high_most, -np.inf),
        ).collect(self.cell, cells)


def _extreme_of_cells(
    cell: Integers, cells: int, ends: Floats, ufunc: np.ufunc, empty: float
) -> Floats:
    """The least or greatest end of every cell's rows."""
    found = np.full(cells, empty)
    there = np.isfinite(ends)
    present = ends[there]
    if present.size and (present == present[0]).all():
        # One scale for all, as nearly always.
        found[cell[there]] = present[0]
    else:
        ufunc.at(found, cell[there], present)
    return found


def _extreme_of_members(
    members: sparse.csr_array, ends: Floats, ufunc: np.ufunc, empty: float
) -> Floats:
    """The least or greatest end of every scope's places; ``ends`` is (places, ...)."""
    present = ends[np.isfinite(ends)]
    if present.size and (present == present[0]).all():
        reached = members @ np.isfinite(ends).astype(np.float64) > 0
        return np.where(reached, present[0], empty)
    found = np.full((members.shape[0], *ends.shape[1:]), empty)
    scope = np.repeat(np.arange(members.shape[0]), np.diff(members.indptr))
    ufunc.at(found, scope, ends[members.indices])
    return found
