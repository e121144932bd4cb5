"""What is known about one KPI in one scope: value, interval, counts, what is absent and why."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from scipy.special import ndtri

CI_LEVEL = 0.95
# The normal quantile of a two-sided interval at CI_LEVEL, 1.96 rounded.
Z = float(ndtri(0.5 + CI_LEVEL / 2))

Interval: TypeAlias = tuple[float | None, float | None]


@dataclass(frozen=True)
class Estimate:
    """One statistic of one cell, in the KPI's own unit of measurement.

    ``low`` and ``high`` are the ends of the interval. An end that is None while the other is
    given is open: the interval has no end on that side. A ``complete`` count has no interval
    because nothing was sampled; a ``partial`` one lacks a part that belongs to it. ``beyond`` says
    that the statistic exists but lies beyond what was observed, ``never`` that its whole interval
    does, however long one observes. ``rounding`` is how far floating point may have moved the
    value. ``reason`` says in sentences why value or interval is absent and what was left out.
    ``at_n`` gives the interval that n units of the same spread would have.
    """

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    std_error: float | None = None
    ci_method: str = ""
    n_eligible: int = 0
    n_censored: int | None = None
    effective_n: float | None = None
    complete: bool = False
    partial: bool = False
    beyond: bool = False
    never: bool = False
    rounding: float = 0.0
    reason: str = ""
    at_n: Callable[[int], Interval] | None = field(default=None, compare=False, repr=False)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's score interval of a share of n (Wilson 1927); n need not be whole."""
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return low, high
