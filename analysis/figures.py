"""Statistics of imported figures: sum, last, ratio. They are complete counts, without interval."""

import numpy as np

from analysis.cells import Integers, Mask, Tally
from analysis.definitions import Kpi
from analysis.estimate import Estimate

NO_FIGURE = "There is no figure."


def estimate_figures(kpi: Kpi, tally: Tally, months: int) -> list[Estimate]:
    """The KPI's statistic in every scope; n is the number of figures it rests on.

    ``months`` is the number of months in the period: a sum over fewer is not complete.
    """
    if not len(tally.scope):
        return [Estimate(n=0, reason=NO_FIGURE)] * tally.scopes
    if kpi.statistic == "ratio":
        return _ratios(tally)
    if kpi.statistic == "last":
        rows, lacking = _newest(tally), np.zeros(tally.scopes, np.int64)
    else:
        rows, lacking = np.ones(len(tally.scope), np.bool_), months - _months_present(tally)
    sums = tally.sums(tally.floats("value"), rows)
    counts = tally.sums(np.ones(len(tally.scope)), rows)
    return [
        _sum(float(sums[at]), int(counts[at]), int(lacking[at]), months)
        for at in range(tally.scopes)
    ]


def _sum(total: float, n: int, lacking: int, months: int) -> Estimate:
    if n == 0:
        return Estimate(n=0, reason=NO_FIGURE)
    if lacking == 0:
        return _complete(total, n)
    return Estimate(
        n=n,
        value=total,
        n_eligible=n,
        effective_n=float(n),
        reason=f"{lacking} of {months} months have no figure, so the sum is not complete.",
    )


def _complete(value: float, n: int) -> Estimate:
    return Estimate(
        n=n,
        value=value,
        ci_method="complete_count",
        n_eligible=n,
        effective_n=float(n),
        complete=True,
    )


def _months(tally: Tally) -> Integers:
    months: Integers = tally.columns["period_start"].astype("datetime64[M]").astype(np.int64)
    return months


def _months_present(tally: Tally) -> Integers:
    """In how many months each scope has a figure."""
    present = np.unique(np.stack([tally.scope, _months(tally)]), axis=1)
    counted: Integers = np.bincount(present[0], minlength=tally.scopes)
    return counted


def _newest(tally: Tally) -> Mask:
    """The newest row of each unit and representative, for stocks such as a head count.

    One that has not reported the newest month yet counts with its last figure, not with zero.
    """
    months, place = _months(tally), _places(tally)
    newest = np.full(place.max(initial=-1) + 1, np.iinfo(np.int64).min)
    np.maximum.at(newest, place, months)
    rows: Mask = months == newest[place]
    return rows


def _places(tally: Tally) -> Integers:
    """A number for every scope, unit and representative; equal where all three are."""
    columns = [tally.scope]
    for column in ("unit", "representative"):
        _, numbered = np.unique(tally.texts(column).astype(np.str_), return_inverse=True)
        columns.append(numbered)
    _, place = np.unique(np.stack(columns), axis=1, return_inverse=True)
    numbers: Integers = place.reshape(-1)
    return numbers


def _ratios(tally: Tally) -> list[Estimate]:
    """Sum of numerators by sum of denominators, over the units and months that have both.

    Where both are kept by representative in a unit and month, the pair is the representative's:
    one who lacks the denominator must not count with the numerator alone. n is the number of
    pairs. Never a mean of ratios.
    """
    values, above = tally.floats("value"), tally.columns["is_numerator"].astype(np.bool_)
    pair = _pairs(tally)
    both = np.isin(pair, np.intersect1d(pair[above], pair[~above]))
    numerators, denominators = tally.sums(values, both & above), tally.sums(values, both & ~above)
    _, first = np.unique(np.where(both, pair, -1), return_index=True)
    counted = np.zeros(len(pair), np.bool_)
    counted[first] = True
    counts = tally.sums(np.ones(len(pair)), counted & both)
    figures = tally.sums(np.ones(len(pair)))
    return [
        _ratio(float(numerators[at]), float(denominators[at]), int(counts[at]), int(figures[at]))
        for at in range(tally.scopes)
    ]


def _pairs(tally: Tally) -> Integers:
    """A number for what belongs together: scope, unit and month, and the representative too
    where numerators and denominators are both kept by representative there."""
    _, unit = np.unique(tally.texts("unit").astype(np.str_), return_inverse=True)
    _, person = np.unique(tally.texts("representative").astype(np.str_), return_inverse=True)
    above, own = tally.columns["is_numerator"].astype(np.bool_), tally.texts("representative") == ""
    _, wide = np.unique(np.stack([tally.scope, unit, _months(tally)]), axis=1, return_inverse=True)
    wide = wide.reshape(-1)
    # A unit's own figure on either side has no one person to be paired with.
    by_person = ~np.isin(wide, wide[own])
    by_person &= np.isin(wide, np.intersect1d(wide[above], wide[~above]))
    narrow = np.where(by_person, person + 1, 0)
    _, pair = np.unique(np.stack([wide, narrow]), axis=1, return_inverse=True)
    pairs: Integers = pair.reshape(-1)
    return pairs


def _ratio(numerator: float, denominator: float, n: int, figures: int) -> Estimate:
    if n == 0:
        lonely = "No unit has a numerator and a denominator for the same month."
        return Estimate(n=0, reason=lonely if figures else NO_FIGURE)
    if denominator == 0:
        return Estimate(n=n, n_eligible=n, reason="The denominators add up to zero.")
    return _complete(numerator / denominator, n)
