"""Margins: known totals of the categories of a population, and the category of each row."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.interval import Floats

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Margin:
    """A way to sort rows into categories, with each category's known total.

    Made by ``Margin.of`` from one column of labels or by ``Margin.crossed`` from several.

    Attributes
    ----------
    name : str
        How errors name it.
    categories : tuple
        The labels that have a total.
    totals : array of shape (categories,)
        Known totals, above 0, in any unit that all margins share: people, or shares of 1.
    codes : array of int of shape (rows,)
        Which category each row is in.
    """

    name: str
    categories: tuple[Hashable, ...]
    totals: Floats
    codes: Codes

    @classmethod
    def of(cls, name: str, labels: npt.ArrayLike, totals: Mapping[Any, float]) -> "Margin":
        """A margin of one column.

        Parameters
        ----------
        name : str
            How errors name it.
        labels : array of shape (rows,)
            Each row's category, as texts or numbers.
        totals : mapping
            The known total of every category.

        Raises
        ------
        ValueError
            If a row's category has no total, or a total is not a number above 0.

        Examples
        --------
        >>> Margin.of("size", ["big", "small", "big"], {"small": 30, "big": 10}).codes
        array([1, 0, 1])
        """
        seen, codes = _sorted_labels(name, labels)
        return cls._made(name, [label.item() for label in seen], codes, totals)

    @classmethod
    def crossed(
        cls,
        name: str,
        labels: Sequence[npt.ArrayLike],
        totals: Mapping[Any, float],
    ) -> "Margin":
        """A margin whose categories are the combinations of several columns, given as tuples.

        Raises
        ------
        ValueError
            As ``of``, and if the columns differ in length.

        Examples
        --------
        >>> totals = {("big", "north"): 6, ("big", "south"): 4, ("small", "north"): 30}
        >>> columns = (["big", "small", "big"], ["north", "north", "south"])
        >>> Margin.crossed("size and region", columns, totals).codes
        array([0, 2, 1])
        """
        sorted_labels = [_sorted_labels(name, column) for column in labels]
        if len({codes.size for _, codes in sorted_labels}) != 1:
            raise ValueError(f"The columns of the margin {name} differ in length.")
        combined, codes = np.unique(
            np.stack([codes for _, codes in sorted_labels]), axis=1, return_inverse=True
        )
        columns = [seen[one] for (seen, _), one in zip(sorted_labels, combined, strict=True)]
        combinations = list(zip(*(column.tolist() for column in columns), strict=True))
        return cls._made(name, combinations, codes.ravel(), totals)

    @classmethod
    def _made(
        cls,
        name: str,
        seen: Sequence[Hashable],
        codes: Codes,
        totals: Mapping[Any, float],
    ) -> "Margin":
        declared = dict(totals)
        place = {category: number for number, category in enumerate(declared)}
        for category in seen:
            if category not in place:
                raise ValueError(
                    f"The margin {name} has no total for the category {category!r}. "
                    "Declare one, or leave those rows out."
                )
        for category, total in declared.items():
            if not (np.isfinite(total) and total > 0):
                raise ValueError(
                    f"The total of {category!r} in the margin {name} is {total:g}, not a number "
                    "above 0. Leave an empty category out."
                )
        into = np.array([place[category] for category in seen], np.intp)
        return cls(name, tuple(declared), np.array(list(declared.values()), float), into[codes])


def _sorted_labels(name: str, labels: npt.ArrayLike) -> tuple[npt.NDArray[np.generic], Codes]:
    column = np.asarray(labels)
    if column.ndim != 1:
        raise ValueError(f"The labels of the margin {name} are not one column: {column.shape}.")
    if column.dtype == object:
        raise ValueError(
            f"The labels of the margin {name} are of several types. Give texts, or numbers; "
            "name the missing ones."
        )
    seen, codes = np.unique(column, return_inverse=True)
    return seen, codes
