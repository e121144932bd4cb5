"""The tally of figures in memory: sums and ratios of every KPI, scope and window from it."""

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis.cells import Coded, Places, Tally, sorted_by
from analysis.definitions import FigureSource, Kpi, RatioSource
from analysis.estimate import Estimates, Integers, Texts, pack, side_by_side
from analysis.figures import estimate_figures
from analysis.interval import Floats
from analysis.scorebook import Scorebook
from analysis.windows import Windows


@dataclass(frozen=True)
class FigureTally:
    """Imported figures as they stand; arrays of one entry a figure, sorted by measure and place."""

    scopes: int
    measures: list[str]
    places: Places
    measure: Integers
    month: Integers
    unit: Texts
    representative: Texts
    period_start: npt.NDArray[np.datetime64]
    value: Floats

    @classmethod
    def of(cls, book: Scorebook, windows: Windows, tally: pa.Table) -> Self:
        """From the engine's tally of the windows' months."""
        measure, unit, person = (
            Coded.of(tally[name]) for name in ("measure", "unit", "representative")
        )
        places = Places.of(book, unit, person)
        month = Coded.of(tally["month"]).positions(windows.months)
        order = sorted_by(
            (measure.codes, max(1, len(measure.words))),
            (places.place, max(1, places.members.shape[1])),
            (month, len(windows.months)),
        )
        return cls(
            len(book.scopes),
            measure.words,
            Places(places.place[order], places.members),
            measure.codes[order],
            month[order],
            np.array([*unit.words, ""], object)[unit.codes][order],
            np.array([*person.words, ""], object)[person.codes][order],
            tally["period_start"].to_numpy()[order],
            tally["value"].to_numpy()[order],
        )

    def estimate(self, kpi: Kpi, windows: Windows) -> tuple[Estimates, Floats]:
        """The KPI's statistic in every scope and window, shape (scopes, windows); and its sums.

        The sums (scopes, windows, 3) are those of figures, their values and the squares of these.
        """
        found, sums = [], []
        for span in windows.spans:
            days = [date.fromisoformat(f"{month}-01") for month in windows.months[span]]
            tally = self._tally(kpi, span)
            found.append(pack(estimate_figures(kpi, tally, days)))
            powers = [tally.sums(tally.floats("value") ** power) for power in range(3)]
            sums.append(np.stack(powers, axis=-1))
        return side_by_side(found), np.stack(sums, axis=1)

    def indices(self, book: Scorebook, windows: Windows) -> dict[str, Floats]:
        """The indices that targets follow, by measure: (scopes, windows), NaN where unknown.

        The mean of the figures of the scope in the window; where it has none, that of the scope
        above it.
        """
        named = {target.adjustment.index for target in book.targets if target.adjustment}
        found = {}
        for measure in sorted(named):
            means = np.full((self.scopes, len(windows.spans)), np.nan)
            for at, span in enumerate(windows.spans):
                tally = self._measured(measure, span)
                values = tally.floats("value")
                with np.errstate(invalid="ignore"):
                    means[:, at] = tally.sums(values) / tally.sums(np.ones(len(values)))
            for scope, above in book.parents_first:
                if above is not None:
                    means[scope] = np.where(np.isnan(means[scope]), means[above], means[scope])
            found[measure] = means
        return found

    def _tally(self, kpi: Kpi, span: slice) -> Tally:
        match kpi.source:
            case RatioSource(numerator, denominator):
                return self._measured(numerator, span).beside(
                    self._measured(denominator, span), "is_numerator"
                )
            case FigureSource(measure):
                return self._measured(measure, span)
        raise TypeError(f"{kpi.id} has no figures.")

    def _measured(self, measure: str, span: slice) -> Tally:
        number = self.measures.index(measure) if measure in self.measures else -1
        within = (self.month >= span.start) & (self.month < span.stop)
        scope, row = self.places.spread(np.flatnonzero((self.measure == number) & within))
        columns = {
            name: getattr(self, name)[row]
            for name in ("unit", "representative", "period_start", "value")
        }
        return Tally(self.scopes, scope, columns)
