"""Targets before they are set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from survey_app.goals.models import Target


@dataclass(frozen=True)
class WantedAdjustment:
    """How a target follows local conditions: value x (index now / at_setting) ^ elasticity."""

    index_measure: str
    at_setting: float | None
    elasticity: float | None
    justification: str
    elasticity_source: str = "given"


@dataclass(frozen=True)
class WantedTarget:
    """A target before it is set; `scope_key` is '' for everybody, `valid_to` is excluded."""

    kpi_key: str
    scope_type: str
    scope_key: str
    value: float
    valid_from: date
    valid_to: date | None = None
    source: str = "agreed"
    note: str = ""
    adjustment: WantedAdjustment | None = None
    place: str = "target"

    @property
    def scope(self) -> tuple[str, str, str]:
        """For which KPI and for whom."""
        return self.kpi_key, self.scope_type, self.scope_key


def says(target: Target, wanted: WantedTarget) -> bool:
    """Whether a target says the same, whatever its note."""
    return (target.value, target.valid_from, target.valid_to, target.source) == (
        wanted.value,
        wanted.valid_from,
        wanted.valid_to,
        wanted.source,
    ) and _adjustment_of(target) == wanted.adjustment


def _adjustment_of(target: Target) -> WantedAdjustment | None:
    if not target.index_measure:
        return None
    return WantedAdjustment(
        target.index_measure,
        target.at_setting,
        target.elasticity,
        target.justification,
        target.elasticity_source,
    )
