"""How every KPI moves: change against the period before, its p among all of a scorecard, trend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from analysis.change import Change
from analysis.compare import compare_intervals, compare_means, compare_shares
from analysis.estimate import Estimates, Integers
from analysis.interval import Floats
from analysis.many_tests import benjamini_hochberg
from analysis.net_change import compare_net_scores
from analysis.periods import WindowType
from analysis.rating_intervals import ResizedMean, ResizedNetScore, ResizedShare
from analysis.trend import theil_sen_slopes
from analysis.windows import Windows


@dataclass(frozen=True)
class Moves:
    """Of one KPI, shape (scopes, periods, windows); NaN where nothing is known.

    ``previous`` is the value of the window before, ``change`` that of this one less it, with the
    ends of its interval and its p; ``slope`` the trend per period, of the short window only.
    """

    previous: Floats
    change: Floats
    low: Floats
    high: Floats
    p: Floats
    slope: Floats

    @classmethod
    def of(cls, estimates: Estimates, series: Integers, scopes: Integers, windows: Windows) -> Self:
        """From the KPI's estimates (scopes, windows) and the series that each window rests on.

        Answers before and after a breaking change of the question do not compare: no change and no
        trend reaches across one. What is partial is not compared either.
        """
        whole = estimates.take((scopes,))
        now = whole.take((slice(None), windows.current))
        before = whole.take((slice(None), windows.previous))
        comparable = (windows.previous >= 0) & (series[windows.current] == series[windows.previous])
        comparable = comparable & ~now.partial & ~before.partial
        change = _compare(now, before)
        interval = change.interval()
        difference, low, high, p = (
            np.where(comparable, column, np.nan)
            for column in (change.difference, interval.low, interval.high, change.p)
        )
        known = (windows.previous >= 0) & ~before.partial
        previous = np.where(known, before.value, np.nan)
        return cls(previous, difference, low, high, p, _slopes(whole, series, windows))


def adjust_together(moves: Sequence[Moves]) -> list[Floats]:
    """p values adjusted over each scorecard: all KPIs and scopes of one period and window.

    Benjamini and Hochberg (1995); of each of the KPIs, in the shape of its p.
    """
    adjusted = [np.full(one.p.shape, np.nan) for one in moves]
    if not moves:
        return adjusted
    ends = np.cumsum([one.p.shape[0] for one in moves])[:-1]
    for period in range(moves[0].p.shape[1]):
        for window in range(moves[0].p.shape[2]):
            card = np.concatenate([one.p[:, period, window] for one in moves])
            parts = np.split(benjamini_hochberg(card), ends)
            for own, part in zip(adjusted, parts, strict=True):
                own[:, period, window] = part
    return adjusted


def _compare(now: Estimates, before: Estimates) -> Change:
    match now.resized, before.resized:
        case (ResizedMean() as one, ResizedMean() as other):
            mean, spread = _where(now, one.mean, one.spread)
            past_mean, past_spread = _where(before, other.mean, other.spread)
            return compare_means(mean, spread, _n(now), past_mean, past_spread, _n(before))
        case (ResizedShare(), ResizedShare()):
            return compare_shares(now.value, now.effective_n, before.value, before.effective_n)
        case (ResizedNetScore() as one, ResizedNetScore() as other):
            mean, variance = _where(now, one.mean, one.variance)
            past_mean, past_variance = _where(before, other.mean, other.variance)
            return compare_net_scores(mean, variance, _n(now), past_mean, past_variance, _n(before))
    return compare_intervals(now.value, now.low, now.high, before.value, before.low, before.high)


def _where(estimates: Estimates, *moments: Floats) -> list[Floats]:
    """The moments of cells that have a value."""
    return [np.where(np.isnan(estimates.value), np.nan, one) for one in moments]


def _n(estimates: Estimates) -> Floats:
    return estimates.n.astype(np.float64)


def _slopes(whole: Estimates, series: Integers, windows: Windows) -> Floats:
    """Theil and Sen's slopes over the latest periods of the series that still counts."""
    shape = (whole.shape[0], *windows.current.shape)
    slopes = np.full(shape, np.nan)
    if WindowType.PERIOD not in windows.types:
        return slopes
    known = ~whole.partial & ~np.isnan(whole.value)
    values = np.where(known, whole.value, np.nan)[:, windows.history]
    values = np.where(windows.history < 0, np.nan, values)
    # Windows without answers are of no series and break none.
    of_past = np.where(windows.history < 0, 0, series[windows.history])
    differs = (of_past != of_past[:, -1:]) & (of_past != 0)
    periods = np.arange(1, windows.history.shape[1] + 1)
    breaks = np.where(differs, periods, 0).max(axis=1)
    found = theil_sen_slopes(values, np.broadcast_to(breaks, values.shape[:2]))
    slopes[:, :, windows.types.index(WindowType.PERIOD)] = found
    return slopes
