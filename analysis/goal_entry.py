"""Reading one goal of a scorebook: what it is for and how its score is made."""

from collections.abc import Sequence

from analysis.definitions import AGGREGATIONS, HORIZONS, Goal
from analysis.kpi_entry import read_weight
from analysis.marked_yaml import Entry


def read_goal(entry: Entry, goal_ids: Sequence[str]) -> Goal | None:
    """One entry of ``goals``; None, with the problems noted, if it cannot be made."""
    one, name = entry.text("id"), entry.text("name")
    aim, vision = entry.text("aim", ""), entry.text("vision", "")
    weight = read_weight(entry)
    least_coverage = entry.number("least_coverage", 0.5)
    if least_coverage is not None and not 0 <= least_coverage <= 1:
        message = "'least_coverage' is a share of the weight. Give a number from 0 to 1."
        entry.note("least_coverage", "not_a_share", message)
    aggregation = entry.word("aggregation", AGGREGATIONS, AGGREGATIONS[0])
    target = entry.number("target", optional=True)
    if target is not None and not 0 <= target <= 100:
        message = "'target' is a score. Give a number from 0 to 100."
        entry.note("target", "not_a_score", message)
    parent = entry.reference("parent", goal_ids, "goal") if entry.has("parent") else None
    entry.allow("parent")
    owner = entry.text("owner", "")
    horizon = entry.word("horizon", HORIZONS, "")
    entry.finish()
    if (
        one is None
        or name is None
        or weight is None
        or least_coverage is None
        or aggregation is None
    ):
        return None
    return Goal(
        one,
        name,
        aim or "",
        vision or "",
        weight,
        least_coverage,
        aggregation,
        target,
        parent,
        owner or "",
        horizon or "",
    )
