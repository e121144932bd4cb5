"""Whether what a KPI asks for exists: a mistyped key would otherwise be "no data" for ever.

A KPI may be defined before its questionnaire is published or its measure added, so this is told
beside the KPI and stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from survey_app.db import db
from survey_app.design.queries import published_versions, read_definition
from survey_app.domain.problems import did_you_mean, quoted
from survey_app.domain.question_types.rating import Rated, Scale
from survey_app.figures.models import Measure
from survey_app.goals.models import KpiDefinition
from survey_app.organisation.queries import declared_dimensions
from survey_app.visits.queries import all_processes

END = "end"


@dataclass(frozen=True)
class Sources:
    """All that KPIs may ask for at present."""

    # By questionnaire and version, the scale of each rating question.
    scales: Mapping[str, Mapping[int, Mapping[str, Scale]]]
    milestones: Mapping[str, tuple[str, ...]]
    # By measure, "flow" or "stock".
    measures: Mapping[str, str]
    dimensions: tuple[str, ...] = ()

    def offered(self) -> dict[str, list[str]]:
        """What the fields of a KPI's form may name, by field."""
        questions = [
            question
            for versions in self.scales.values()
            for ratings in versions.values()
            for question in ratings
        ]
        stages = [stage for stages in self.milestones.values() for stage in stages]
        measures = list(self.measures)
        named = {
            "questionnaire": self.scales,
            **dict.fromkeys(("question", "expected"), questions),
            "visit_process": self.milestones,
            "milestone": stages,
            **dict.fromkeys(("measure", "numerator", "denominator"), measures),
        }
        return {field: list(dict.fromkeys(keys)) for field, keys in named.items()}

    def reach_of(self, definition: Mapping[str, Any]) -> tuple[float, float] | None:
        """The least and the greatest value that a KPI can take; None where there is no bound, or
        its question is not published yet."""
        statistic = definition["statistic"]
        if statistic in ("top_box", "share_within"):
            return 0.0, 1.0
        if statistic == "net_score":
            return -100.0, 100.0
        if statistic != "mean":
            return None
        source = definition["source"]
        versions = self.scales.get(source["questionnaire"], {})
        asked = [versions.get(number, {}) for number in source.get("versions") or versions]
        scales = [ratings[source["question"]] for ratings in asked if source["question"] in ratings]
        if not scales:
            return None
        lowest = min(float(one.lowest) for one in scales)
        return lowest, max(float(one.highest) for one in scales)

    def trouble(self, definition: dict[str, Any]) -> str:
        """What is wrong with the source of a KPI's definition, in a sentence; '' if nothing is."""
        source = definition["source"]
        if "questionnaire" in source:
            return self._answers(definition)
        if "process" in source:
            return self._visits(source["process"], source["milestone"])
        for part in ("measure", "numerator", "denominator"):
            if part in source and source[part] not in self.measures:
                return _missing("measure", source[part], self.measures)
        kind = self.measures.get(source.get("measure", ""))
        if definition["statistic"] == "sum" and kind == "stock":
            return "A stock, like a head count, does not add up over months. Use the latest figure."
        if definition["statistic"] == "mean_over_periods" and kind == "flow":
            return "A mean over the months is for stocks; a flow, like sales, adds up. Use the sum."
        return ""

    def _answers(self, definition: dict[str, Any]) -> str:
        source = definition["source"]
        versions = self.scales.get(source["questionnaire"])
        if versions is None:
            return _missing("published questionnaire", source["questionnaire"], self.scales)
        for number in source.get("versions", ()):
            if number not in versions:
                return f"Version {number} of {quoted(source['questionnaire'])} is not published."
        asked = [versions[number] for number in source.get("versions") or versions]
        for part in ("question", "expected"):
            if part in source and not any(source[part] in ratings for ratings in asked):
                known = [question for ratings in asked for question in ratings]
                return _missing("rating question", source[part], known)
        scales = [ratings[source["question"]] for ratings in asked if source["question"] in ratings]
        lowest, highest = min(one.lowest for one in scales), max(one.highest for one in scales)
        for name in ("cut", "promoters_from", "detractors_to"):
            value = definition.get(name)
            if value is not None and not lowest <= value <= highest:
                words = name.replace("_", " ")
                return (
                    f"The scale goes from {lowest} to {highest}, so {words} {value:g} is not on it."
                )
        for name in definition.get("by", ()):
            if name not in self.dimensions:
                hint = did_you_mean(name, self.dimensions)
                return (
                    f"{quoted(name)} is not declared as a dimension.{hint} "
                    "Nothing is broken down by it."
                )
        return ""

    def _visits(self, process: str, milestone: str) -> str:
        if process not in self.milestones:
            return _missing("process", process, self.milestones)
        known = self.milestones[process]
        return "" if milestone in known else _missing("stage", milestone, known)


def read_sources() -> Sources:
    """What there is at present."""
    scales: dict[str, dict[int, dict[str, Scale]]] = {}
    for version in published_versions():
        ratings = {
            item.id: item.scale
            for item in read_definition(version.definition).items
            if isinstance(item, Rated)
        }
        scales.setdefault(version.questionnaire_key, {})[version.number] = ratings
    return Sources(
        scales=scales,
        milestones={
            process.key: (*(stage.key for stage in process.stages), END)
            for process in all_processes()
        },
        measures=dict(db.session.execute(select(Measure.key, Measure.kind)).tuples().all()),
        dimensions=declared_dimensions(),
    )


def troubles(kpis: Iterable[KpiDefinition]) -> dict[str, str]:
    """By key, a sentence for each of these KPIs whose source is not there or does not fit."""
    sources = read_sources()
    found = {kpi.key: sources.trouble(kpi.definition) for kpi in kpis}
    return {key: sentence for key, sentence in found.items() if sentence}


def _missing(what: str, key: str, known: Iterable[str]) -> str:
    return f"There is no {what} {quoted(key)} yet.{did_you_mean(key, known)} Nothing is counted."
