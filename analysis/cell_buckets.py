"""Many cells of unequal width in a few arrays, and back: rows of counts to dense tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import Field, fields, replace
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from analysis.estimate import Integers
from analysis.interval import Floats


class Dataclass(Protocol):
    """What every dataclass has, whatever its fields."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Result = TypeVar("Result", bound=Dataclass)


def dense_cells(
    cell: Integers,
    group: Integers,
    time: Floats,
    counts: tuple[Floats, ...],
    cells: int,
    groups: int,
) -> Iterator[tuple[Integers, Floats, Floats]]:
    """Rows of counts in any order, as arrays of the cells of similar width.

    Parameters
    ----------
    cell, group : array (R,)
        The numbers of each row's cell, and of its group within the cell, from 0 on.
    time : array (R,)
        Seconds; rows of one cell, group and time are added up, rows of nobody are left out.
    counts : tuple of array (R,)
        Visits of several kinds: whole numbers.
    cells, groups : int
        How many there are of each.

    Yields
    ------
    array (C,), array (C, T), array (kinds, C, groups, T)
        The numbers of the cells that share a power of two, rising; their distinct times, infinite
        after a cell's last; the counts at each.

    Raises
    ------
    ValueError
        If the arrays are not of one length, a number is out of range, a time is negative or not
        finite, or a count is negative or not whole.

    Examples
    --------
    >>> cell, time = np.array([1, 0, 1]), np.array([9.0, 5.0, 9.0])
    >>> for numbers, times, (visits,) in dense_cells(cell, 0 * cell, time, (time,), 2, 1):
    ...     print(numbers.tolist(), times.tolist(), visits.tolist())
    [0, 1] [[5.0], [9.0]] [[[5.0]], [[18.0]]]
    """
    if len({one.shape for one in (cell, group, time, *counts)}) > 1 or time.ndim != 1:
        raise ValueError("Cells, times and counts need arrays of one axis and of one length.")
    rows = np.stack([one.astype(np.float64) for one in counts])
    _check_rows(cell, group, time, rows, cells, groups)
    kept = rows.any(axis=0)
    order = np.lexsort((time[kept], cell[kept]))
    cell, group = cell[kept][order], group[kept][order]
    time, rows = time[kept][order], rows[:, kept][:, order]
    is_new = np.ones(len(cell), dtype=np.bool_)
    is_new[1:] = (np.diff(cell) != 0) | (np.diff(time) != 0)
    width = np.bincount(cell[is_new], minlength=cells)
    # The number of each row's time among those of its cell.
    place = np.cumsum(is_new) - 1 - (np.cumsum(width) - width)[cell]
    power = np.frexp(np.maximum(width - 1, 0))[1]
    for alike in np.unique(power):
        numbers, mine = np.flatnonzero(power == alike), power[cell] == alike
        row, longest = np.searchsorted(numbers, cell[mine]), max(1, width[numbers].max())
        times = np.full((len(numbers), longest), np.inf)
        times[row, place[mine]] = time[mine]
        shape = (len(numbers), groups, longest)
        entry = np.ravel_multi_index((row, group[mine], place[mine]), shape)
        dense = [np.bincount(entry, one[mine], int(np.prod(shape))).reshape(shape) for one in rows]
        # Counting no rows gives integers.
        yield numbers, times, np.stack(dense).astype(np.float64)


def in_cell_order(
    parts: Iterable[tuple[Integers, Result]], shape: tuple[int, ...] = (-1,)
) -> Result:
    """Results of the tables that ``from_rows`` gave, as one result of all cells.

    Parameters
    ----------
    parts : iterable of (array (C,), result)
        The numbers of the cells, and a dataclass with an entry a cell on the first axis of each of
        its arrays, such as a ``Share`` or an ``Interval``.
    shape : tuple of int
        In what shape to give the cells, if they were numbered through several axes.

    Returns
    -------
    result
        Of the same kind; what is not an array is taken from the first part.

    Examples
    --------
    >>> from analysis.interval import Interval
    >>> low, high = np.array([2.0, 0.0]), np.array([3.0, 1.0])
    >>> parts = [(np.array([2, 0]), Interval(low, high, 0.95, "rule")),
    ...          (np.array([1]), Interval(np.array([1.0]), np.array([2.0]), 0.95, "rule"))]
    >>> in_cell_order(parts).high.tolist()
    [1.0, 2.0, 3.0]
    """
    numbers, results = zip(*parts, strict=True)
    order = np.argsort(np.concatenate(numbers))
    joined = {}
    for field in fields(results[0]):
        values = [getattr(result, field.name) for result in results]
        if isinstance(values[0], np.ndarray):
            cells = np.concatenate(values)[order]
            joined[field.name] = cells.reshape(*shape, *cells.shape[1:])
    whole: Result = replace(results[0], **joined)
    return whole


def _check_rows(
    cell: Integers, group: Integers, time: Floats, rows: Floats, cells: int, groups: int
) -> None:
    if min(cells, groups) < 1 or (
        ((cell < 0) | (cell >= cells) | (group < 0) | (group >= groups)).any()
    ):
        raise ValueError("There is one cell or more; they are numbered from 0, and so are groups.")
    if not ((time >= 0) & np.isfinite(time)).all():
        raise ValueError("Times must be finite and not negative; leave such visits out.")
    if not ((rows >= 0) & (rows == np.floor(rows))).all():
        raise ValueError("Counts of visits must be whole numbers and not negative.")
