"""What two definitions of a KPI say differently, field by field and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from analysis.definitions import MEAN_INTERVALS
from survey_app.goals.shares_text import write_shares
from survey_app.goals.words import (
    DIRECTIONS,
    INTERVALS,
    MISSING_WORDS,
    RULES,
    SCOPES,
    STATISTICS,
    UNITS_OF_ANALYSIS,
)
from survey_app.marks import show_defined

NOT_SET = "not set"
# The fields in the order of the form, and what they are called there.
LABELS = {
    "name": "Name",
    "goal": "Goal",
    "statistic": "Statistic",
    "source.questionnaire": "Questionnaire",
    "source.question": "Question",
    "source.expected": "Question about what was expected",
    "source.versions": "Versions of the questionnaire",
    "source.process": "Process",
    "source.milestone": "Milestone",
    "source.measure": "Measure",
    "source.numerator": "Above the line",
    "source.denominator": "Below the line",
    "cut": "Cut",
    "promoters_from": "Promoters from",
    "detractors_to": "Detractors up to",
    "quantile": "Share that is done by then",
    "tau": "Limit",
    "within": "In time",
    "events": "Counts independent events",
    "interval": "Interval by",
    "unit_of_analysis": "One vote is",
    "in_denominator": "Also counted, as not in the share",
    "margins": "Answers weighed by",
    "by": "Also told for each",
    "unit": "Unit of measurement",
    "direction": "Direction",
    "score.rule": "Score",
    "score.worst": "Worst",
    "score.best": "Best",
    "score.red": "Red level",
    "score.outer_low": "Too low from",
    "score.low": "Good from",
    "score.high": "Good up to",
    "score.outer_high": "Too high from",
    "weight": "Weight within the goal",
    "scopes": "Computed for",
    "for": "Only for",
    "retired": "Retired",
}
IN_OWN_UNIT = {"quantile": "share", "tau": "seconds", "within": "seconds"}
WORDS: dict[str, Mapping[str, str]] = {
    "statistic": {key: one.name for key, one in STATISTICS.items()},
    "direction": DIRECTIONS,
    "score.rule": RULES,
    "interval": INTERVALS,
    "unit_of_analysis": UNITS_OF_ANALYSIS,
}
# What holds where a definition says nothing.
DEFAULTS: dict[str, Any] = {
    "interval": MEAN_INTERVALS[0],
    "unit_of_analysis": "response",
    "scopes": list(SCOPES),
    "retired": False,
}


class Difference(NamedTuple):
    """One field that two definitions fill differently, in words."""

    label: str
    before: str
    after: str


def compare_definitions(
    before: Mapping[str, Any], after: Mapping[str, Any], goals: Mapping[str, str]
) -> list[Difference]:
    """The differences in the order of the form; none if both say the same.

    Definitions are as in a scorebook, with `goal` and perhaps `retired`; `goals` are names by key.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    found = []
    for name, label in LABELS.items():
        was, now = (one.get(name, DEFAULTS.get(name)) for one in (old, new))
        if was != now:
            said = [
                _say(name, value, definition["unit"], goals)
                for value, definition in ((was, before), (now, after))
            ]
            found.append(Difference(label, *said))
    return found


def _flat(definition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in definition.items():
        if key in ("source", "score"):
            yield from ((f"{key}.{name}", one) for name, one in value.items())
        else:
            yield key, value


def _say(name: str, value: Any, unit: str, goals: Mapping[str, str]) -> str:
    """One value in words, in the unit of its own definition."""
    if value is None or value == []:
        return NOT_SET
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "goal":
        return goals.get(value, value)
    if name == "margins":
        return write_shares(value)
    if name in ("scopes", "in_denominator"):
        words = SCOPES if name == "scopes" else MISSING_WORDS
        return ", ".join(words.get(one, one) for one in value)
    if name in WORDS:
        return WORDS[name].get(value, value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, int | float):
        own = unit if name.startswith("score.") else IN_OWN_UNIT.get(name, "")
        return show_defined(value, own)
    return "yes" if name == "events" else str(value)
