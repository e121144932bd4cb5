"""Statistics of imported figures: sum, last, ratio. They are complete counts, without interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from analysis.cells import Tally
from analysis.definitions import (
    RATE_UNITS,
    Kpi,
)
from analysis.estimate import Estimate, Integers, Mask
from analysis.interval import CI_LEVEL

NO_FIGURE = "There is no figure."
# Adding n numbers misses their sum by less than this share of the sum of their sizes.
ROUNDING = 1e-14


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
            _Sum(float(sums[at]), float(sizes[at]), int(counts[at]), months),
            _lacking(kpi, int(wanted[at]), int(missing[at])),
        )
        for at in range(tally.scopes)
    ]


def _lacking(kpi: Kpi, wanted: int, missing: int) -> str:
    if not missing:
        return ""
    verb = "is" if missing == 1 else "are"
    word = "mean" if kpi.statistic == "mean_over_periods" else "sum"
    return f"{missing} of {wanted} monthly figures {verb} missing, so the {word} is not complete."


@dataclass(frozen=True)
class _Sum:
    """Figures added up: the total, the total of their sizes, and how many they are."""

    total: float
    size: float
    count: int
    months: int = 1


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
    is_mean = kpi.statistic == "mean_over_periods"
    # Rates of one place have a mean over months; those of several places, or a sum, say nothing.
    if kpi.unit in RATE_UNITS and found.count > (found.months if is_mean else 1):
        return Estimate(
            n=found.count,
            n_eligible=found.count,
            reason=f"{found.count} rates in {kpi.unit} do not add up. Measure it as a ratio.",
        )
    share = 1 / found.months if is_mean else 1.0
    counted = _counted(found.total * share, found.count, lacking, ROUNDING * found.size * share)
    return _as_poisson(counted) if kpi.events == "poisson" else counted


def _as_poisson(counted: Estimate) -> Estimate:
    """A count of events k, taken for one draw from a Poisson distribution.

    Garwood's (1936) exact interval: half the 2.5 and 97.5 per cent points of chi-square, with 2 k
    and 2 k + 2 degrees of freedom.
    """
    value = counted.value
    if counted.partial or value is None:
        return counted
    if value < 0 or not float(value).is_integer():
        told = f"{value:.6g} is not a count of events; only whole numbers from 0 up are Poisson."
        return Estimate(n=counted.n, n_eligible=counted.n, reason=told)
    tail = (1 - CI_LEVEL) / 2
    return replace(
        counted,
        low=float(chdtri(2 * value, 1 - tail)) / 2 if value else 0.0,
        high=float(chdtri(2 * value + 2, tail)) / 2,
        std_error=math.sqrt(value),
        ci_method="poisson_exact",
        complete=False,
    )


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
