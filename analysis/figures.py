"""Statistics of imported figures: sum, last, ratio. They are complete counts, without interval."""

import numpy as np

from analysis.cells import Integers, Mask, Tally
from analysis.definitions import Kpi
from analysis.estimate import Estimate

NO_FIGURE = "There is no figure."


def estimate_figures(kpi: Kpi, tally: Tally) -> list[Estimate]:
    """The KPI's statistic in every scope; n is the number of figures it rests on."""
    if kpi.statistic == "ratio":
        return _ratios(tally)
    rows = _newest(tally) if kpi.statistic == "last" else np.ones(len(tally.scope), np.bool_)
    sums = tally.sums(tally.floats("value"), rows)
    counts = tally.sums(np.ones(len(tally.scope)), rows)
    return [
        _complete(float(total), int(n)) if n else Estimate(n=0, reason=NO_FIGURE)
        for total, n in zip(sums, counts, strict=True)
    ]


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


def _newest(tally: Tally) -> Mask:
    """The rows of the newest month that their scope has, for stocks such as a head count."""
    months = _months(tally)
    newest = np.full(tally.scopes, np.iinfo(np.int64).min)
    np.maximum.at(newest, tally.scope, months)
    rows: Mask = months == newest[tally.scope]
    return rows


def _ratios(tally: Tally) -> list[Estimate]:
    """Sum of numerators by sum of denominators, over the units and months that have both.

    n is the number of these pairs. Never a mean of ratios.
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
    """A number for every scope, unit and month; equal where all three are."""
    _, unit = np.unique(tally.texts("unit").astype(np.str_), return_inverse=True)
    _, month = np.unique(_months(tally), return_inverse=True)
    places = tally.scope * (unit.max(initial=0) + 1) + unit
    pairs: Integers = places * (month.max(initial=0) + 1) + month
    return pairs


def _ratio(numerator: float, denominator: float, n: int, figures: int) -> Estimate:
    if n == 0:
        lonely = "No unit has a numerator and a denominator for the same month."
        return Estimate(n=0, reason=lonely if figures else NO_FIGURE)
    if denominator == 0:
        return Estimate(n=n, n_eligible=n, reason="The denominators add up to zero.")
    return _complete(numerator / denominator, n)
