"""The votes of a run in memory: those of every KPI, scope and window."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa

from analysis.ballots import SUMS, ballot_of, ballots_of
from analysis.cells import Coded, Places, numbered, sorted_by
from analysis.definitions import DIMENSION, Kpi
from analysis.estimate import Integers, Mask, Texts
from analysis.scorebook import Scorebook
from analysis.votes import VoteSums
from analysis.wanted import PLACE
from analysis.weighting import Weighed, WeightedSums, weigh_votes
from analysis.windows import Windows


@dataclass(frozen=True)
class VoteTally:
    """Votes by ballot, place, month and series; arrays of one entry a row.

    ``rows`` are the positions of each ballot's votes, ``month`` is the position in the windows'
    months.
    """

    scopes: int
    months: int
    rows: dict[str, Integers]
    places: Places
    month: Integers
    series: Integers
    sums: VoteSums
    dimensions: dict[str, Coded]

    @classmethod
    def of(cls, book: Scorebook, windows: Windows, votes: pa.Table) -> Self:
        """From the votes of the windows' months, see ``analysis.ballots``."""
        ballots = list(ballots_of(book))
        ballot = votes["ballot"].to_numpy().astype(np.int64)
        ends = np.cumsum(np.bincount(ballot, minlength=len(ballots)))
        rows = np.split(sorted_by((ballot, max(1, len(ballots)))), ends[:-1])
        return cls(
            len(book.scopes),
            len(windows.months),
            dict(zip(ballots, rows, strict=False)),
            Places.of(book, *(Coded.of(votes[name]) for name in PLACE)),
            Coded.of(votes["month"]).positions(windows.months),
            votes["series"].to_numpy(),
            VoteSums(*(votes[name].to_numpy() for name in SUMS)),
            {
                name.removeprefix(DIMENSION): Coded.of(votes[name])
                for name in votes.column_names
                if name.startswith(DIMENSION)
            },
        )

    def values_of(self, dimension: str) -> list[str]:
        """The values of a dimension among the votes, sorted; '' is none."""
        coded = self.dimensions[dimension]
        return [coded.words[code] for code in np.unique(coded.codes) if coded.words[code]]

    def split(self, dimension: str, values: Sequence[str], scopes: Integers) -> Self:
        """The same votes, counted further in each of some scopes for each value of a dimension.

        Scopes and, in each, values follow upon the scopes there are: ``analysis.cells.Places``.
        """
        places = self.places.split(self.dimensions[dimension], values, scopes)
        return replace(self, scopes=places.members.shape[0], places=places)

    def sum_votes(self, kpi: Kpi, windows: Windows) -> "WindowedVotes":
        """The KPI's votes of every scope and window, of one series each.

        Answers before and after a breaking change of the question are never pooled: within a window
        only the newest series that has an answer with a value counts, in all scopes alike.
        """
        rows = self.rows[ballot_of(kpi)]
        numbers = np.unique(self.series[rows])
        of_series = [rows[self.series[rows] == one] for one in numbers]
        sums = [self._sum(own).over(windows.spans) for own in of_series]
        shape = (self.scopes, len(windows.spans))
        counted = WindowedVotes.of(numbers, sums, shape)
        if not kpi.margins or not sums:
            return counted
        return counted.weighted([self._weigh(kpi, own, windows) for own in of_series])

    def _weigh(self, kpi: Kpi, rows: Integers, windows: Windows) -> Weighed:
        columns = [self.dimensions[margin.dimension].take(rows) for margin in kpi.margins]
        first, number = numbered(*(column.column for column in columns))
        combinations = [tuple(column.words[column.codes[at]] for column in columns) for at in first]
        sums = [
            self._sum(rows[number == one]).over(windows.spans) for one in range(len(combinations))
        ]
        return weigh_votes(kpi, combinations, sums)

    def _sum(self, rows: Integers) -> VoteSums:
        """Sums per scope and month."""
        places = self.places.members.shape[1]
        cell = self.places.place[rows] * self.months + self.month[rows]
        sums = self.sums.take(rows).collect(cell, places * self.months)
        return sums.shaped((places, self.months)).to_scopes(self.places.members)


SERIES_NOTE = (
    "Only series {series} of the question counts; answers from before the question changed are "
    "left out."
)


@dataclass(frozen=True)
class WindowedVotes:
    """Sums of votes of one KPI, shape (scopes, windows), with what was left out.

    ``present`` are the series there are, ``series`` the one that counts in each window, 0 where
    there is no answer, and ``note`` the sentence on what does not count.
    """

    sums: VoteSums
    present: Integers
    series: Integers
    note: list[str]
    weights: WeightedSums | None = None
    trouble: Texts | None = None

    @classmethod
    def of(cls, numbers: Integers, sums: list[VoteSums], shape: tuple[int, int]) -> Self:
        """Choose in each window the newest series in which anybody answered.

        ``numbers`` are the series, rising, with their ``sums``; the first scope is everybody. Where
        nobody answered in any, all who were shown the question count.
        """
        if not sums:
            return cls(
                VoteSums.empty(shape), numbers, np.zeros(shape[1], np.int64), [""] * shape[1]
            )
        answered = np.stack([one.valued[0] > 0 for one in sums])
        newest = len(numbers) - 1 - np.argmax(answered[::-1], axis=0)
        anybody: Mask = np.asarray(answered.any(axis=0))
        several = answered.sum(axis=0) > 1
        chosen = VoteSums.choose(sums, newest, anybody)
        series = np.where(anybody, numbers[newest], 0)
        note = [
            SERIES_NOTE.format(series=one) if left_out else ""
            for one, left_out in zip(series, several, strict=True)
        ]
        return cls(chosen, numbers, series, note)

    def weighted(self, found: list[Weighed]) -> Self:
        """The same with the weighted sums of the series that counts in each window."""
        weights, trouble, told = found[0].sums, found[0].trouble, found[0].note
        for number, one in zip(self.present[1:], found[1:], strict=True):
            chosen = self.series == number
            weights = one.sums.choose(weights, chosen)
            trouble = np.where(chosen, one.trouble, trouble)
            told = np.where(chosen, one.note, told)
        note = [f"{old} {new}".strip() for old, new in zip(self.note, told, strict=True)]
        return replace(self, weights=weights, trouble=trouble, note=note)
