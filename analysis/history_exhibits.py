"""How a KPI has gone in its latest periods: values, control limits, signals, breaks and trend."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.changes import Moves
from analysis.control import XmrChart, beyond_limits, runs_on_one_side, xmr_chart
from analysis.estimate import Integers, Mask
from analysis.interval import Floats
from analysis.periods import Period, WindowType
from analysis.told_cells import SHOWN, SUPPRESSED, Document, ToldCells, plain
from analysis.trend import since_break
from analysis.windows import TREND_PERIODS

# So many periods are told, the run's own being the last.
HISTORY_PERIODS = 24
# Limits from fewer values than this would move too much with each new one to tell a signal.
FEWEST_FOR_LIMITS = 6

# No value lies beyond these, so no limit does either.
ENDS = {"top_box": (0.0, 1.0), "share_within": (0.0, 1.0), "net_score": (-100.0, 100.0)}
ENDS |= dict.fromkeys(("km_median", "km_quantile", "restricted_mean"), (0.0, np.inf))

FEW = f"Limits need {FEWEST_FOR_LIMITS} whole periods of the present series."
ALIKE = "All values are the same, so there is no spread to make limits from."


def history_exhibits(cells: ToldCells, is_over: bool) -> list[tuple[int, Document]]:
    """A KPI's latest periods, in every scope.

    Parameters
    ----------
    cells : ToldCells
        Its windows have a history of HISTORY_PERIODS.
    is_over : bool
        Whether the run's own period had ended; one that had not is neither in the limits nor
        judged by them.

    Returns
    -------
    list of (position of the scope, document)
        Scopes without any value are left out. A document holds ``status``, ``periods`` from the
        first with something to tell (``label``, ``start``, ``end``, ``n``, ``value``, ``low``,
        ``high``, ``is_partial``, ``series``), ``breaks`` (labels of periods with which a new series
        begins), ``limits`` (``low``, ``center``, ``high``, and ``n`` values they are made from, or
        none and ``limits_reason``), ``signals`` (``period``, ``rule``) and ``slope`` per period
        over the last TREND_PERIODS, as in the scored row.
    """
    history = _History.of(cells, is_over)
    withheld = cells.withheld_series(history.n)
    found: list[tuple[int, Document]] = []
    for at, scope in enumerate(cells.scopes.tolist()):
        if withheld[at]:
            found.append((scope, {"status": SUPPRESSED}))
        elif history.begins(at) is not None:
            found.append((scope, {"status": SHOWN} | history.document(at)))
    return found


@dataclass(frozen=True)
class _History:
    """All scopes' periods; arrays (scopes, periods), and of limits and slopes (scopes,)."""

    labels: list[Document]
    n: Integers
    value: Floats
    low: Floats
    high: Floats
    partial: Mask
    series: Integers
    limits: XmrChart
    ends: tuple[float, float]
    beyond: Mask
    runs: Mask
    slope: Floats

    @classmethod
    def of(cls, cells: ToldCells, is_over: bool) -> "_History":
        positions = cells.windows.history[0]
        there = positions >= 0
        estimates = cells.estimates.take((cells.scopes[:, None], positions[None]))
        partial = estimates.partial & there
        partial[:, -1] |= not is_over
        series = np.where(there, cells.series[positions], 0)
        value, low, high = (
            np.where(there, one, np.nan) for one in (estimates.value, estimates.low, estimates.high)
        )
        charted = since_break(np.where(partial, np.nan, value), _breaks(series)[-1:].max(initial=0))
        chart = xmr_chart(charted)
        enough = (np.asarray(chart.n) >= FEWEST_FOR_LIMITS)[:, None]
        return cls(
            [_labelled(cells.period, back) for back in reversed(range(len(positions)))],
            np.where(there, estimates.n, 0),
            value,
            low,
            high,
            partial,
            series,
            chart,
            ENDS.get(cells.kpi.statistic, (-np.inf, np.inf)),
            beyond_limits(charted, chart.values) & enough,
            runs_on_one_side(charted, chart.values.center) & enough,
            _slopes(cells),
        )

    def begins(self, at: int) -> int | None:
        """The first period of which there is anything to tell."""
        told = np.flatnonzero(~np.isnan(self.value[at]) | (self.n[at] > 0))
        return int(told[0]) if len(told) else None

    def document(self, at: int) -> Document:
        first = self.begins(at)
        assert first is not None
        low, center, high = (
            plain(np.clip(np.asarray(getattr(self.limits.values, end))[at], *self.ends))
            for end in ("low", "center", "high")
        )
        n = int(np.asarray(self.limits.n)[at])
        few = n < FEWEST_FOR_LIMITS
        known = not few and low is not None
        return {
            "periods": [self._period(at, number) for number in range(first, self.n.shape[1])],
            "breaks": [
                self.labels[number]["label"] for number in _breaks(self.series) if number > first
            ],
            "limits": {"low": low, "center": center, "high": high, "n": n} if known else None,
            "limits_reason": "" if known else FEW if few else ALIKE,
            "signals": [
                {"period": self.labels[number]["label"], "rule": rule}
                for rule, signals in (("beyond_limits", self.beyond), ("run_of_8", self.runs))
                for number in np.flatnonzero(signals[at])
            ],
            "slope": plain(self.slope[at]),
        }

    def _period(self, at: int, number: int) -> Document:
        return self.labels[number] | {
            "n": int(self.n[at, number]),
            "value": plain(self.value[at, number]),
            "low": plain(self.low[at, number]),
            "high": plain(self.high[at, number]),
            "is_partial": bool(self.partial[at, number]),
            "series": int(self.series[number]),
        }


def _labelled(period: Period, back: int) -> Document:
    one = period.before(back)
    return {"label": one.label, "start": one.start.isoformat(), "end": one.end.isoformat()}


def _slopes(cells: ToldCells) -> Floats:
    """The trends of the scored rows, which look back less far."""
    windows = replace(cells.windows, history=cells.windows.history[:, -TREND_PERIODS:])
    moves = Moves.of(cells.estimates, cells.series, cells.scopes, windows)
    return moves.slope[:, 0, windows.types.index(WindowType.PERIOD)]


def _breaks(series: Integers) -> Integers:
    """The periods with which another series begins; periods of no series break none."""
    present = np.flatnonzero(series)
    begins: Integers = present[1:][np.diff(series[present]) != 0]
    return begins
