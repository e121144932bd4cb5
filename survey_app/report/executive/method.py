"""How to read an executive report, in plain words, as far as it has what they explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.report.cards import KpiLine
from survey_app.report.goal_words import GoalStanding

Standing = tuple[str, str, GoalStanding, Sequence[KpiLine]]


def explain_method(
    card: Mapping[str, Any], lines: Sequence[KpiLine], standings: Sequence[Standing]
) -> tuple[tuple[str, str], ...]:
    """Headings and paragraphs of the method page; goals as `sentences.find_undecided` has them."""
    told = [
        (
            "Interval",
            "What is measured on some customers would come out a little differently on others. The "
            "interval holds what would be found if everybody were asked: in 95 of 100 reports for "
            "a KPI, in 90 for a goal. A narrow interval means that much is known, a wide one that "
            "little is. What was counted in full has no interval.",
        ),
        (
            "Verdict",
            "Met: all of the interval is on the good side of the target. Not met: all of it is on "
            "the bad side. Undetermined: the target lies within it, so what was found fits both; "
            "the report says what would decide. Provisional: the period is not over. Missing "
            "answers are never counted as zero: without any there is no data, and no verdict.",
        ),
        (
            "Score",
            "Each KPI has a worst and a best value, stored with it. Its score says how far it has "
            "come on the way from the worst (0) to the best (100); nobody else's result changes "
            f"it. {_explain_goals(card, standings)}",
        ),
        (
            "Drawings",
            "The band is the interval, the dot what was found, the upright line the target. For "
            "a goal the axis runs from score 0 to 100, for a KPI from its worst to its best value, "
            "which stand at its ends.",
        ),
        (
            "Changed for certain",
            "Many numbers move by chance. A change is called better or worse only where it holds "
            "after looking at all numbers of the run together: of all changes named, at most about "
            "one in twenty is chance. What was counted in full has changed when its number has.",
        ),
    ]
    if any(line.long is not None for line in lines):
        told.append(
            (
                "Twelve months",
                "The twelve months up to the end of the period, measured in the same way. They are "
                "steadier than the period and later to show a turn.",
            )
        )
    told.append(
        (
            "Withheld numbers",
            f"Where fewer than {card['minimum_n']} people stand behind a number it is suppressed, "
            "so that nobody can be recognised, and with it any other from which it could be "
            "worked out.",
        )
    )
    return tuple(told)


def _explain_goals(card: Mapping[str, Any], standings: Sequence[Standing]) -> str:
    present = {id_ for id_, _name, _standing, _lines in standings}
    how = {goal.get("aggregation", "arithmetic") for goal in card["goals"] if goal["id"] in present}
    sentence = "A goal's score is the weighted mean of its KPIs' scores"
    if how == {"geometric"}:
        sentence = "A goal's score is the weighted geometric mean of its KPIs' scores, so that a "
        sentence += "bad one is not made up for by a good one"
    elif "geometric" in how:
        names = [
            goal["name"]
            for goal in card["goals"]
            if goal["id"] in present and goal.get("aggregation") == "geometric"
        ]
        sentence += f" (for {', '.join(names)} the geometric mean, so that a bad one is not made "
        sentence += "up for by a good one)"
    return f"{sentence}; KPIs without a score are left out and their share is told."
