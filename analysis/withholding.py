"""Cells of too few people are withheld, and as many more as keep them from being derived."""

from dataclasses import replace

import numpy as np

from analysis.definitions import FIGURE_STATISTICS, Kpi
from analysis.estimate import Estimates, Integers, Mask
from analysis.privacy import Status, suppress
from analysis.scorebook import Scorebook


def withheld_cells(book: Scorebook, kpi: Kpi, scopes: Integers, estimates: Estimates) -> Mask:
    """Which of a KPI's cells are not told, by the scorebook's ``minimum_n``.

    People are counted by the KPI's unit of analysis: whoever answers several times is several
    people unless the customer is the unit. Imported figures are no answers of people.

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
    parents, people = np.array(nearest_above(book, scopes)), estimates.n[scopes]
    apart = (parents >= 0)[:, None] & (people > people[parents])
    # Nearly always no scope is apart, and all windows are settled at once.
    patterns, which = np.unique(apart, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        columns = np.flatnonzero(which == number)
        above = np.where(patterns[:, number], -1, parents)
        status = suppress(above, people[:, columns], book.minimum_n)
        hidden[np.ix_(scopes, columns)] = status >= Status.SUPPRESSED_SMALL
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
