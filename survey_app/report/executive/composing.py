"""An executive report from what a run has stored: pure, so the same run gives the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.report.axes import Axis
from survey_app.report.cards import GoalPart, KpiLine, Scorecard, in_tree_order, make_scorecard
from survey_app.report.executive.method import explain_method
from survey_app.report.executive.report import (
    ExecutiveReport,
    GoalOverview,
    Line,
    Note,
    Subject,
)
from survey_app.report.executive.sentences import (
    find_changes,
    find_undecided,
    find_unjudged,
    list_evidence,
    say_overall,
)
from survey_app.report.goal_words import GoalStanding
from survey_app.report.wording import round_alike, show_difference

# More KPIs than this do not fit on two pages beside everything else.
MOST_KPIS = 12
SCORES = ("0", "100")


def compose_report(
    subject: Subject,
    card: Mapping[str, Any],
    rows: Sequence[dict[str, Any]],
    goal_rows: Sequence[Mapping[str, Any]],
    notes: Sequence[Note],
) -> ExecutiveReport:
    """The report of one scope: its rows and its goals' rows of a run, with the run's card."""
    scorecard = make_scorecard(card, rows, goal_rows)
    lines = scorecard.lines
    parts = {part.id: part for part in scorecard.goals}
    standings = [
        (part.id, part.name, part.standing, part.lines)
        for part in scorecard.goals
        if part.standing is not None
    ]
    changes = find_changes(lines, subject.period_type)
    verdicts = [(name, standing.verdict) for _id, name, standing, _lines in standings]
    return ExecutiveReport(
        subject=subject,
        title=f"Is {subject.scope_name} meeting the goals in {subject.period_words}?",
        answer=say_overall(verdicts, scorecard),
        evidence=list_evidence(scorecard, changes),
        goals=_goals_in_order(card["goals"], parts, choose_kpis(scorecard, card)),
        left_out=tuple(
            goal["name"] for goal in card["goals"] if not _holds(goal["id"], card["goals"], parts)
        ),
        changes=changes,
        undecided=find_undecided(standings, lines),
        unjudged=find_unjudged(lines),
        notes=tuple(notes),
        method=explain_method(card, lines, standings),
    )


def choose_kpis(scorecard: Scorecard, card: Mapping[str, Any]) -> frozenset[str]:
    """The KPIs that are drawn: those that miss their target, then those that changed for certain,
    then those of the most weight among all; at most MOST_KPIS.
    """
    weights = {goal["id"]: goal.get("weight", 1.0) for goal in card["goals"]}
    drawn = [(part, line) for part in scorecard.goals for line in part.drawn]

    def importance(entry: tuple[GoalPart, KpiLine]) -> tuple[bool, bool, float]:
        part, line = entry
        within = sum(one.row["weight"] for one in part.lines)
        weight = weights[part.id] * line.row["weight"] / within if within else 0.0
        return line.verdict != "not_met", not line.changed, -weight

    return frozenset(
        line.row["kpi_id"] for _part, line in sorted(drawn, key=importance)[:MOST_KPIS]
    )


def _holds(goal_id: str, goals: Sequence[Mapping[str, Any]], parts: Mapping[str, GoalPart]) -> bool:
    """Whether a goal, or one below it, has a KPI for the scope."""
    return goal_id in parts or any(
        _holds(goal["id"], goals, parts) for goal in goals if goal.get("parent", "") == goal_id
    )


def _goals_in_order(
    goals: Sequence[Mapping[str, Any]], parts: Mapping[str, GoalPart], chosen: frozenset[str]
) -> tuple[GoalOverview, ...]:
    """The goals in their tree; trees of which there is something to draw stand first."""
    trees: list[list[GoalOverview]] = []
    depths: dict[str, int] = {}
    for goal in in_tree_order(goals):
        parent = goal.get("parent", "")
        depths[goal["id"]] = depths[parent] + 1 if parent else 0
        if not _holds(goal["id"], goals, parts):
            continue
        if not parent:
            trees.append([])
        part = parts.get(goal["id"])
        trees[-1].append(_overview(goal, depths[goal["id"]], part, chosen))
    trees.sort(key=lambda tree: not any(goal.line or goal.kpis for goal in tree))
    return tuple(goal for tree in trees for goal in tree)


def _overview(
    goal: Mapping[str, Any], depth: int, part: GoalPart | None, chosen: frozenset[str]
) -> GoalOverview:
    standing = part.standing if part else None
    has_score = standing is not None and standing.row["score"] is not None
    return GoalOverview(
        id=goal["id"],
        name=goal["name"],
        depth=depth,
        aim=goal.get("aim", ""),
        vision=goal.get("vision", ""),
        sentences=_say_goal(part, chosen),
        line=_goal_line(goal, part) if part and has_score else None,
        kpis=tuple(
            _kpi_line(line) for line in (part.drawn if part else ()) if line.row["kpi_id"] in chosen
        ),
    )


def _say_goal(part: GoalPart | None, chosen: frozenset[str]) -> tuple[str, ...]:
    """What the drawing of a goal does not say."""
    if part is None:
        return ("No KPI of its own: the goals below it are what is measured.",)
    sentences = [f"{part.finding}."] if part.lines else []
    standing = part.standing
    if standing is not None:
        if standing.row["score"] is None:
            sentences.append(standing.sentence)
        else:
            sentences += _say_standing(standing)
    unseen = sum(line.row["kpi_id"] not in chosen for line in part.drawn)
    if unseen:
        sentences.append(f"Not drawn here: {unseen} more of its KPIs.")
    return tuple(sentences)


def _say_standing(standing: GoalStanding) -> list[str]:
    sentences = []
    row = standing.row
    if row["chance_met"] is not None and standing.interval:
        sentences.append(standing.sentence)
    if standing.worst:
        (score,) = round_alike([row["worst_score"]], "")
        sentences.append(f"Lowest score: {standing.worst} ({score}).")
    if row["coverage"] is not None and row["coverage"] < 1:
        sentences.append(f"Only {standing.coverage} of the weight of its KPIs has a score.")
    return sentences


def _goal_line(goal: Mapping[str, Any], part: GoalPart) -> Line:
    standing = part.standing
    assert standing is not None
    row = standing.row
    axis = Axis(row["score_low"], row["score_high"], row["score"], row["target"], *SCORES)
    interval = standing.interval
    if row["score"] is not None and not interval:
        interval = "full count"
    long = part.long_standing
    if long is not None and long.row["score"] is None:
        long = None
    return Line(
        id=goal["id"],
        name=goal["name"],
        verdict=standing.verdict,
        axis=axis,
        alt=_describe(axis, standing.score, interval, standing.target),
        value=standing.score,
        interval=interval or "–",
        target=standing.target or "–",
        deviation=_goal_deviation(row),
        long_value=long.score if long else "",
        long_interval=long.interval if long and interval != "full count" else "",
    )


def _goal_deviation(row: Mapping[str, Any]) -> str:
    if row["target"] is None:
        return ""
    return show_difference(row["score"] - row["target"], "", row["score"])


def _kpi_line(line: KpiLine) -> Line:
    numbers, long = line.numbers, line.long
    if line.long_row is not None and line.long_row["value"] is None:
        long = None
    return Line(
        id=line.row["kpi_id"],
        name=line.row["kpi_name"],
        verdict=line.verdict,
        axis=line.axis,
        alt=_describe(line.axis, numbers.value, numbers.interval, numbers.target),
        value=numbers.value,
        interval=numbers.interval,
        target=numbers.target,
        deviation="" if line.row["deviation_abs"] is None else numbers.deviation,
        long_value=long.value if long else "",
        long_interval=long.interval if long else "",
    )


def _describe(axis: Axis, value: str, interval: str, target: str) -> str:
    """A drawing in words."""
    parts = [f"On an axis from {axis.from_words} to {axis.to_words}: value {value}"]
    if interval not in ("", "–"):
        parts.append(f"interval {interval}")
    parts.append("no target" if target in ("", "–") else f"target {target}")
    return f"{', '.join(parts)}."
