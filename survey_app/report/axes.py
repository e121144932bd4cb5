"""Where a scored row is drawn: on the axis that its KPI's score rule gives, from 0 to 100."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.score_rules import InRange, RedTarget
from survey_app.marks import show_defined
from survey_app.report.wording import bare, target_of

# A drawn interval is never narrower than this share of the axis, or it could not be seen.
NARROWEST = 1.0


@dataclass(frozen=True)
class Axis:
    """Positions on an axis from 0 (left end) to 100 (right end); None for what there is not.

    `from_words` and `to_words` are the values at its ends. Worst is at the left and best at the
    right, but where a range is best: then the least is at the left and the most at the right.
    """

    low: float | None
    high: float | None
    point: float | None
    target: float | None
    from_words: str
    to_words: str

    @property
    def is_known(self) -> bool:
        """Whether there is anything but a target."""
        return self.point is not None or self.low is not None

    @property
    def left(self) -> float:
        """Where the drawn interval begins."""
        assert self.low is not None
        return round(min(self.low, 100 - NARROWEST), 2)

    @property
    def width(self) -> float:
        """How wide the interval is drawn."""
        assert self.low is not None
        assert self.high is not None
        return round(max(self.high - self.low, NARROWEST), 2)


def axis_of(row: Mapping[str, Any], rule: Mapping[str, Any]) -> Axis:
    """Where a row lies by the score rule of its KPI, as a scorebook has it."""
    ends = _ends(rule, row)
    if ends is None:
        return Axis(None, None, None, None, "", "")
    start, stop = ends

    def place(number: float | None) -> float | None:
        if number is None:
            return None
        return min(100.0, max(0.0, 100 * (number - start) / (stop - start)))

    low, high = row["ci_low"], row["ci_high"]
    span: tuple[float | None, float | None] = (None, None)
    # An open end runs off the axis on its own side; lower-is-better turns the sides round.
    bottom, top = (0.0, 100.0) if stop > start else (100.0, 0.0)
    if low is not None or high is not None:
        first = bottom if low is None else place(low)
        last = top if high is None else place(high)
        assert first is not None
        assert last is not None
        span = (min(first, last), max(first, last))
    elif row["value"] is None and row["ci_method"]:
        # All of it lies beyond every time.
        span = (top, top)
    unit = bare(row["unit"])
    return Axis(
        *span,
        place(row["value"]),
        place(target_of(row)),
        show_defined(start, unit),
        show_defined(stop, unit),
    )


def _ends(rule: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[float, float] | None:
    """The values at the left and the right end; None where a target would have to give them."""
    if rule["rule"] == InRange.rule:
        return rule["outer_low"], rule["outer_high"]
    if rule["rule"] == RedTarget.rule:
        target = target_of(row)
        if target is None or target == rule["red"]:
            return None
        step = target - rule["red"]
        return rule["red"] - step, target + step
    return rule["worst"], rule["best"]
