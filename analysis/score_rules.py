"""Score rules: what turns a KPI's values into 0 to 100. ``analysis.score`` applies them."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias


@dataclass(frozen=True)
class Goalposts:
    """0 at ``worst``, 100 at ``best``, straight between, clipped outside."""

    worst: float
    best: float

    rule: ClassVar[str] = "goalposts"


@dataclass(frozen=True)
class RedTarget:
    """33.3 at ``red`` and 66.7 at the target that holds, straight on to 0 and 100, clipped there.

    0 is as far beyond red as red is from the target, and so is 100 beyond the target. A scope with
    a target of its own is scored against its own.
    """

    red: float

    rule: ClassVar[str] = "red_target"


@dataclass(frozen=True)
class InRange:
    """100 from ``low`` to ``high``, falling straight to 0 at the outer limits."""

    outer_low: float
    low: float
    high: float
    outer_high: float

    rule: ClassVar[str] = "in_range"


ScoreRule: TypeAlias = Goalposts | RedTarget | InRange
SCORE_RULES = (Goalposts.rule, RedTarget.rule, InRange.rule)
