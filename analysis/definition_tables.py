"""The scorebook as flat tables: KPI definitions, goals, targets; one row each, with its columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from analysis.definitions import (
    AGGREGATIONS,
    MEAN_INTERVALS,
    STATISTICS,
    Direction,
    DurationSource,
    FigureSource,
    Goal,
    Kpi,
    RatingSource,
    RatioSource,
    ScopeType,
    Source,
    Target,
    TargetSource,
    UnitOfAnalysis,
)
from analysis.export import Row
from analysis.fields import Field, Kind
from analysis.score_rules import SCORE_RULES
from analysis.scorebook import Scorebook

ANSWERS, VISITS, FIGURES = "answers", "visits", "figures"


def _text(name: str, title: str, description: str, *choices: str, required: bool = False) -> Field:
    return Field(name, Kind.STRING, title, description, required=required, choices=tuple(choices))


def _number(name: str, title: str, description: str, unit: str = "KPI") -> Field:
    return Field(name, Kind.NUMBER, title, description, unit)


def _version(description: str) -> Field:
    return Field("version", Kind.INTEGER, "Version", description, required=True, least=1)


def _weight(description: str) -> Field:
    return Field("weight", Kind.NUMBER, "Weight", description, required=True, least=0)


KPI_FIELDS = (
    _text("id", "KPI", "Its id in scores.csv.", required=True),
    _version("Which version of the definition was scored."),
    _text("goal_id", "Goal", "The goal that it belongs to.", required=True),
    _text("name", "Name", "Its name for people.", required=True),
    _text("unit", "Unit", "The unit of its values."),
    _text("direction", "Direction", "Which end is good.", *Direction, required=True),
    _text("statistic", "Statistic", "How the value is computed.", *STATISTICS, required=True),
    _text(
        "source_kind",
        "Kind of source",
        "What it is computed from.",
        *(ANSWERS, VISITS, FIGURES),
        required=True,
    ),
    _text("source", "Source", "The question, milestone or measure.", required=True),
    _text("unit_of_analysis", "One vote", "What one vote is.", *UnitOfAnalysis, required=True),
    _weight("How much it counts in its goal."),
    _text("score_rule", "Score rule", "What makes a score.", *SCORE_RULES, required=True),
    _number("worst", "Worst", "Goalposts: the value with score 0."),
    _number("best", "Best", "Goalposts: the value with score 100."),
    _number("red", "Red", "Red and target: the value with score 33.3."),
    _number("outer_low", "Outer low", "In range: at and below it the score is 0."),
    _number("low", "Low", "In range: from here to high the score is 100."),
    _number("high", "High", "In range: up to here the score is 100."),
    _number("outer_high", "Outer high", "In range: at and above it the score is 0."),
    _number("cut", "Cut", "Top box: answers from here on count.", "points of the scale"),
    _number("promoters_from", "Promoters from", "Net score.", "points of the scale"),
    _number("detractors_to", "Detractors to", "Net score.", "points of the scale"),
    _number("quantile", "Quantile", "Quantile of times: which share has got there.", "share"),
    _number("tau", "Tau", "Restricted mean: times count up to here.", "seconds"),
    _number("within", "Within", "Share within: the time.", "seconds"),
    _text("events", "Events", "poisson where the figures count independent events."),
    _text("interval", "Interval of a mean", "How it is made.", *MEAN_INTERVALS, required=True),
    _text("in_denominator", "In the denominator", "Missing codes that count, by spaces."),
    _text("scopes", "Scopes", "For which kinds of scopes it is scored, by spaces.", required=True),
    _text("only_for", "Only for", "The units and people it is for, by spaces; empty for all."),
    _text("definition", "Definition", "All of it, as YAML of a scorebook.", required=True),
)
GOAL_DEFINITION_FIELDS = (
    _text("id", "Goal", "Its id in scores.csv.", required=True),
    _text("name", "Name", "Its name for people.", required=True),
    _text("aim", "Aim", "What shall be reached."),
    _text("vision", "Vision", "What it is for."),
    _weight("How much it counts beside others."),
    _number("least_coverage", "Least coverage", "Under it there is no score.", "share"),
    _text(
        "aggregation",
        "Aggregation",
        "The mean of its KPIs' scores.",
        *AGGREGATIONS,
        required=True,
    ),
    _number("target", "Target", "The score that is to be reached.", "points"),
    _text("definition", "Definition", "All of it, as YAML of a scorebook.", required=True),
)
TARGET_FIELDS = (
    _text("kpi_id", "KPI", "The KPI that it is for.", required=True),
    _text("scope_type", "Kind of scope", "For whom it was set.", *ScopeType, required=True),
    _text("scope_id", "Scope", "The unit or representative; empty for everybody."),
    _version("Of the targets of one KPI and scope that hold, the last version counts."),
    Field("value", Kind.NUMBER, "Target", "What is to be reached.", "KPI", required=True),
    Field("valid_from", Kind.DATE, "From", "For periods that begin on it or later.", required=True),
    Field("valid_to", Kind.DATE, "To", "And before this day; empty for ever."),
    _text("source", "Source", "Whether it was agreed on.", *TargetSource, required=True),
    _text("adjust_index", "Index", "The measure whose level adjusts the target."),
    _number("adjust_at_setting", "Index at setting", "What the index was then.", "index"),
    _number("adjust_elasticity", "Elasticity", "Target x (index / at setting) ^ this.", ""),
    _text("adjust_justification", "Justification", "Why it is adjusted."),
)


@dataclass(frozen=True)
class DefinitionTables:
    """The tables of a scorebook, each a list of rows with the columns of its fields."""

    kpis: list[Row]
    goals: list[Row]
    targets: list[Row]

    @classmethod
    def of(cls, book: Scorebook) -> "DefinitionTables":
        """All that the scorebook defines, in its order."""
        return cls(
            [_kpi_row(kpi) for kpi in book.kpis],
            [_goal_row(goal) for goal in book.goals],
            [_target_row(target) for target in book.targets],
        )


def _kpi_row(kpi: Kpi) -> Row:
    kind, source = _told(kpi.source)
    rule = dict.fromkeys(("worst", "best", "red", "outer_low", "low", "high", "outer_high"))
    return {
        "id": kpi.id,
        "version": kpi.version,
        "goal_id": kpi.goal,
        "name": kpi.name,
        "unit": kpi.unit,
        "direction": kpi.direction.value,
        "statistic": kpi.statistic,
        "source_kind": kind,
        "source": source,
        "unit_of_analysis": kpi.unit_of_analysis.value,
        "weight": kpi.weight,
        "score_rule": kpi.score.rule,
        **(rule | vars(kpi.score)),
        "cut": kpi.cut,
        "promoters_from": kpi.promoters_from,
        "detractors_to": kpi.detractors_to,
        "quantile": kpi.quantile,
        "tau": kpi.tau,
        "within": kpi.within,
        "events": kpi.events,
        "interval": kpi.interval,
        "in_denominator": " ".join(kpi.in_denominator),
        "scopes": " ".join(kpi.scopes),
        "only_for": " ".join(kpi.only_for),
        "definition": _as_yaml(kpi.to_dict()),
    }


def _goal_row(goal: Goal) -> Row:
    return {
        "id": goal.id,
        "name": goal.name,
        "aim": goal.aim,
        "vision": goal.vision,
        "weight": goal.weight,
        "least_coverage": goal.least_coverage,
        "aggregation": goal.aggregation,
        "target": goal.target,
        "definition": _as_yaml(goal.to_dict()),
    }


def _target_row(target: Target) -> Row:
    adjusted = target.adjustment
    return {
        "kpi_id": target.kpi,
        "scope_type": target.scope_type.value,
        "scope_id": target.scope_id,
        "version": target.version,
        "value": target.value,
        "valid_from": target.valid_from.isoformat(),
        "valid_to": "" if target.valid_to is None else target.valid_to.isoformat(),
        "source": target.source.value,
        "adjust_index": "" if adjusted is None else adjusted.index,
        "adjust_at_setting": None if adjusted is None else adjusted.at_setting,
        "adjust_elasticity": None if adjusted is None else adjusted.elasticity,
        "adjust_justification": "" if adjusted is None else adjusted.justification,
    }


def _told(source: Source) -> tuple[str, str]:
    """The kind of a source, and what it names in words."""
    match source:
        case RatingSource():
            return ANSWERS, "; ".join(_asked(source))
        case DurationSource():
            return VISITS, f"process {source.process}; milestone {source.milestone}"
        case FigureSource():
            return FIGURES, f"measure {source.measure}"
        case RatioSource():
            return FIGURES, f"numerator {source.numerator}; denominator {source.denominator}"


def _asked(source: RatingSource) -> Iterator[str]:
    yield f"questionnaire {source.questionnaire}"
    yield f"question {source.question}"
    if source.expected:
        yield f"less expected {source.expected}"
    if source.versions:
        yield f"versions {' '.join(map(str, source.versions))}"


def _as_yaml(entry: dict[str, Any]) -> str:
    return yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=100)
