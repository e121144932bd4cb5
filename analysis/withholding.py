"""Cells of too few people are withheld, and as many more as keep them from being derived."""

from dataclasses import replace

import numpy as np

from analysis.definitions import FIGURE_STATISTICS, RATING_STATISTICS, Kpi
from analysis.estimate import Estimates, Integers, Mask
from analysis.privacy import Status, suppress
from analysis.scorebook import Scorebook


def withheld_cells(book: Scorebook, kpi: Kpi, scopes: Integers, estimates: Estimates) -> Mask:
    """Which of a KPI's cells are not told, by the scorebook's ``minimum_n``.

    People are counted by the KPI's unit of analysis: whoever answers several times is several
    people unless the customer is the unit. Imported figures are no answers of people. Where nobody
    gave a value, those who were asked are counted: why they gave none is told of them too.

    A representative who has answered for another unit than their own may have more people than the
    unit: then they are no part of it in that window, and nothing can be subtracted.

    Parameters
    ----------
    scopes : array of int
        The positions of the scopes that the KPI is declared for.
    estimates : Estimates
        Of the shape (scopes of the scorebook, windows).

    Returns
    -------
    array of bool
        Of the estimates' shape; False for scopes that the KPI is not declared for.
    """
    hidden = np.zeros(estimates.shape, np.bool_)
    if kpi.statistic in FIGURE_STATISTICS or book.minimum_n == 1 or not len(scopes):
        return hidden
    parents = np.array(nearest_above(book, scopes))
    hidden[scopes] = _hide(parents, estimates.n[scopes], hidden[scopes], book.minimum_n)
    if asks_of_few(kpi, estimates, book.minimum_n).any():
        asked = estimates.n_eligible[scopes]
        hidden[scopes] = _hide(parents, asked, hidden[scopes], book.minimum_n)
    return hidden


def asks_of_few(kpi: Kpi, estimates: Estimates, least: int) -> Mask:
    """Where fewer than ``least`` people were asked and none of them gave a value."""
    asked = estimates.n_eligible
    few: Mask = (estimates.n == 0) & (asked > 0) & (asked < least)
    return few & (kpi.statistic in RATING_STATISTICS)


def _hide(parents: Integers, people: Integers, known: Mask, least: int) -> Mask:
    """Cells of few people and those that they follow from, beside those known to be hidden."""
    hidden = known.copy()
    apart = (parents >= 0)[:, None] & (people > people[parents])
    # Nearly always no scope is apart, and all windows are settled at once.
    patterns, which = np.unique(apart, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        columns = np.flatnonzero(which == number)
        above = np.where(patterns[:, number], -1, parents)
        status = suppress(above, people[:, columns], least, known[:, columns])
        hidden[:, columns] |= status >= Status.SUPPRESSED_SMALL
    return hidden


def withhold(estimates: Estimates, hidden: Mask) -> Estimates:
    """The same estimates with nothing told of the hidden cells, not even how many they rest on."""
    blank = Estimates.blank(estimates.shape)
    columns = {
        name: np.where(hidden, getattr(blank, name), getattr(estimates, name))
        for name in (
            "n", "n_eligible", "value", "low", "high", "std_error", "ci_method", "n_censored",
            "effective_n", "complete", "partial", "beyond", "never", "rounding", "reason",
        )
    }  # fmt: skip
    return replace(estimates, **columns)


def nearest_above(book: Scorebook, scopes: Integers) -> list[int]:
    """Of every one of some scopes, the position among them of the nearest one above it.

    -1 for one that has none of them above it.
    """
    above = dict(book.parents_first)
    position = {int(scope): at for at, scope in enumerate(scopes)}
    found = []
    for scope in scopes:
        parent = above[int(scope)]
        while parent is not None and parent not in position:
            parent = above[parent]
        found.append(-1 if parent is None else position[parent])
    return found
