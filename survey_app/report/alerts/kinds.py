"""The kinds of alert, and the rules by which each is raised."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

VERDICT_TURNED = "verdict_turned"
CONTROL_LIMITS = "control_limits"
RESPONSE_LOW = "response_low"
FIGURES_LATE = "figures_late"

KINDS = {
    VERDICT_TURNED: "Verdict turned",
    CONTROL_LIMITS: "Outside the usual",
    RESPONSE_LOW: "Few answers",
    FIGURES_LATE: "Figures late",
}
EXPLAINED = {
    VERDICT_TURNED: "A KPI or a goal that met its target now misses it for certain, or the other "
    "way round. Undetermined periods in between do not hide it; provisional and withheld numbers "
    "raise nothing.",
    CONTROL_LIMITS: "The newest value lies outside the limits that the earlier periods lead to "
    "expect (XmR chart), or is the eighth in a row on one side of their mean.",
    RESPONSE_LOW: "So many were invited and so few have answered that the response rate is under "
    "the limit for certain: the upper end of its interval is.",
    FIGURES_LATE: "A measure that came for a unit in at least three of the last four months is "
    "still missing so many days after the month's end.",
}
# What an alert found, in the words of the kind.
DIRECTIONS = {
    VERDICT_TURNED: ("met", "not_met"),
    CONTROL_LIMITS: ("above", "below", "run_above", "run_below"),
    RESPONSE_LOW: ("low",),
    FIGURES_LATE: ("late",),
}
COMPANY, UNIT, REPRESENTATIVE = "all", "unit", "representative"


class Place(NamedTuple):
    """What is measured (a KPI, a goal or a measure) and of whom."""

    subject_type: str
    subject_id: str
    scope_type: str
    scope_id: str


@dataclass(frozen=True)
class Rule:
    """When a kind of alert is raised, and for what.

    `limit` is a share of those invited for few answers, a number of days for late figures.
    `subjects` are labels such as 'kpi:recommend', 'goal:welcome' (the goal with its KPIs) or
    'measure:sales'; none means all. `scopes` are as `is_among` reads them.
    """

    kind: str
    enabled: bool = True
    limit: float | None = None
    subjects: tuple[str, ...] = ()
    scopes: tuple[str, ...] = (COMPANY, UNIT, REPRESENTATIVE)

    def covers(self, place: Place, goal_id: str = "") -> bool:
        """Whether alerts of this place are wanted; `goal_id` is the goal of a KPI."""
        if not self.enabled or not is_among(self.scopes, place.scope_type, place.scope_id):
            return False
        labels = {f"{place.subject_type}:{place.subject_id}", f"goal:{goal_id}"}
        return not self.subjects or not labels.isdisjoint(self.subjects)


DEFAULTS = {
    rule.kind: rule
    for rule in (
        Rule(VERDICT_TURNED),
        # A chart for each representative would signal by chance alone again and again.
        Rule(CONTROL_LIMITS, scopes=(COMPANY, UNIT)),
        Rule(RESPONSE_LOW, limit=0.2),
        Rule(FIGURES_LATE, limit=10.0, scopes=(COMPANY, UNIT)),
    )
}


def is_among(labels: Collection[str], scope_type: str, scope_id: str) -> bool:
    """Whether a scope is among those that labels name.

    'all' is the company as a whole, 'unit' every unit, 'unit:leasing' that one; representatives
    likewise.
    """
    return scope_type in labels or f"{scope_type}:{scope_id}" in labels
