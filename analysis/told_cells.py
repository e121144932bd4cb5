"""Which cells of a run get exhibits, and what may be told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from analysis.definitions import FIGURE_STATISTICS, Kpi, Scope, ScopeType
from analysis.estimate import Estimates, Integers, Mask
from analysis.estimated import Estimated
from analysis.periods import Period, WindowType
from analysis.scorebook import Scorebook
from analysis.series_withholding import withheld_series
from analysis.windows import Windows
from analysis.withholding import nearest_above, withheld_cells, withhold

# What an exhibit holds: plain values that JSON knows.
Document: TypeAlias = dict[str, Any]

SHOWN, EMPTY, SUPPRESSED = "shown", "empty", "suppressed"


@dataclass(frozen=True)
class ToldCells:
    """One KPI's cells of a run in one period.

    Attributes
    ----------
    scopes : array of int
        Positions, in the scorebook's scopes, of those that get exhibits.
    estimates : Estimates
        Shape (scopes of the scorebook, windows); blank where withheld.
    withheld : array of bool
        Of the same shape.
    series : array of int
        The series that counts in each window.
    """

    book: Scorebook
    kpi: Kpi
    period: Period
    windows: Windows
    scopes: Integers
    estimates: Estimates
    withheld: Mask
    series: Integers

    @classmethod
    def of(
        cls,
        book: Scorebook,
        kpi: Kpi,
        period: Period,
        windows: Windows,
        among: Sequence[Scope],
        found: Estimated,
    ) -> "ToldCells":
        """Of those ``among`` the scopes that the KPI is declared for; withheld as in its rows."""
        number = {scope: at for at, scope in enumerate(book.scopes)}
        declared = book.scopes_of(kpi)
        positions = np.array([number[scope] for scope in declared], np.int64)
        withheld = withheld_cells(book, kpi, positions, found.estimates)
        told = set(among)
        return cls(
            book,
            kpi,
            period,
            windows,
            np.array([number[scope] for scope in declared if scope in told], np.int64),
            withhold(found.estimates, withheld),
            withheld,
            found.series,
        )

    def span(self, window: WindowType) -> int:
        """The position of the period's window among the windows."""
        return int(self.windows.current[0, self.windows.types.index(window)])

    def status(self, scope: int, window: WindowType) -> str:
        """Whether a cell is shown, has nobody, or is suppressed."""
        cell = scope, self.span(window)
        if self.withheld[cell]:
            return SUPPRESSED
        return SHOWN if self.estimates.n[cell] else EMPTY

    def withheld_series(self, counts: Integers) -> Mask:
        """Of which of ``scopes`` no series is told, by the people in its periods.

        Parameters
        ----------
        counts : array of int, shape (scopes that get exhibits, periods)
        """
        if self.kpi.statistic in FIGURE_STATISTICS or self.book.minimum_n == 1:
            return np.zeros(len(self.scopes), np.bool_)
        scored = [self.span(window) for window in self.windows.types]
        withheld = np.asarray(self.withheld[self.scopes][:, scored].any(axis=1))
        parents = nearest_above(self.book, self.scopes)
        return withheld_series(parents, counts, withheld, self.book.minimum_n)


def top_levels(book: Scorebook, most: int) -> list[Scope]:
    """The scopes of the tree's top levels, as many whole levels as have at most ``most`` scopes.

    Everybody, then the units level by level, then the representatives; everybody in any case.
    """
    depth = {unit.id: len(list(book.upwards(unit.id))) for unit in book.units}
    lowest = max(depth.values(), default=0) + 1
    levels: dict[int, list[Scope]] = {}
    for scope in book.scopes:
        match scope.type:
            case ScopeType.ALL:
                level = 0
            case ScopeType.UNIT:
                level = depth[scope.id]
            case _:
                level = lowest
        levels.setdefault(level, []).append(scope)
    found = levels.pop(0)
    for _, level_scopes in sorted(levels.items()):
        if len(found) + len(level_scopes) > most:
            break
        found += level_scopes
    return found


def plain(number: Any) -> float | None:
    """A number as JSON has it; None for NaN and for what is infinite.

    Examples
    --------
    >>> plain(np.float64(2.5)), plain(np.nan)
    (2.5, None)
    """
    return float(number) if np.isfinite(number) else None
