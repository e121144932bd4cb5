"""KPIs broken down by a dimension: answers told apart by what respondents are sorted by.

A breakdown counts the answers of the KPIs that ask for it once more, by the values of its
dimension, in a tally of its own: where no KPI asks, nothing is counted or computed otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa

from analysis.ballots import tally_votes
from analysis.caching import TallyCache
from analysis.definitions import Kpi, ScopeType
from analysis.engines import Connection
from analysis.estimate import Estimates, Integers, Mask
from analysis.estimated import Breakdown, Estimated
from analysis.facts import FactsError, FactsFolder
from analysis.gap_votes import count_gaps
from analysis.linked_privacy import suppress_values
from analysis.ratings import Votes, estimate_ratings
from analysis.scorebook import Scorebook
from analysis.vote_tally import VoteTally
from analysis.windows import Windows
from analysis.withholding import asks_of_few, nearest_above, withheld_cells

# A column of more values sorts nobody: it names them, as an address would.
MOST_VALUES = 200
# Representatives are too few people to be broken down.
BROKEN_DOWN = (ScopeType.ALL, ScopeType.UNIT)


@dataclass(frozen=True)
class BreakdownTally:
    """The votes on the KPIs that ask for a dimension, by its values."""

    book: Scorebook
    dimension: str
    votes: VoteTally

    @classmethod
    def of(
        cls,
        dimension: str,
        book: Scorebook,
        windows: Windows,
        connection: Connection,
        folder: FactsFolder,
        cache: TallyCache,
        on_progress: Callable[[float], None],
    ) -> Self:
        """Count the answers to the KPIs that ask for the dimension.

        Raises
        ------
        FactsError
            For facts that cannot be counted, or lack the dimension, or have more than
            ``MOST_VALUES`` values of it.
        """
        own = replace(book, kpis=tuple(kpi for kpi in book.kpis if dimension in kpi.by))
        given = (connection, folder, windows.months)
        counted = tally_votes(own, *given, cache, on_progress, dimension)
        gaps = count_gaps(own, *given, dimension)
        votes = VoteTally.of(own, windows, pa.concat_tables([counted, *gaps]))
        values = votes.values_of(dimension)
        if len(values) > MOST_VALUES:
            raise FactsError(
                f"The dimension {dimension} has {len(values)} different values, and a KPI is "
                f"broken down into {MOST_VALUES} at most. Take it out of the KPIs' 'by', or group "
                "its values."
            )
        return cls(book, dimension, votes)

    def estimate(self, kpi: Kpi, windows: Windows) -> Breakdown:
        """The KPI's statistic in every value of the scopes that are broken down."""
        values = self.votes.values_of(self.dimension)
        number = {scope: at for at, scope in enumerate(self.book.scopes)}
        declared = [one for one in self.book.scopes_of(kpi) if one.type in BROKEN_DOWN]
        scopes = np.array([number[scope] for scope in declared], np.int64)
        counted = self.votes.split(self.dimension, values, scopes).sum_votes(kpi, windows)
        found = Estimated.from_votes(
            estimate_ratings(kpi, Votes.of(counted.sums, counted.weights)), counted
        )
        rows = slice(len(self.book.scopes), None)
        return Breakdown(
            self.dimension,
            values * len(scopes),
            np.repeat(scopes, len(values)),
            found.only(rows),
            self._withheld(kpi, scopes, found.estimates)[rows],
        )

    def _withheld(self, kpi: Kpi, scopes: Integers, estimates: Estimates) -> Mask:
        """Which rows are not told, whole scopes and then values; of the estimates' shape."""
        many = len(self.book.scopes)
        hidden = np.zeros(estimates.shape, np.bool_)
        declared = self.book.scopes_of(kpi)
        number = {scope: at for at, scope in enumerate(self.book.scopes)}
        all_declared = np.array([number[scope] for scope in declared], np.int64)
        whole = estimates.take((slice(many),))
        hidden[:many] = withheld_cells(self.book, kpi, all_declared, whole)
        if self.book.minimum_n > 1 and len(hidden) > many:
            counted = [estimates.n]
            if asks_of_few(kpi, estimates, self.book.minimum_n).any():
                counted.append(estimates.n_eligible)
            for people in counted:
                hidden[many:] |= suppress_values(
                    np.array(nearest_above(self.book, scopes), np.int64),
                    people[scopes],
                    ~hidden[scopes],
                    people[many:].reshape(len(scopes), -1, estimates.shape[1]),
                    self.book.minimum_n,
                ).reshape(-1, estimates.shape[1])
        return hidden
