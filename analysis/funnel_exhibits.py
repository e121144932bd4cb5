"""Representatives about their overall value: which differ by more than chance, and their ranks."""

from dataclasses import dataclass

import numpy as np

from analysis.definitions import ScopeType
from analysis.estimate import Integers
from analysis.funnel import LEVELS, Funnel, funnel_of_means, funnel_of_shares
from analysis.interval import Floats
from analysis.periods import WindowType
from analysis.ranking import Ranking, rank_groups
from analysis.rating_intervals import ResizedNetScore
from analysis.scorebook import Scorebook
from analysis.shrinkage import Shrunken, shrink_means
from analysis.shrunken_shares import shrink_shares
from analysis.told_cells import EMPTY, SHOWN, Document, ToldCells, plain

# What can be compared so: shares, and what is a mean of votes.
SHARES = ("top_box", "share_within")
MEANS = ("mean", "gap", "net_score")
# Fewer have nothing to differ from; of more neither a drawing nor a page shows anything.
FEWEST, MOST = 3, 300
# More are not ranked: each rank would be one of hundreds, its interval a hundred wide.
MOST_RANKED = 200
DRAWS = 2000
# Limits are told at so many values of n.
POINTS = 40


def funnel_exhibits(cells: ToldCells, scopes: Integers, seed: int) -> list[tuple[int, Document]]:
    """The representatives of every scope compared, for a KPI that is a share or a mean of votes.

    Only representatives whose own cell is shown take part: they alone make up the overall value
    and the limits, so that no other follows from these.

    Parameters
    ----------
    cells : ToldCells
    scopes : array of int
        Positions of everybody and of units that may get a funnel.
    seed : int
        Of the ranks.

    Returns
    -------
    list of (position of the scope, document)
        Scopes with fewer than FEWEST or more than MOST such representatives in all windows are left
        out. A document holds by window ``status``, ``groups`` (``id``, ``name``, ``n``,
        ``effective_n``, ``value``, ``shrunken``, ``low``, ``high``, ``rank``, ``rank_low``,
        ``rank_high``, ``crossed``), ``limits`` (``n``, ``low_95``, ``high_95``, ``low_998``,
        ``high_998``), ``overall``, ``reliability``, and ``no_ranking``, the reason for none.
    """
    found = []
    for scope in scopes.tolist():
        members = _members(cells, scope)
        windows = {
            window.value: _compare(cells, members, window, seed) for window in cells.windows.types
        }
        if any(one["status"] == SHOWN for one in windows.values()):
            found.append((scope, {"windows": windows}))
    return found


def _members(cells: ToldCells, scope: int) -> Integers:
    """The positions of the representatives below a scope that the KPI is declared for."""
    book = cells.book
    declared = {one.id for one in book.scopes_of(cells.kpi) if one.type is ScopeType.REPRESENTATIVE}
    above = book.scopes[scope]
    inside = {
        one.id
        for one in book.representatives
        if one.id in declared
        and (above.type is ScopeType.ALL or above.id in book.upwards(one.unit))
    }
    return np.array(
        [
            at
            for at, one in enumerate(book.scopes)
            if one.type is ScopeType.REPRESENTATIVE and one.id in inside
        ],
        np.int64,
    )


def _compare(cells: ToldCells, members: Integers, window: WindowType, seed: int) -> Document:
    shown = np.array([cells.status(scope, window) == SHOWN for scope in members.tolist()], np.bool_)
    groups = _Groups.of(cells, members[shown], window)
    if not FEWEST <= len(groups.scopes) <= MOST:
        return {"status": EMPTY}
    return {"status": SHOWN} | groups.document(
        cells.book, seed, cells.kpi.direction == "higher_is_better"
    )


