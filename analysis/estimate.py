"""What is known about one KPI in many cells: value, interval, counts, what is absent and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from analysis.interval import CI_LEVEL, Floats, Interval

Integers: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[np.object_]

# The normal quantile of a two-sided interval at CI_LEVEL, 1.96 rounded.
Z = float(ndtri(0.5 + CI_LEVEL / 2))


class Resized(Protocol):
    """The interval that cells would have at another n, with the same value and spread."""

    def take(self, index: Any) -> Self:
        """The same for some of the cells."""
        ...

    def interval(self, n: Floats) -> Interval:
        """The interval at ``n`` units, one entry a cell."""
        ...


@dataclass(frozen=True)
class Estimates:
    """One statistic in many cells; arrays of one shape, in the KPI's own unit of measurement.

    Attributes
    ----------
    n, n_eligible : array of int
        Units of analysis that the value rests on, and those it could have rested on.
    value : array
        The statistic; NaN where there is none.
    low, high : array
        The ends of the interval at 95 %. An end that is NaN while the other is given is open: the
        interval has no end on that side.
    std_error, effective_n : array
        NaN where they are not defined.
    n_censored : array
        Censored visits; NaN for statistics that know none.
    ci_method : array of str
        The rule that made the interval; '' where there is none.
    complete, partial : array of bool
        A complete count has no interval because nothing was sampled; a partial one lacks a part
        that belongs to it.
    beyond, never : array of bool
        The statistic exists but lies beyond what was observed; its whole interval does, however
        long one observes.
    rounding : array
        How far floating point may have moved the value.
    reason : array of str
        Sentences on why value or interval is absent and what was left out.
    resized : Resized or None
        The interval at another n, where it follows from n.
    """

    n: Integers
    value: Floats
    low: Floats
    high: Floats
    std_error: Floats
    ci_method: Texts
    n_eligible: Integers
    n_censored: Floats
    effective_n: Floats
    complete: Mask
    partial: Mask
    beyond: Mask
    never: Mask
    rounding: Floats
    reason: Texts
    resized: Resized | None = field(default=None, compare=False, repr=False)

    @classmethod
    def blank(cls, shape: int | tuple[int, ...]) -> Self:
        """Cells about which nothing is known."""
        known = ("n", "n_eligible")
        flags = ("complete", "partial", "beyond", "never")
        made: dict[str, Any] = {name: np.zeros(shape, np.int64) for name in known}
        made |= {name: np.zeros(shape, np.bool_) for name in flags}
        made |= {name: np.full(shape, "", object) for name in ("ci_method", "reason")}
        made["rounding"] = np.zeros(shape)
        made |= {name: np.full(shape, np.nan) for name in COLUMNS if name not in made}
        return cls(**made)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.n.shape

    @property
    def has_interval(self) -> Mask:
        """Where at least one end is known, or the interval is known to lie beyond every value."""
        known: Mask = ~np.isnan(self.low) | ~np.isnan(self.high) | self.never
        return known

    def put(self, cells: Any, others: Self) -> None:
        """Write other estimates into some of the cells; what follows from n is left alone."""
        for name in COLUMNS:
            getattr(self, name)[cells] = getattr(others, name)

    def take(self, index: Any) -> Self:
        """Some of the cells, chosen as numpy chooses."""
        taken = {name: getattr(self, name)[index] for name in COLUMNS}
        return replace(self, **taken, resized=self.resized and self.resized.take(index))

    def __getitem__(self, index: Any) -> "Estimate":
        """One cell, with None for what is not known."""
        resized = self.resized and self.resized.take(index)
        return Estimate(
            **{name: _plain(getattr(self, name)[index]) for name in COLUMNS},
            resized=resized,
        )


# All but what follows from n.
COLUMNS = tuple(one.name for one in fields(Estimates) if one.name != "resized")


@dataclass(frozen=True)
class Estimate:
    """One cell of ``Estimates``, as plain values; None where there is none."""

    n: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    std_error: float | None = None
    ci_method: str = ""
    n_eligible: int = 0
    n_censored: float | None = None
    effective_n: float | None = None
    complete: bool = False
    partial: bool = False
    beyond: bool = False
    never: bool = False
    rounding: float = 0.0
    reason: str = ""
    resized: Resized | None = field(default=None, compare=False, repr=False)

    def interval(self) -> Interval:
        """The interval with the name of its rule; NaN for an end that is open or unknown.

        Examples
        --------
        >>> Estimate(n=3, value=2.0, low=1.0, high=3.0, ci_method="student_t").interval()
        Interval(low=1.0, high=3.0, level=0.95, rule='student_t')
        """
        low, high = (np.nan if end is None else end for end in (self.low, self.high))
        return Interval(low, high, CI_LEVEL, self.ci_method)


def pack(cells: Sequence[Estimate]) -> Estimates:
    """Cells estimated one by one, as arrays."""
    packed = Estimates.blank(len(cells))
    for number, cell in enumerate(cells):
        for name in COLUMNS:
            value = getattr(cell, name)
            getattr(packed, name)[number] = np.nan if value is None else value
    return packed


def side_by_side(windows: Sequence[Estimates]) -> Estimates:
    """Estimates of several windows, along a new last axis; what follows from n is left out."""
    columns: dict[str, Any] = {
        name: np.stack([getattr(window, name) for window in windows], axis=-1) for name in COLUMNS
    }
    return Estimates(**columns)


def _plain(cell: Any) -> Any:
    value = cell.item() if isinstance(cell, np.generic) else cell
    return None if isinstance(value, float) and np.isnan(value) else value
