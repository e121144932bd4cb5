"""The median time to a milestone in every scope of a tally, as estimates for the scored rows."""

import math
from collections.abc import Iterator

import numpy as np

from analysis.cells import Tally
from analysis.duration_quantiles import quantile
from analysis.estimate import Estimate
from analysis.risk_tables import RiskTable


def estimate_durations(tally: Tally) -> list[Estimate]:
    """The median time to the milestone in every scope, in seconds.

    Parameters
    ----------
    tally : Tally
        Visits counted per scope and time: seconds, reached, called_back, left, open.

    Returns
    -------
    list of Estimate
        One a scope. A visit that is open is censored; one that was called back or left will never
        reach the milestone.
    """
    tables = RiskTable.from_rows(
        tally.scope,
        tally.floats("seconds"),
        tally.floats("reached"),
        tally.floats("called_back") + tally.floats("left"),
        tally.floats("open"),
        tally.scopes,
    )
    found = {
        int(scope): one
        for scopes, table in tables
        for scope, one in zip(scopes, _estimates(table), strict=True)
    }
    return [found[scope] for scope in range(tally.scopes)]


def _estimates(table: RiskTable) -> Iterator[Estimate]:
    """The estimate of each cell of a table of shape (C, T)."""
    median = quantile(table)
    interval = median.interval()
    reached, competing = table.reached.sum(axis=-1), table.competing.sum(axis=-1)
    columns = (
        median.n,
        median.n_censored,
        reached,
        competing,
        median.value,
        interval.low,
        interval.high,
        median.is_never(),
        median.rule,
    )
    for one in zip(*(np.asarray(column).tolist() for column in columns), strict=True):
        yield _estimate(*one)


def _estimate(
    visits: float,
    censored: float,
    reached: float,
    competing: float,
    value: float,
    low: float,
    high: float,
    never: bool,
    rule: str,
) -> Estimate:
    n = int(visits)
    if n == 0:
        return Estimate(n=0, n_censored=0, reason="There is no visit.")
    beyond, unbounded = math.isnan(value), math.isnan(low) and math.isnan(high)
    reason = ""
    if beyond:
        reason = (
            f"Of {n} {'visit' if n == 1 else 'visits'} {int(reached)} reached it, "
            f"{int(competing)} ended before and {int(censored)} are open; "
            "the median lies beyond the times observed."
        )
    elif unbounded:
        reason = "It was reached at too few different times for an interval."
    return Estimate(
        n=n,
        value=None if beyond else value,
        low=None if math.isnan(low) else low,
        high=None if math.isnan(high) else high,
        ci_method="" if unbounded and not never else rule,
        n_eligible=n,
        n_censored=int(censored),
        effective_n=float(n),
        beyond=beyond,
        never=never,
        reason=reason,
    )
