"""Risk tables: at each time, how many visits were still going on and how many ended then, and how.

Time lies on the last axis, cells (a scope, a stage, a group) on the axes before it, so that one
table serves one cell or thousands. All that is said about durations is computed from these counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.cell_buckets import dense_cells
from analysis.estimate import Integers, Mask
from analysis.interval import Floats


@dataclass(frozen=True)
class RiskTable:
    """Visits at risk, and what ended, at each distinct time of one cell or of many.

    A cell with fewer distinct times than the longest ends in rows at which nobody is at risk;
    their time is infinite. A visit that is still open is censored. Being called back and leaving
    are competing ends: such a visit will never reach the milestone.

    Attributes
    ----------
    time : array (..., T)
        Seconds since the start, rising along the last axis; T is at least 1.
    at_risk : array (..., T)
        Visits that were seen until this time or longer; one that is censored at a time was at risk
        then.
    reached : array (..., T)
        Visits that reached the milestone at this time.
    competing : array (..., T)
        Visits that ended otherwise at this time.

    Raises
    ------
    ValueError
        If the shapes differ, a time is NaN, negative or out of order, or more visits go than are
        there.

    Examples
    --------
    Three visits: one reached the milestone after 60 s, one was called back then, one is open.

    >>> one, none = np.array([1.0, 0.0]), np.array([0.0, 0.0])
    >>> table = RiskTable.count(np.array([60.0, 90.0]), one, one, np.array([0.0, 1.0]))
    >>> table.at_risk.tolist(), float(table.n), float(table.n_censored)
    ([3.0, 1.0], 3.0, 1.0)
    """

    time: Floats
    at_risk: Floats
    reached: Floats
    competing: Floats

    def __post_init__(self) -> None:
        shapes = {one.shape for one in (self.time, self.at_risk, self.reached, self.competing)}
        if len(shapes) > 1 or self.time.shape[-1:] in ((), (0,)):
            raise ValueError(
                "time, at_risk, reached and competing need one shape, with a time or more on the "
                "last axis; a cell without visits has one row at which nobody is at risk."
            )
        absent = self.at_risk == 0
        rising = (self.time[..., 1:] > self.time[..., :-1]) | absent[..., 1:]
        if not ((self.time >= 0) & (np.isfinite(self.time) | absent)).all() or not rising.all():
            raise ValueError(
                "Times must be finite, not negative and rising along the last axis; from_rows "
                "sorts rows and merges equal times."
            )
        staying = self.at_risk - self.ended
        fewer = self.at_risk[..., 1:] <= staying[..., :-1]
        if not ((self.reached >= 0) & (self.competing >= 0) & (staying >= 0)).all() or (
            not fewer.all()
        ):
            raise ValueError(
                "Counts must not be negative, and no more visits can be at risk or end than have "
                "not ended before; count() takes at_risk from the ends and the censored."
            )

    @classmethod
    def count(cls, time: Floats, reached: Floats, competing: Floats, censored: Floats) -> RiskTable:
        """From the counts of every distinct time, who is at risk.

        Parameters
        ----------
        time, reached, competing, censored : array (..., T)
            Rising times, and how many visits were last seen at each, by how.

        Returns
        -------
        RiskTable
            At risk at a time is who was last seen then or later.

        Examples
        --------
        >>> none = np.zeros(2)
        >>> RiskTable.count(np.array([1.0, 2.0]), none, none, none + 4).at_risk.tolist()
        [8.0, 4.0]
        """
        gone = reached + competing + censored
        # Summed from the end, which leaves exactly nobody where a cell is padded.
        at_risk = np.cumsum(gone[..., ::-1], axis=-1)[..., ::-1]
        return cls(time, at_risk, reached, competing)

    @classmethod
    def from_rows(
        cls,
        cell: Integers,
        time: Floats,
        reached: Floats,
        competing: Floats,
        censored: Floats,
        cells: int,
    ) -> list[tuple[Integers, RiskTable]]:
        """Tables of many cells from rows in any order, cells of similar width together.

        Cells share a table if their numbers of distinct times need the same power of two, so that
        padding at most doubles the rows, however unequal the cells are.

        Parameters
        ----------
        cell : array (R,)
            The number of each row's cell, from 0 on.
        time : array (R,)
            Seconds since the start. Rows of one cell and time are added up.
        reached, competing, censored : array (R,)
            How many visits were last seen then, by how: whole numbers.
        cells : int
            How many cells there are, with or without rows.

        Returns
        -------
        list of (array (C,), RiskTable of shape (C, T))
            The numbers of the cells, rising, and their table. Every cell is in one of them; a cell
            without visits is one row at which nobody is at risk. ``in_cell_order`` joins what is
            computed from each.

        Raises
        ------
        ValueError
            If the arrays are not of one length, a cell's number is not below ``cells``, a time is
            negative or not finite, or a count is negative or not whole.

        Examples
        --------
        >>> one = np.ones(3)
        >>> tables = RiskTable.from_rows(
        ...     np.array([2, 0, 2]), np.array([9.0, 5.0, 4.0]), one, 0 * one, 0 * one, cells=3
        ... )
        >>> [(numbers.tolist(), table.time.tolist()) for numbers, table in tables]
        [([0, 1], [[5.0], [inf]]), ([2], [[4.0, 9.0]])]
        """
        counts = (reached, competing, censored)
        return [
            (numbers, cls.count(times, *dense[:, :, 0]))
            for numbers, times, dense in dense_cells(
                cell, np.zeros_like(cell), time, counts, cells, 1
            )
        ]

    @classmethod
    def by_group(
        cls,
        cell: Integers,
        group: Integers,
        time: Floats,
        reached: Floats,
        competing: Floats,
        censored: Floats,
        cells: int,
        groups: int,
    ) -> list[tuple[Integers, RiskTable]]:
        """Tables of groups to be compared within each cell; the groups of a cell share its times.

        Parameters
        ----------
        cell, time, reached, competing, censored, cells
            As for ``from_rows``; a cell is a comparison, or a stratum of one.
        group : array (R,)
            The number of each row's group, from 0 on.
        groups : int
            How many groups there are.

        Returns
        -------
        list of (array (C,), RiskTable of shape (C, groups, T))
            The numbers of the cells, and their table. A group is 0 at a time of others.

        Raises
        ------
        ValueError
            As for ``from_rows``, and if a group's number is not below ``groups``.

        Examples
        --------
        >>> one, cell = np.ones(2), np.array([0, 0])
        >>> [(_, table)] = RiskTable.by_group(
        ...     cell, np.array([1, 0]), np.array([4.0, 9.0]), one, 0 * one, 0 * one, 1, 2
        ... )
        >>> table.at_risk.tolist()
        [[[1.0, 1.0], [1.0, 0.0]]]
        """
        counts = (reached, competing, censored)
        return [
            (numbers, cls.count(np.repeat(times[:, np.newaxis], groups, axis=1), *dense))
            for numbers, times, dense in dense_cells(cell, group, time, counts, cells, groups)
        ]

    @property
    def ended(self) -> Floats:
        """Visits that ended at each time, in whatever way; array (..., T)."""
        return self.reached + self.competing

    @property
    def n(self) -> Floats:
        """Visits of each cell; array (...)."""
        visits: Floats = self.at_risk[..., 0]
        return visits

    @property
    def n_censored(self) -> Floats:
        """Visits of each cell that are still open; array (...)."""
        ended: Floats = self.ended.sum(axis=-1)
        return self.n - ended

    @property
    def competes(self) -> Mask:
        """Whether any visit of a cell ended otherwise; array (...)."""
        return np.asarray(self.competing.any(axis=-1))

    def swapped(self) -> RiskTable:
        """The same visits with the other ends as what is waited for, and the milestone competing.

        For one of several other ends count it as reached and all the rest as competing.

        Examples
        --------
        >>> one = np.array([1.0])
        >>> RiskTable(one, 3 * one, one, 2 * one).swapped().reached.tolist()
        [2.0]
        """
        return replace(self, reached=self.competing, competing=self.reached)

    def is_known_at(self, time: float) -> Mask:
        """Whether a cell's curves are known at a time: a visit was seen until then, or all ended.

        Examples
        --------
        >>> one, none = np.ones((2, 1)), np.zeros((2, 1))
        >>> table = RiskTable(one, one, np.array([[1.0], [0.0]]), none)
        >>> table.is_known_at(1.0).tolist(), table.is_known_at(2.0).tolist()
        ([True, True], [True, False])
        """
        present: Mask = self.at_risk > 0
        is_seen: Mask = self.time >= time
        is_last: Mask = self.ended == self.at_risk
        return np.asarray((present & (is_seen | is_last)).any(axis=-1))


def entry_at(values: Floats, place: Integers) -> Floats:
    """The entry of every cell at the cell's own place on the last axis.

    Examples
    --------
    >>> entry_at(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 0])).tolist()
    [2.0, 3.0]
    """
    found: Floats = np.take_along_axis(values, np.expand_dims(place, -1), axis=-1)[..., 0]
    return found


def quotient(above: Floats, below: Floats) -> Floats:
    """Above divided by below, and 0 where below is 0 or less.

    Examples
    --------
    >>> quotient(np.array([1.0, 2.0]), np.array([0.0, 4.0])).tolist()
    [0.0, 0.5]
    """
    shape = np.broadcast_shapes(above.shape, below.shape)
    return np.divide(above, below, out=np.zeros(shape), where=below > 0)


def last_place(marked: Mask) -> Integers:
    """The last marked place on the last axis; the very last one where none is marked.

    Examples
    --------
    >>> last_place(np.array([[True, True, False], [False, False, False]])).tolist()
    [1, 2]
    """
    places: Integers = marked.shape[-1] - 1 - np.argmax(marked[..., ::-1], axis=-1)
    return places
