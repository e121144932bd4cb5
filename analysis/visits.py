"""The tally of visits in memory: times of every KPI, scope and window from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import pyarrow as pa

from analysis.cells import Coded, Places, Tally, ranked, sorted_by
from analysis.definitions import (
    DurationSource,
    Kpi,
)
from analysis.durations import estimate_durations
from analysis.estimate import Estimates, Integers, side_by_side
from analysis.facts import EVENTS
from analysis.interval import Floats
from analysis.scorebook import Scorebook
from analysis.windows import Windows

MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class VisitTally:
    """Counted visits, sorted by milestone and time; arrays of one entry a group of equal visits.

    ``milestone`` is the position in ``milestones``, ``month`` that in the windows' months,
    ``event`` that in EVENTS.
    """

    scopes: int
    milestones: list[tuple[str, str]]
    places: Places
    milestone: Integers
    month: Integers
    seconds: Floats
    event: Integers
    count: Floats

    @classmethod
    def of(cls, book: Scorebook, windows: Windows, tally: pa.Table, now: datetime) -> Self:
        """From the engine's tally; a visit that was still running is open until ``now``."""
        process, milestone = Coded.of(tally["process"]), Coded.of(tally["milestone"])
        pair = process.codes * max(1, len(milestone.words)) + milestone.codes
        present, number = np.unique(pair, return_inverse=True)
        places = Places.of(book, Coded.of(tally["unit"]), Coded.of(tally["representative"]))
        month = Coded.of(tally["month"]).positions(windows.months)
        event = Coded.of(tally["event"]).positions(EVENTS)
        since = tally["running_since"].cast(pa.int64()).fill_null(0).to_numpy()
        ran = (int(now.timestamp() * MICROSECONDS) - since) / MICROSECONDS
        seconds = tally["seconds"].to_numpy()
        seconds = np.where(np.isnan(seconds), np.maximum(ran, 0.0), seconds)
        order = sorted_by(
            (number, len(present)), ranked(seconds), (places.place, places.members.shape[1])
        )
        return cls(
            len(book.scopes),
            [
                (
                    process.words[one // len(milestone.words)],
                    milestone.words[one % len(milestone.words)],
                )
                for one in present
            ],
            Places(places.place[order], places.members),
            number[order],
            month[order],
            seconds[order],
            event[order],
            tally["count"].to_numpy()[order].astype(np.float64),
        )

    def estimate(self, kpi: Kpi, windows: Windows) -> tuple[Estimates, Floats]:
        """The KPI's statistic in every scope and window, shape (scopes, windows); and its sums.

        The sums (scopes, windows, 12) are those of visits, seconds and their squares, by event.
        """
        source = kpi.source
        assert isinstance(source, DurationSource)
        found, sums = [], []
        for span in windows.spans:
            tally = self.tally(source, span)
            found.append(estimate_durations(kpi, tally))
            seconds = tally.floats("seconds")
            powers = [
                tally.sums(tally.floats(event) * seconds**power)
                for event in EVENTS
                for power in range(3)
            ]
            sums.append(np.stack(powers, axis=-1))
        return side_by_side(found), np.stack(sums, axis=1)

    def tally(self, source: DurationSource, months: slice) -> Tally:
        """The visits of some months, by scope.

        Columns: seconds since their start, and for each of EVENTS how many were last seen so.
        """
        wanted = (source.process, source.milestone)
        number = self.milestones.index(wanted) if wanted in self.milestones else -1
        first, last = np.searchsorted(self.milestone, [number, number + 1])
        rows = np.arange(first, last)
        month = self.month[rows]
        rows = rows[(month >= months.start) & (month < months.stop)]
        scope, row = self.places.spread(rows)
        columns = {
            event: np.where(self.event[row] == number, self.count[row], 0.0)
            for number, event in enumerate(EVENTS)
        }
        return Tally(self.scopes, scope, {"seconds": self.seconds[row], **columns})
