"""What a run says of one place in one period, as the rules read it; and what they find in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MET, NOT_MET = "met", "not_met"
OPPOSITE = {MET: NOT_MET, NOT_MET: MET}


@dataclass(frozen=True)
class Point:
    """One period of a KPI or a goal of one scope, from the run that counts for it.

    `value` and `verdict` are of the period alone, not of twelve months; `value` is None where there
    is none or it is provisional or withheld. `defined` tells one way of measuring from another.
    """

    label: str
    run: str
    verdict: str
    value: float | None
    target: float | None
    response_rate: float | None
    defined: str
    # Whether the run found that it does not compare with the period before.
    breaks: bool
    goal_id: str = ""
    # The whole row, where it may have to be told.
    row: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


# The periods of one type in a row, the newest last; None where nothing was scored.
Series = Sequence[Point | None]


@dataclass(frozen=True)
class Judgement:
    """What a rule finds at the end of a series, by direction, with the numbers it rests on.

    `denied` are the directions of which the opposite is known, so that earlier alerts of them no
    longer stand.
    """

    found: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    denied: frozenset[str] = frozenset()


NOTHING = Judgement()
