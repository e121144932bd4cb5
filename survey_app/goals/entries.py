"""Rows of this room's tables as they stand in a scorebook."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import yaml

from survey_app.goals.models import Goal, KpiDefinition, KpiSet, Target


def goal_entry(goal: Goal) -> dict[str, Any]:
    """A goal as it stands in a scorebook."""
    return {
        "id": goal.key,
        "name": goal.name,
        "aim": goal.aim,
        "vision": goal.vision,
        "weight": goal.weight,
        "least_coverage": goal.least_coverage,
        "aggregation": goal.aggregation,
        "target": goal.target,
        "parent": goal.parent_key,
        "owner": goal.owner,
        "horizon": goal.horizon or None,
    }


def set_entry(one: KpiSet, kpi_keys: Collection[str]) -> dict[str, Any]:
    """A KPI set as it stands in a scorebook, with those of its KPIs that are scored."""
    kept = [(key, weight) for key, weight in one.kpis if key in kpi_keys]
    return {
        "id": one.key,
        "name": one.name,
        "role": one.role,
        "kpis": [key for key, _weight in kept],
        "weights": {key: weight for key, weight in kept if weight is not None},
        "for": [*one.units, *one.representatives],
    }


def kpi_entry(kpi: KpiDefinition) -> dict[str, Any]:
    """A KPI as it stands in a scorebook."""
    return {"id": kpi.key, "version": kpi.version, "goal": kpi.goal_key, **kpi.definition}


def write_text(kpi: KpiDefinition) -> str:
    """A KPI as YAML, without its version: saving makes the next one."""
    entry = kpi_entry(kpi)
    del entry["version"]
    return yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=100)


def target_entries(targets: Iterable[Target]) -> list[dict[str, Any]]:
    """Targets as in a scorebook; the version counts the targets of one KPI and scope."""
    counts: dict[tuple[str, str, str], int] = {}
    entries = []
    for target in targets:
        place = (target.kpi_key, target.scope_type, target.scope_key)
        counts[place] = counts.get(place, 0) + 1
        entry = {
            "kpi": target.kpi_key,
            "scope_type": target.scope_type,
            "value": target.value,
            "valid_from": target.valid_from,
            "source": target.source,
            "version": counts[place],
        }
        if target.scope_key:
            entry["scope_id"] = target.scope_key
        if target.valid_to is not None:
            entry["valid_to"] = target.valid_to
        if target.index_measure:
            entry["adjust"] = {
                "index": target.index_measure,
                "at_setting": target.at_setting,
                "elasticity": target.elasticity,
                "justification": target.justification,
                "elasticity_source": target.elasticity_source,
            }
        entries.append(entry)
    return entries
