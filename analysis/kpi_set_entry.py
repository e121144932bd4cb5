"""Reading one KPI set of a scorebook: its KPIs, their weights, and whom it is for."""

from collections.abc import Sequence

from analysis.kpi_sets import KpiSet
from analysis.marked_yaml import Entry


def read_kpi_set(entry: Entry, kpi_ids: Sequence[str], people: Sequence[str]) -> KpiSet | None:
    """One entry of ``kpi_sets``; None, with the problems noted, if it cannot be made.

    ``people`` are the ids of all units and representatives.
    """
    one, name, role = entry.text("id"), entry.text("name"), entry.text("role", "")
    kpis, only_for = entry.texts("kpis"), entry.texts("for")
    for kpi in kpis:
        if kpi not in kpi_ids:
            message = f"There is no KPI '{kpi}'. Add it to the scorebook or take it out."
            entry.note("kpis", "unknown_kpi", message)
    for member in only_for:
        if member not in people:
            message = f"There is no unit or representative '{member}'. Correct or remove the id."
            entry.note("for", "unknown_scope", message)
    weights = _read_weights(entry, kpis)
    entry.finish()
    if one is None or name is None:
        return None
    return KpiSet(one, name, role or "", kpis, weights, only_for)


def _read_weights(entry: Entry, kpis: Sequence[str]) -> tuple[tuple[str, float], ...]:
    entry.allow("weights")
    given = entry.entry("weights") if entry.has("weights") else None
    if given is None:
        return ()
    found: list[tuple[str, float]] = []
    for kpi in given.names():
        weight = given.number(kpi)
        if kpi not in kpis:
            message = f"'{kpi}' is not among the set's 'kpis'. Add it there or take it out here."
            given.note(kpi, "weight_without_kpi", message)
        elif weight is not None and weight < 0:
            message = "A weight cannot be negative. Give 0 or more."
            given.note(kpi, "negative_weight", message)
        elif weight is not None:
            found.append((kpi, weight))
    return tuple(found)
