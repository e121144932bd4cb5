"""Statistics of visits in every scope of a tally, as estimates for the scored rows."""

from collections.abc import Callable

import numpy as np

from analysis.cells import Tally
from analysis.definitions import Kpi
from analysis.duration_quantiles import quantile
from analysis.duration_shares import share_within
from analysis.estimate import Estimates
from analysis.interval import Floats
from analysis.restricted_means import restricted_mean
from analysis.risk_tables import RiskTable

MEDIAN = 0.5


def estimate_durations(kpi: Kpi, tally: Tally) -> Estimates:
    """The KPI's statistic in every scope: seconds, or a share for ``share_within``.

    Parameters
    ----------
    kpi : Kpi
    tally : Tally
        Visits counted per scope and time: seconds, reached, called_back, left, open.

    Returns
    -------
    Estimates
        One cell a scope. A visit that is open is censored; one that was called back or left will
        never reach the milestone.
    """
    estimate = {
        "km_median": _quantiles,
        "km_quantile": _quantiles,
        "restricted_mean": _restricted_means,
        "share_within": _shares,
    }[kpi.statistic]
    return _in_buckets(kpi, tally, estimate)


def _in_buckets(
    kpi: Kpi, tally: Tally, estimate: Callable[[Kpi, RiskTable, Estimates], None]
) -> Estimates:
    """Scopes with about as many different times are estimated together."""
    found = Estimates.blank(tally.scopes)
    tables = RiskTable.from_rows(
        tally.scope,
        tally.floats("seconds"),
        tally.floats("reached"),
        tally.floats("called_back") + tally.floats("left"),
        tally.floats("open"),
        tally.scopes,
    )
    for scopes, table in tables:
        part = Estimates.blank(len(scopes))
        n = table.n.astype(np.int64)
        part.n[...], part.n_eligible[...] = n, n
        part.n_censored[...] = table.n_censored
        estimate(kpi, table, part)
        none = n == 0
        part.reason[none], part.ci_method[none] = "There is no visit.", ""
        found.put(scopes, part)
    return found


def _quantiles(kpi: Kpi, table: RiskTable, found: Estimates) -> None:
    share = MEDIAN if kpi.quantile is None else kpi.quantile
    word = "median" if kpi.quantile is None else f"{share:.0%} quantile"
    one = quantile(table, share)
    interval = one.interval()
    found.value[...], found.effective_n[...] = one.value, np.where(one.n > 0, one.n, np.nan)
    found.low[...], found.high[...] = interval.low, interval.high
    found.never[...], found.beyond[...] = one.is_never(), one.beyond
    unbounded = np.isnan(found.low) & np.isnan(found.high)
    found.ci_method[...] = np.where(unbounded & ~found.never, "", one.rule)
    found.reason[unbounded & ~one.beyond] = (
        "It was reached at too few different times for an interval."
    )
    counts = (one.n, table.reached.sum(axis=-1), table.competing.sum(axis=-1), one.n_censored)
    found.reason[one.beyond] = [
        f"Of {n} {'visit' if n == 1 else 'visits'} {reached} reached it, {competing} ended before "
        f"and {censored} are open; the {word} lies beyond the times observed."
        for n, reached, competing, censored in zip(
            *(_whole(count[one.beyond]) for count in counts), strict=True
        )
    ]


def _restricted_means(kpi: Kpi, table: RiskTable, found: Estimates) -> None:
    assert kpi.tau is not None
    one = restricted_mean(table, kpi.tau)
    interval = one.interval()
    found.value[...], found.std_error[...] = one.value, one.std_error
    found.low[...], found.high[...] = interval.low, interval.high
    found.effective_n[...] = np.where(np.isnan(one.value), np.nan, one.n)
    found.ci_method[...] = np.where(np.isnan(one.std_error), "", "restricted_mean_normal")
    found.reason[...] = one.reason


def _shares(kpi: Kpi, table: RiskTable, found: Estimates) -> None:
    assert kpi.within is not None
    one = share_within(table, kpi.within)
    interval = one.interval()
    found.value[...], found.std_error[...] = one.value, one.std_error
    found.low[...], found.high[...] = interval.low, interval.high
    found.effective_n[...] = one.effective_n
    found.ci_method[...], found.reason[...] = one.rule, one.reason


def _whole(counts: Floats) -> list[int]:
    return counts.astype(np.int64).tolist()  # type: ignore[no-any-return]
