"""Coverage of the median time and of the share done within a time: visits that end in three ways.

A visit reaches the milestone, is called back before, or is still open at the cut-off of the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from scipy import optimize, stats

from analysis.duration_quantiles import quantile
from analysis.duration_shares import share_within
from analysis.interval import Floats
from analysis.risk_tables import RiskTable
from bench.coverage.tally import Row, Setting, stream

SIZES = (5, 20, 100)
MINUTE = 60.0
MEDIAN = 20 * MINUTE
# How long it takes to the milestone if nobody calls back; the median is 20 minutes in all.
TIMES: dict[str, Any] = {
    "exponential": stats.expon(scale=MEDIAN / np.log(2)),
    "Weibull 1.5": stats.weibull_min(1.5, scale=MEDIAN / np.log(2) ** (1 / 1.5)),
    "log-normal 0.6": stats.lognorm(0.6, scale=MEDIAN),
}
OPEN = (0.0, 0.3, 0.5)
WITHIN = (10 * MINUTE, 20 * MINUTE, 40 * MINUTE)
# Longer than any visit.
FOREVER = 1000 * MEDIAN
# Means over 0 to 1 of smooth functions: Gauss and Legendre's places, and their weights.
NODES, WEIGHTS = (np.polynomial.legendre.leggauss(400) * np.array([[0.5], [0.5]])) + np.array(
    [[0.5], [0.0]]
)
# Samples handled at a time; more do not fit the processor's cache.
HELD = 2000


@dataclass(frozen=True)
class Visits:
    """How visits go: the time to the milestone, and the shares called back and still open.

    Calls come at a constant rate, so many that their share is ``called_back`` were no visit open.
    Visits begin evenly over a time before the cut-off, as long as makes ``open`` the share of
    those that it cuts short.
    """

    times: str
    called_back: float
    open: float

    @property
    def name(self) -> str:
        back, still_open = 100 * self.called_back, 100 * self.open
        return f"{self.times}, {back:.0f} % called back, {still_open:.0f} % open"

    @cached_property
    def mean_to_call(self) -> float:
        """The mean time to a call, infinite where there is none."""
        if not self.called_back:
            return np.inf

        def lacking(mean: float) -> float:
            return 1 - self._reached(np.inf, mean) - self.called_back

        return float(optimize.brentq(lacking, MINUTE, FOREVER))

    @cached_property
    def window(self) -> float:
        """The time before the cut-off over which visits begin, infinite where none stays open."""
        if not self.open:
            return np.inf

        def lacking(window: float) -> float:
            time = window * NODES
            going_on = TIMES[self.times].sf(time) * np.exp(-time / self.mean_to_call)
            return float(WEIGHTS @ going_on) - self.open

        return float(optimize.brentq(lacking, 1.0, FOREVER))

    def reached(self, time: float) -> float:
        """The share that has reached the milestone by a time: the cumulative incidence."""
        return self._reached(time, self.mean_to_call)

    def _reached(self, time: float, mean_to_call: float) -> float:
        """The mean share not yet called back, over those who come to the milestone by then."""
        share = float(TIMES[self.times].cdf(time))
        milestone = TIMES[self.times].ppf(share * NODES)
        return share * float(WEIGHTS @ np.exp(-milestone / mean_to_call))

    @cached_property
    def median(self) -> float:
        """The time by which half of the visits have reached the milestone."""
        return float(optimize.brentq(lambda time: self.reached(time) - 0.5, 1.0, FOREVER))

    def tables(self, n: int, samples: int, seed: int) -> Iterator[RiskTable]:
        """Risk tables of n visits each, ``HELD`` samples or fewer at a time."""
        random = stream(seed, self.name, n)
        for start in range(0, samples, HELD):
            shape = (min(HELD, samples - start), n)
            milestone = TIMES[self.times].rvs(shape, random_state=random)
            call = self.mean_to_call * random.standard_exponential(shape)
            cut = random.uniform(0, self.window, shape) if self.open else np.full(shape, np.inf)
            ends = np.stack([milestone, call, cut])
            time, how = ends.min(axis=0), ends.argmin(axis=0)
            order = np.argsort(time, axis=1)
            how = np.take_along_axis(how, order, axis=1)
            counts = [(how == one).astype(np.float64) for one in range(3)]
            yield RiskTable.count(np.take_along_axis(time, order, axis=1), *counts)


ALL = tuple(
    Visits(times, called_back, still_open)
    for times, called_back, still_open in product(TIMES, (0.0, 0.2, 0.4), OPEN)
)
COMPETING = tuple(visits for visits in ALL if visits.called_back)


def medians(visits: Visits, n: int, samples: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """The median in each sample and the ends of its interval; infinite where it never comes."""
    found = []
    for table in visits.tables(n, samples, seed):
        one = quantile(table)
        interval, never = one.interval(), one.is_never()
        value = np.where(never, np.inf, one.value)
        found.append((value, np.where(never, np.inf, interval.low), np.asarray(interval.high)))
    value, low, high = (np.concatenate(part) for part in zip(*found, strict=True))
    return value, low, high


def cover_median(visits: Visits, n: int, samples: int, seed: int) -> Setting:
    """How often the interval of the median holds the time by which half will have reached it."""
    _, low, high = medians(visits, n, samples, seed)
    return Setting.of(visits.name, visits.median, low, high)


def cover_shares(visits: Visits, n: int, samples: int, seed: int) -> list[Setting]:
    """How often the interval of a share holds it, for each of the times in ``WITHIN``."""
    found: dict[float, list[tuple[Floats, Floats]]] = {within: [] for within in WITHIN}
    for table in visits.tables(n, samples, seed):
        for within, parts in found.items():
            interval = share_within(table, within).interval()
            parts.append((np.asarray(interval.low), np.asarray(interval.high)))
    return [
        Setting.of(
            f"within {within / MINUTE:.0f} min, {visits.name}",
            visits.reached(within),
            *(np.concatenate(part) for part in zip(*parts, strict=True)),
        )
        for within, parts in found.items()
    ]


def duration_rows(samples: int, seed: int) -> list[Row]:
    """The rows of the durations."""
    return [
        *(
            Row(
                f"km_median_{n}",
                "median time",
                f"{n} visits",
                tuple(cover_median(one, n, samples, seed) for one in ALL),
            )
            for n in SIZES
        ),
        *(
            Row(
                f"share_within_{n}",
                "share within a time",
                f"{n} visits",
                tuple(s for one in COMPETING for s in cover_shares(one, n, samples, seed)),
            )
            for n in SIZES
        ),
    ]