@dataclass(frozen=True)
class _Groups:
    """Representatives with a value; arrays of one entry each, values in the KPI's unit."""

    scopes: Integers
    n: Integers
    effective: Floats
    value: Floats
    std_error: Floats
    are_shares: bool

    @classmethod
    def of(cls, cells: ToldCells, members: Integers, window: WindowType) -> "_Groups":
        cell = (members, cells.span(window))
        estimates = cells.estimates.take(cell)
        value, n = estimates.value, estimates.n.astype(np.float64)
        error = estimates.std_error
        if isinstance(estimates.resized, ResizedNetScore):
            # Of the plain mean of votes: the adjusted one belongs to its interval.
            with np.errstate(invalid="ignore", divide="ignore"):
                error = 100 * np.sqrt(estimates.resized.variance / (n - 1))
        # Votes that are all alike have no standard error in the rows; here they spread by 0.
        error = np.where(np.isnan(error) & (n > 1), 0.0, error)
        are_shares = cells.kpi.statistic in SHARES
        effective = np.floor(estimates.effective_n + 1e-9) if are_shares else n
        known = ~np.isnan(value) & (effective >= 1)
        return cls(
            members[known],
            estimates.n[known],
            effective[known],
            value[known],
            np.where(n > 1, error, np.nan)[known],
            are_shares,
        )

    def document(self, book: Scorebook, seed: int, higher_is_better: bool) -> Document:
        funnel, shrunken = self._funnel(), self._shrunken()
        ranking, no_ranking = self._ranking(shrunken, seed, higher_is_better)
        interval = shrunken.interval()
        low, high = np.asarray(interval.low), np.asarray(interval.high)
        ranks = None if ranking is None else ranking.interval()
        crossed = funnel.crossed
        return {
            "are_shares": self.are_shares,
            "overall": plain(funnel.overall),
            "reliability": plain(shrunken.reliability),
            "no_ranking": no_ranking,
            "groups": [
                {
                    "id": book.scopes[scope].id,
                    "name": book.scopes[scope].name,
                    "n": int(self.n[at]),
                    "effective_n": float(self.effective[at]),
                    "value": float(self.value[at]),
                    "shrunken": plain(shrunken.value[at]),
                    "low": plain(low[at]),
                    "high": plain(high[at]),
                    "rank": None if ranking is None else plain(ranking.value[at]),
                    "rank_low": None if ranks is None else plain(np.asarray(ranks.low)[at]),
                    "rank_high": None if ranks is None else plain(np.asarray(ranks.high)[at]),
                    "crossed": int(crossed[at]) if np.isfinite(crossed[at]) else None,
                }
                for at, scope in enumerate(self.scopes.tolist())
            ],
            "limits": self._limits(funnel),
        }

    def _funnel(self) -> Funnel:
        if self.are_shares:
            return funnel_of_shares(np.rint(self.value * self.effective), self.effective)
        return funnel_of_means(self.value, self.std_error, self.n.astype(np.float64))

    def _shrunken(self) -> Shrunken:
        if self.are_shares:
            return shrink_shares(self.value * self.effective, self.effective)
        return shrink_means(self.value, self.std_error, self.n.astype(np.float64))

    def _ranking(
        self, shrunken: Shrunken, seed: int, higher_is_better: bool
    ) -> tuple[Ranking | None, str]:
        if len(self.scopes) > MOST_RANKED:
            return None, f"More than {MOST_RANKED} representatives are not ranked."
        ranking = rank_groups(shrunken, seed=seed, higher_is_better=higher_is_better, draws=DRAWS)
        return (None, ranking.reason) if ranking.reason else (ranking, "")

    def _limits(self, funnel: Funnel) -> list[Document]:
        """Limits at values of n that draw them: close together where they bend."""
        least, most = float(self.effective.min()), float(self.effective.max())
        start, end = max(1.0, 0.8 * least), 1.1 * most + 1
        at = np.geomspace(start, end, POINTS)
        if self.are_shares:
            at = np.unique(np.rint(at))
        lines = {level: funnel.limits(level, at) for level in LEVELS.values()}
        found = []
        for number, n in enumerate(at.tolist()):
            one: Document = {"n": n}
            for level, interval in lines.items():
                name = f"{level:g}".partition(".")[2]
                one[f"low_{name}"] = plain(np.asarray(interval.low)[number])
                one[f"high_{name}"] = plain(np.asarray(interval.high)[number])
            found.append(one)
        return found
