"""What pages show of a run's scorebook, kept with the run so that none of them has to read YAML."""

from __future__ import annotations

from typing import Any

from analysis.definitions import Kpi, UnitOfAnalysis
from analysis.kpi import read_scorebook
from analysis.scorebook import Scorebook
from survey_app.report.models import ScoreRun


def make_card(book: Scorebook) -> dict[str, Any]:
    """Goals and KPIs as pages show them, and who works where."""
    return {
        "goals": [goal.to_dict() for goal in book.goals],
        "kpis": {
            kpi.id: {
                "votes": _votes_of(kpi),
                "definition": kpi.to_dict(),
            }
            for kpi in book.kpis
        },
        "units": {unit.id: unit.parent or "" for unit in book.units},
        "representatives": {one.id: one.unit for one in book.representatives},
        "minimum_n": book.minimum_n,
        "kpi_sets": [one.to_dict() for one in book.kpi_sets],
    }


def card_of(run: ScoreRun) -> dict[str, Any]:
    """The run's card; made anew from its scorebook where the run is older than what cards hold."""
    return run.card if "minimum_n" in run.card else make_card(read_scorebook(run.scorebook))


def _votes_of(kpi: Kpi) -> str:
    """What a KPI counts, as its sentences say; a missing code in a denominator is no answer."""
    if kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER:
        return "customers"
    return "responses" if kpi.in_denominator else "answers"
