"""Statistics of imported figures: sum, last, ratio. They are complete counts, without interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis.cells import Coded, Places, Tally, sorted_by
from analysis.definitions import (
    RATE_UNITS,
    FigureSource,
    Kpi,
    RatioSource,
)
from analysis.estimate import Estimate, Estimates, Integers, Mask, Texts, pack, side_by_side
from analysis.interval import Floats
from analysis.scorebook import Scorebook
from analysis.windows import Windows

NO_FIGURE = "There is no figure."
# Adding n numbers misses their sum by less than this share of the sum of their sizes.
ROUNDING = 1e-14


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


def estimate_figures(kpi: Kpi, tally: Tally, period: Sequence[date]) -> list[Estimate]:
    """The KPI's statistic in every scope; n is the number of figures it rests on.

    ``period`` holds the first day of each month. What a unit or representative who reports the
    measure in the period does not report for some month is missing, not zero: a sum without it is
    partial. So are a ratio of some of the months only, and a level (``last``) that is not the last
    month's.
    """
    if not len(tally.scope):
        return [Estimate(n=0, reason=NO_FIGURE)] * tally.scopes
    if kpi.statistic == "ratio":
        return _ratios(tally, len(period))
    if kpi.statistic == "last":
        return _last(kpi, tally, np.datetime64(period[-1], "M").astype(np.int64))
    return _sums(kpi, tally, len(period))


def _sums(kpi: Kpi, tally: Tally, months: int) -> list[Estimate]:
    values = tally.floats("value")
    sums, sizes = tally.sums(values), tally.sums(np.abs(values))
    counts = tally.sums(np.ones(len(values)))
    # A month that somebody reported in another unit is not missing in this one.
    who = _numbered(*_people(tally))
    _, first = np.unique(np.stack([who, _months(tally)]), axis=1, return_index=True)
    lacking = months - np.bincount(who[first], minlength=who.max(initial=-1) + 1)
    _, member = np.unique(np.stack([tally.scope, who]), axis=1, return_index=True)
    wanted = np.bincount(tally.scope[member], minlength=tally.scopes) * months
    missing = np.bincount(tally.scope[member], lacking[who[member]], minlength=tally.scopes)
    return [
        _added_up(
            kpi,
            _Sum(float(sums[at]), float(sizes[at]), int(counts[at])),
            _lacking(int(wanted[at]), int(missing[at])),
        )
        for at in range(tally.scopes)
    ]


def _lacking(wanted: int, missing: int) -> str:
    if not missing:
        return ""
    verb = "is" if missing == 1 else "are"
    return f"{missing} of {wanted} monthly figures {verb} missing, so the sum is not complete."


@dataclass(frozen=True)
class _Sum:
    """Figures added up: the total, the total of their sizes, and how many they are."""

    total: float
    size: float
    count: int


def _last(kpi: Kpi, tally: Tally, last_month: np.int64) -> list[Estimate]:
    """The newest figure of everybody who has one, added up; for levels such as a head count.

    A representative has one level, whichever unit it was reported for last.
    """
    months, place = _months(tally), _numbered(tally.scope, *_people(tally))
    newest = np.full(place.max(initial=-1) + 1, np.iinfo(np.int64).min)
    np.maximum.at(newest, place, months)
    # Of two units that report one representative in one month, both figures count.
    rows: Mask = months == newest[place]
    values = tally.floats("value")
    sums, sizes = tally.sums(values, rows), tally.sums(np.abs(values), rows)
    counts, old = tally.sums(np.ones(len(rows)), rows), np.full(tally.scopes, last_month)
    np.minimum.at(old, tally.scope[rows], months[rows])
    return [
        _added_up(
            kpi,
            _Sum(float(sums[at]), float(sizes[at]), int(counts[at])),
            _outdated(np.int64(old[at]), last_month),
        )
        for at in range(tally.scopes)
    ]


def _outdated(month: np.int64, last_month: np.int64) -> str:
    if month == last_month:
        return ""
    words = [str(np.datetime64(int(one), "M")) for one in (month, last_month)]
    return f"A figure is as old as {words[0]}, the period ends with {words[1]}."


def _added_up(kpi: Kpi, found: _Sum, lacking: str) -> Estimate:
    if found.count == 0:
        return Estimate(n=0, reason=NO_FIGURE)
    if kpi.unit in RATE_UNITS and found.count > 1:
        return Estimate(
            n=found.count,
            n_eligible=found.count,
            reason=f"{found.count} rates in {kpi.unit} do not add up. Measure it as a ratio.",
        )
    return _counted(found.total, found.count, lacking, ROUNDING * found.size)


def _counted(value: float, n: int, lacking: str, rounding: float = 0.0) -> Estimate:
    """A value that was counted: in full, or but for what ``lacking`` says."""
    return Estimate(
        n=n,
        # What is left where all cancels out is nothing.
        value=0.0 if abs(value) <= rounding else value,
        ci_method="" if lacking else "complete_count",
        n_eligible=n,
        effective_n=float(n),
        complete=not lacking,
        partial=bool(lacking),
        rounding=rounding,
        reason=lacking,
    )


def _months(tally: Tally) -> Integers:
    months: Integers = tally.columns["period_start"].astype("datetime64[M]").astype(np.int64)
    return months


def _people(tally: Tally) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
    """Who reported each row, in two columns: a representative, or a unit what is nobody's own."""
    person = tally.texts("representative").astype(np.str_)
    return np.where(person == "", tally.texts("unit").astype(np.str_), ""), person


