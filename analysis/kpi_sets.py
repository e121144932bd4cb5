"""KPI sets: which KPIs count for the representatives of one role, and how much."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KpiSet:
    """KPIs for some representatives: those named, and all who work in or below a unit named.

    ``weights`` replace the KPIs' own for these representatives. A KPI in no set counts for
    everybody that it is declared for. Sets are for representatives alone: the scorecards of units
    and of the company have all KPIs that are declared for them.
    """

    id: str
    name: str
    role: str = ""
    kpis: tuple[str, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    only_for: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The set as it stands in a scorebook, without what is left at its default."""
        entry: dict[str, Any] = {"id": self.id, "name": self.name}
        if self.role:
            entry["role"] = self.role
        entry["kpis"] = list(self.kpis)
        if self.weights:
            entry["weights"] = dict(self.weights)
        entry["for"] = list(self.only_for)
        return entry


def read_memberships(
    sets: Iterable[KpiSet], ids_of: Callable[[str], Sequence[str]], people: Iterable[str]
) -> dict[str, dict[str, float | None]]:
    """By KPI that is in a set, the representatives for whom it counts, with the weight it has.

    The weight is that of the first set, in the scorebook's order, that gives the KPI one for the
    representative; None is the KPI's own.

    Parameters
    ----------
    sets : iterable of KpiSet
    ids_of : callable
        Gives for a representative's id what stands for them: itself, their unit, the units above.
    people : iterable of str
        The ids of all representatives.
    """
    named = [(person, set(ids_of(person))) for person in people]
    found: dict[str, dict[str, float | None]] = {}
    for one in sets:
        weights = dict(one.weights)
        members = [person for person, ids in named if ids & set(one.only_for)]
        for kpi in one.kpis:
            known = found.setdefault(kpi, {})
            for person in members:
                if known.get(person) is None:
                    known[person] = weights.get(kpi)
    return found
