"""The stretches of months over which every KPI is computed: periods, long windows, their past.

A period is scored over a short window, itself, and a long one, the twelve months that end with it.
Each is compared with the one before, which shares no month with it; the short one also has a trend
over the latest periods.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from analysis.estimate import Integers
from analysis.periods import LONG_MONTHS, Period, WindowType

# A trend is that of so many periods, this one included.
TREND_PERIODS = 12


@dataclass(frozen=True)
class Windows:
    """Every stretch of months that is needed, each once.

    Attributes
    ----------
    months : tuple of str
        The months from the first that is needed to the last, as YYYY-MM.
    spans : tuple of slice
        Each stretch as positions in ``months``.
    types : tuple of WindowType
        The windows that are scored, in order.
    current, previous : array of int, shape (periods, types)
        Positions in ``spans`` of each period's windows and of those before them; -1 where there
        are no facts so far back.
    history : array of int, shape (periods, length of the history)
        Positions in ``spans`` of the latest periods, the period itself last; -1 as above.
    """

    months: tuple[str, ...]
    spans: tuple[slice, ...]
    types: tuple[WindowType, ...]
    current: Integers
    previous: Integers
    history: Integers

    @classmethod
    def of(
        cls,
        periods: Sequence[Period],
        types: Sequence[WindowType],
        months_with_facts: Sequence[str],
        history_periods: int = TREND_PERIODS,
    ) -> "Windows":
        """The windows of the periods and of their past, as far as there are facts."""
        found = _Spans(months_with_facts)
        current, previous, history = [], [], []
        for period in periods:
            length = len(period.months())
            windows = {
                WindowType.PERIOD: (period.end, length),
                WindowType.LONG: (period.end, LONG_MONTHS),
            }
            current.append([found.add(*windows[one], needed=True) for one in types])
            previous.append(
                [
                    found.add(_months_before(end, months), months)
                    for end, months in (windows[one] for one in types)
                ]
            )
            history.append(
                [
                    found.add(_months_before(period.end, back * length), length, needed=back == 0)
                    for back in reversed(range(history_periods))
                ]
            )
        months, spans = found.slices()
        return cls(
            months,
            spans,
            tuple(types),
            *(
                np.array(one, np.int64).reshape(len(periods), -1)
                for one in (current, previous, history)
            ),
        )


class _Spans:
    """Stretches of months, numbered as they come; months are counted from year 0."""

    def __init__(self, months_with_facts: Sequence[str]) -> None:
        self._with_facts = sorted(
            _number(date.fromisoformat(f"{one}-01")) for one in months_with_facts
        )
        self._numbers: dict[tuple[int, int], int] = {}

    def add(self, end: int | date, months: int, needed: bool = False) -> int:
        """The number of a stretch; -1 if it is not needed and no facts are in it."""
        last = end if isinstance(end, int) else _number(end)
        first = last - months
        empty = np.searchsorted(self._with_facts, first) == np.searchsorted(self._with_facts, last)
        if not needed and empty:
            return -1
        return self._numbers.setdefault((first, last), len(self._numbers))

    def slices(self) -> tuple[tuple[str, ...], tuple[slice, ...]]:
        start = min(first for first, _ in self._numbers)
        stop = max(last for _, last in self._numbers)
        months = tuple(f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(start, stop))
        return months, tuple(slice(first - start, last - start) for first, last in self._numbers)


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _months_before(end: date, months: int) -> int:
    return _number(end) - months