def _numbered(*columns: npt.NDArray[np.generic]) -> Integers:
    """A number for every row; equal where all columns are."""
    parts = [np.unique(column, return_inverse=True)[1] for column in columns]
    numbers: Integers = np.unique(np.stack(parts), axis=1, return_inverse=True)[1].reshape(-1)
    return numbers


def _count_different(tally: Tally, numbers: Integers) -> Integers:
    """How many different numbers each scope has."""
    pairs = np.unique(np.stack([tally.scope, numbers]), axis=1)
    counted: Integers = np.bincount(pairs[0], minlength=tally.scopes)
    return counted


def _ratios(tally: Tally, months: int) -> list[Estimate]:
    """Sum of numerators by sum of denominators, over the units and months that have both.

    Where both are kept by representative in a unit and month, the pair is the representative's:
    one who lacks the denominator must not count with the numerator alone. n is the number of
    pairs. Never a mean of ratios.
    """
    values, above = tally.floats("value"), tally.columns["is_numerator"].astype(np.bool_)
    pair = _pairs(tally)
    both = np.isin(pair, np.intersect1d(pair[above], pair[~above]))
    numerators, denominators = tally.sums(values, both & above), tally.sums(values, both & ~above)
    counts = _count_different(tally.only(both), pair[both])
    ones = np.ones(len(pair))
    figures, alone = tally.sums(ones), tally.sums(ones, ~both)
    present = _count_different(tally.only(both), _months(tally)[both])
    return [
        _ratio(
            float(numerators[at]),
            float(denominators[at]),
            int(counts[at]),
            int(figures[at]),
            _unpaired(months - int(present[at]), int(alone[at])),
        )
        for at in range(tally.scopes)
    ]


def _unpaired(months: int, alone: int) -> str:
    told = []
    if months:
        told.append(
            f"Without any pair of numerator and denominator: {months} months of the period."
        )
    if alone:
        told.append(f"Left out, as the other of their pair is missing: {alone} figures.")
    return " ".join([*told, "So the ratio is of a part."]) if told else ""


def _pairs(tally: Tally) -> Integers:
    """A number for what belongs together: scope, unit and month, and the representative too
    where numerators and denominators are both kept by representative there."""
    unit, person = (
        tally.texts("unit").astype(np.str_),
        tally.texts("representative").astype(np.str_),
    )
    wide = _numbered(tally.scope, unit, _months(tally))
    above = tally.columns["is_numerator"].astype(np.bool_)
    own = person != ""
    # A side that is kept for the unit alone has no one person to be paired with.
    by_person = np.isin(wide, np.intersect1d(wide[above & own], wide[~above & own]))
    return _numbered(wide, np.where(by_person, person, ""), by_person)


def _ratio(numerator: float, denominator: float, n: int, figures: int, lacking: str) -> Estimate:
    if n == 0:
        lonely = "No unit has a numerator and a denominator for the same month."
        return Estimate(n=0, reason=lonely if figures else NO_FIGURE)
    if denominator == 0:
        return Estimate(n=n, n_eligible=n, reason="The denominators add up to zero.")
    return _counted(numerator / denominator, n, lacking)
