"""How often intervals hold the truth: in one simulated setting, and over those of a statistic."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from analysis.estimate import Mask
from analysis.interval import CI_LEVEL, Floats, Numbers

# Ends that equal the truth are off by less than this share of it.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Setting:
    """What was found where one truth was simulated many times.

    Attributes
    ----------
    name : str
        What was true.
    samples : int
        Of groups, each is one.
    without : float
        Share of the samples in which there is no interval.
    covered : float
        Share of the intervals that hold the truth; NaN where there is none.
    error : float
        Monte Carlo standard error of ``covered``.
    """

    name: str
    samples: int
    without: float
    covered: float
    error: float

    @classmethod
    def of(cls, name: str, truth: Numbers, low: Floats, high: Floats) -> Setting:
        """Compare intervals with the truth.

        Parameters
        ----------
        name : str
        truth : float or array
            Of the shape of the ends, or one number.
        low, high : array (samples,) or (samples, groups)
            An end that is NaN beside one that is not is open; both NaN: there is no interval.
            Groups of one sample are not independent, which the error allows for.
        """
        given, covered = is_covered(truth, low, high)
        intervals = given.reshape(len(given), -1).sum(axis=1)
        held = covered.reshape(len(given), -1).sum(axis=1)
        share = held.sum() / intervals.sum() if intervals.any() else math.nan
        spread = np.sqrt(np.mean((held - share * intervals) ** 2) / len(given))
        error = spread / intervals.mean() if intervals.any() else math.nan
        return cls(name, given.size, float(1 - given.mean()), float(share), float(error))


@dataclass(frozen=True)
class Row:
    """One statistic at one size: a row of the table.

    Attributes
    ----------
    key : str
        ``coverage_<key>`` in bench/results.json.
    statistic, size : str
        As the table says them.
    settings : tuple of Setting
    level : float
        Nominal coverage.
    is_contrast : bool
        Whether it stands beside the library's own intervals only for comparison.
    """

    key: str
    statistic: str
    size: str
    settings: tuple[Setting, ...]
    level: float = CI_LEVEL
    is_contrast: bool = field(default=False, kw_only=True)

    @property
    def shown(self) -> list[Setting]:
        """The settings in which there is an interval at all."""
        return [one for one in self.settings if not math.isnan(one.covered)]

    @property
    def coverage(self) -> float:
        """The mean over the settings, each counted once."""
        return sum(one.covered for one in self.shown) / len(self.shown)

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the coverage."""
        return math.hypot(*(one.error for one in self.shown)) / len(self.shown)

    @property
    def least(self) -> Setting:
        return min(self.shown, key=lambda one: one.covered)

    @property
    def greatest(self) -> Setting:
        return max(self.shown, key=lambda one: one.covered)

    @property
    def without(self) -> float:
        """Share of samples without an interval, over all settings."""
        return sum(one.without for one in self.settings) / len(self.settings)

    @property
    def samples(self) -> int:
        return sum(one.samples for one in self.settings)


def is_covered(truth: Numbers, low: Floats, high: Floats) -> tuple[Mask, Mask]:
    """Where there is an interval, and where it holds the truth; the ends belong to it.

    An infinite end is one: where a median is taken for never coming, its interval begins beyond all
    times, and holds none.
    """
    given = ~(np.isnan(low) & np.isnan(high))
    slack = ROUNDING * np.maximum(1.0, np.abs(truth))
    outside = (low > truth + slack) | (high < truth - slack)
    return given, given & ~outside


def stream(seed: int, *names: object) -> np.random.Generator:
    """Random numbers of one setting, the same whichever others are simulated."""
    return np.random.default_rng([seed, *" ".join(map(str, names)).encode()])
