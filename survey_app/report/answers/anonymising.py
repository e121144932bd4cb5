"""The rules by which a download tells nothing about one person.

What would name somebody (customer, invitation, exact moment, typed words) has no column at all.
This module is about the rest, by which somebody who is known otherwise could be picked out: month,
unit, representative, language and the contact's attributes. It makes every mixture of them that is
told, within a version, belong to `least` people or more:

1. a value that fewer people have in the file is withheld wherever it stands;
2. where fewer people share the mixture, one column after the other is withheld in their rows, in
   the order of `sacrificed`, until as many share what is left;
3. rows for which not even that is enough are left out.

People are counted, not responses: one customer who answered ten times is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# The number that stands for what is withheld; values have numbers from 1.
WITHHELD_CODE = 0

# One row a mixture, one column for each of what it mixes; whole numbers from 1.
Mixtures = NDArray[np.int32]


@dataclass(frozen=True)
class People:
    """Who has which mixture: pairs of the place of a mixture and a number of a person, each once.

    Both have one dimension and the same length.
    """

    mixtures: NDArray[np.int64]
    persons: NDArray[np.int64]

    @classmethod
    def of(cls, mixtures: NDArray[np.int32], persons: NDArray[np.int64]) -> People:
        """From one pair for each response; `persons` are any numbers, equal for one person.

        They are cut to what fits beside a mixture into one number. Two people who become one that
        way are counted as one, so nothing is told that would not have been.
        """
        bits = 63 - int(mixtures.max(initial=0)).bit_length()
        cut = persons & ((1 << bits) - 1)
        # Sorted by ourselves: `np.unique` would look each up in a table, which takes far longer.
        pairs = np.sort((mixtures.astype(np.int64) << bits) | cut)
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        return cls(pairs >> bits, pairs & ((1 << bits) - 1))

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        """How many people each mixture has."""
        return np.bincount(self.mixtures)

    def are_enough(self, groups: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
        """Whether each group of mixtures has `least` people or more.

        `groups` has the group of each mixture, from 0. What one mixture alone shows, or all of them
        together cannot reach, is not counted person by person.
        """
        total = int(groups.max(initial=-1)) + 1
        sizes = np.pad(self._sizes, (0, len(groups) - len(self._sizes)))
        most = np.bincount(groups, weights=sizes, minlength=total)
        enough = np.zeros(total, bool)
        enough[groups[sizes >= least]] = True
        open_ = ~enough & (most >= least)
        if not open_.any():
            return enough
        inside = open_[groups[self.mixtures]]
        pairs = _rows_once(np.stack([groups[self.mixtures[inside]], self.persons[inside]], axis=1))
        return enough | (np.bincount(pairs[:, 0], minlength=total) >= least)


def publish(
    mixtures: Mixtures, people: People, sacrificed: Sequence[int], least: int
) -> tuple[Mixtures, NDArray[np.bool_]]:
    """What is told in the place of each mixture, and whether its rows are told at all.

    `sacrificed` are the columns of mixtures that may be withheld, in the order in which they are;
    the others, such as the version, stay.
    """
    told = mixtures.copy()
    for column in sacrificed:
        rare = ~people.are_enough(told[:, column].astype(np.int64), least)
        told[rare[told[:, column]], column] = WITHHELD_CODE
    settled = np.zeros(len(told), bool)
    for column in (None, *sacrificed):
        if column is not None:
            told[~settled, column] = WITHHELD_CODE
        # A settled mixture has people enough by itself, so whoever joins it has.
        settled |= people.are_enough(groups := group_rows(told), least)[groups]
    return told, settled


def group_rows(rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """The group of each row, from 0; equal rows are in one."""
    groups = np.zeros(len(rows), np.int64)
    for column in rows.T:
        groups = groups * (int(column.max(initial=0)) + 1) + column
        # Numbered anew before they could grow too large, however many columns there are.
        if groups.max(initial=0) >= 2**31:
            groups = np.unique(groups, return_inverse=True)[1]
    return np.unique(groups, return_inverse=True)[1]


def _rows_once(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each row of two columns once."""
    if not len(pairs):
        return pairs
    sorted_ = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    new = np.ones(len(sorted_), bool)
    new[1:] = (sorted_[1:] != sorted_[:-1]).any(axis=1)
    return sorted_[new]
