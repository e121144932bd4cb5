"""Disclosure control: which cells of a table of scopes may be shown.

A table has one row a scope of a tree (everybody, units, units below them, representatives) and one
column a KPI and period. First every cell of too few people is hidden, then further cells, so that
no hidden one follows from the shown ones by adding and subtracting.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

MIN_N = 5

Ints = npt.NDArray[np.int64]
Statuses = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]

# Costs more than any cell that can be hidden.
NEVER = np.iinfo(np.int64).max // 4


class Status(IntEnum):
    """What is done with a cell."""

    SHOWN = 0
    # Nobody is in it; there is nothing to hide.
    EMPTY = 1
    SUPPRESSED_SMALL = 2
    SUPPRESSED_COMPLEMENTARY = 3


def suppress(
    parent: npt.ArrayLike,
    counts: npt.ArrayLike,
    min_n: int = MIN_N,
    hidden: npt.ArrayLike | None = None,
) -> Statuses:
    """Hide cells of fewer than ``min_n`` people, and as many more as keep these from being derived.

    *Who is left.* Every person of a scope is in one of the scopes below it or in none; those in
    none are its *rest*, which no table shows but which follows from the scope and all scopes below
    it. So the smallest groups that can follow from what is shown are: a shown scope less the shown
    scopes nearest below it. Such a difference consists of hidden scopes that have none below them,
    and of rests; it is the sum of these *parts*, and of nothing else.

    *What is promised*, in each column by itself. Somebody who knows the tree, all shown counts,
    which cells and rests are empty, and that all others have at least one person

    - can derive the count of no hidden cell, neither by linear algebra nor from the bounds that
      whole numbers of at least 1 leave: at least two values are possible for each, though they may
      be close. So neither can its sum, and so its mean or share, be had by subtraction;
    - can derive no group, of hidden cells and rests together or of a rest alone, that has fewer
      than ``min_n`` people.

    This holds where nobody is in two scopes below the same one. Where some are, so that the parts
    add up to more than the whole, the rest is taken for empty, and differences are not exact.

    *What is not promised.*

    - Differences between columns: of a period and a longer one that contains it, of two runs with
      one late answer between them, or of two questions that nearly the same people answered.
    - Other ways to sort the same people, such as by segment beside by unit.
    - Somebody who knows which hidden cells are small and which complementary. Show both with the
      same word: that a cell has fewer than ``min_n`` people narrows it, and can give it away (a
      small scope over four cells that are not empty, with ``min_n`` 5, has four people).
    - Somebody who repeats this choice of complements, or who has counts or answers from elsewhere:
      of a rest, or his own and his friends' in a hidden cell.
    - What the value of a shown cell or of a difference says of everyone in it: all of them may have
      given the same answer.

    *How.* From the deepest scopes up, a shown scope is safe if nothing below it is hidden, or if
    at least two of its branches (hidden scopes below it, its rest) have parts, which together are
    at least ``min_n`` people and more than one a part. Where it is not, the cheapest shown scope
    right below it is hidden too; this suffices, as that one adds ``min_n`` people or more. Its
    price is its people, and if all below it are shown and there is no rest, so that its count is
    their sum, also the price of the cheapest of them, which is hidden with it. Where no shown scope
    is left below, the scope itself is hidden.

    Parameters
    ----------
    parent : array of int of shape (scopes,)
        The number of the scope above, -1 for one that has none above it.
    counts : array of int of shape (scopes, columns)
        People in each cell.
    min_n : int
        The fewest people that a cell may be shown of.
    hidden : array of bool of shape (scopes, columns), optional
        Cells that are hidden for another reason.

    Returns
    -------
    array of int8 of shape (scopes, columns)
        Values of ``Status``.

    Raises
    ------
    ValueError
        If ``parent`` is no tree, or counts are not whole numbers of at least 0, at most the count
        of the scope above.

    Examples
    --------
    A unit of three representatives; hiding the one with 2 people alone would be in vain.

    >>> suppress([-1, 0, 0, 0], [[20], [2], [7], [11]]).ravel()
    array([0, 2, 3, 0], dtype=int8)

    With 8 people who belong to none of them there is nothing to subtract from.

    >>> suppress([-1, 0, 0, 0], [[28], [2], [7], [11]]).ravel()
    array([0, 2, 0, 0], dtype=int8)
    """
    above, people = _as_tree(parent), _as_counts(counts)
    if people.shape[0] != above.size:
        raise ValueError(
            f"There are {above.size} scopes in the tree and {people.shape[0]} rows of counts. "
            "Give one row a scope."
        )
    if not (isinstance(min_n, int) and min_n >= 1):
        raise ValueError(f"The least number of people is {min_n}. Give a whole number from 1.")
    parents = _deepest_first(above)
    inner = above >= 0
    if (people[inner] > people[above[inner]]).any():
        raise ValueError(
            "A scope has more people than the scope above it. Count each person in both."
        )
    table = _Table(people, min_n, hidden)
    for scope in parents:
        table.settle(scope, np.flatnonzero(above == scope))
    return table.status


class _Table:
    """The cells while they are settled, scope by scope.

    ``parts`` and ``held`` say of a cell how many parts it would add to a difference that it is
    hidden in, and with how many people; ``price`` what hiding it costs; ``along`` which scope must
    then be hidden with it, or -1.
    """

    def __init__(self, people: Ints, min_n: int, hidden: npt.ArrayLike | None) -> None:
        self.people, self.min_n = people, min_n
        self.status = np.full(people.shape, Status.SHOWN, np.int8)
        self.status[people == 0] = Status.EMPTY
        self.status[(people > 0) & (people < min_n)] = Status.SUPPRESSED_SMALL
        if hidden is not None:
            also = np.asarray(hidden, np.bool_) & (self.status == Status.SHOWN)
            self.status[also] = Status.SUPPRESSED_COMPLEMENTARY
        # As if no scope had any below it; those that have are settled one by one.
        self.parts = np.ones(people.shape, np.int32)
        self.held = people.copy()
        self.price = people.copy()
        self.along = np.full(people.shape, -1, np.int32)

    def settle(self, scope: int, below: npt.NDArray[np.intp]) -> None:
        """Make one scope safe in all columns, those below it being so."""
        status = self.status[below]
        hidden = status >= Status.SUPPRESSED_SMALL
        rest = np.maximum(self.people[scope] - self.people[below].sum(axis=0), 0)
        branches = hidden.sum(axis=0) + (rest > 0)
        parts = (self.parts[below] * hidden).sum(axis=0) + (rest > 0)
        held = (self.held[below] * hidden).sum(axis=0) + rest
        price = np.where(status == Status.SHOWN, self.price[below], NEVER)
        cheapest = price.argmin(axis=0)
        lowest = np.take_along_axis(price, cheapest[None], axis=0)[0]

        enough = (held >= self.min_n) & ((branches >= 2) & (held > parts) | ~hidden.any(axis=0))
        unsafe = (self.status[scope] == Status.SHOWN) & (branches > 0) & ~enough
        helped = np.flatnonzero(unsafe & (lowest < NEVER))
        also = below[cheapest[helped]]
        self._hide(also, helped)
        parts[helped] += self.parts[also, helped]
        held[helped] += self.held[also, helped]
        self.status[scope, unsafe & (lowest == NEVER)] = Status.SUPPRESSED_COMPLEMENTARY

        # With no parts below it the scope is the sum of shown ones, so that one of these goes too.
        open_book = (parts == 0) & (lowest < NEVER)
        cell = (below[cheapest], np.arange(cheapest.size))
        self.parts[scope] = np.where(open_book, self.parts[cell], parts)
        self.held[scope] = np.where(open_book, self.held[cell], held)
        self.price[scope] += np.where(open_book, lowest, 0)
        self.along[scope] = np.where(open_book, below[cheapest], -1)
        # Hidden beforehand, the scope would otherwise follow from the shown ones below it.
        told = np.flatnonzero(open_book & (self.status[scope] >= Status.SUPPRESSED_SMALL))
        self._hide(below[cheapest[told]], told)

    def _hide(self, scope: npt.NDArray[np.intp], column: npt.NDArray[np.intp]) -> None:
        """Hide cells, and what must be hidden with them."""
        while scope.size:
            self.status[scope, column] = Status.SUPPRESSED_COMPLEMENTARY
            along = self.along[scope, column]
            scope, column = along[along >= 0].astype(np.intp), column[along >= 0]


def _as_tree(parent: npt.ArrayLike) -> npt.NDArray[np.intp]:
    above = np.asarray(parent)
    if above.ndim != 1 or (above.size and not np.issubdtype(above.dtype, np.integer)):
        raise ValueError(
            "The tree is not one whole number a scope. Give the scope above each, or -1."
        )
    if ((above < -1) | (above >= above.size)).any():
        raise ValueError(
            f"A scope is below one that is not among the {above.size}. Use -1 for none."
        )
    return above.astype(np.intp)


def _as_counts(counts: npt.ArrayLike) -> Ints:
    people = np.asarray(counts)
    if people.ndim != 2:
        raise ValueError(
            f"The counts have the shape {people.shape}. Give one row a scope, one column a KPI."
        )
    if not np.issubdtype(people.dtype, np.integer) or (people < 0).any():
        raise ValueError("A count is negative or not a whole number. Give 0 where nobody is.")
    return people.astype(np.int64)


def _deepest_first(above: npt.NDArray[np.intp]) -> list[int]:
    """The scopes that have others below them, each after all that are below it."""
    depth = np.zeros(above.size, np.intp)
    current = above.copy()
    while (current >= 0).any():
        depth += current >= 0
        if depth.max() > above.size:
            raise ValueError("A scope is above itself. Cut the circle with a -1.")
        current = np.where(current >= 0, above[current], -1)
    parents = np.unique(above[above >= 0])
    return [int(one) for one in parents[np.argsort(-depth[parents], kind="stable")]]
