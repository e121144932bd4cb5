"""The sentences of an executive report: its answer, what changed for certain, what is undecided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from analysis.definitions import DURATION_STATISTICS, FIGURE_STATISTICS, RATE_UNITS
from survey_app.marks import show_count
from survey_app.report.cards import KpiLine, Scorecard
from survey_app.report.change_words import PERIOD_NOUNS, is_better, is_certain
from survey_app.report.executive.report import Changes, Finding, Findings, Unjudged
from survey_app.report.goal_words import GoalStanding
from survey_app.report.wording import (
    MOST_NAMES,
    count_verdicts,
    round_alike,
    show_difference,
    with_unit,
)

# Longer lists are for the scorecard.
MOST_FINDINGS = 8
# Verdicts that are none, in the order in which they are told.
NO_JUDGEMENT = ("suppressed", "no_data", "no_target", "provisional")


def say_overall(goals: Sequence[tuple[str, str]], card: Scorecard) -> str:
    """Whether the goals are met: by the goals' own targets, or by the KPIs' where no goal has one.

    `goals` are names and verdicts.
    """
    judged = [(name, word) for name, word in goals if word not in ("no_target", "no_data")]
    if not judged:
        return card.answer
    counts = count_verdicts(word for _name, word in judged)
    missed = [name for name, word in judged if word == "not_met"]
    if missed:
        verb = "misses its target" if len(missed) == 1 else "miss their target"
        return f"Not yet: {join_names(missed, 'goals')} {verb}."
    if counts.get("provisional"):
        return "The period is not over, so nothing is decided yet."
    if undecided := counts.get("undetermined"):
        noun, verb = ("goal", "is") if undecided == 1 else ("goals", "are")
        return f"That cannot be said yet: {undecided} {noun} {verb} undetermined, none is missed."
    if len(judged) == len(goals):
        return "Yes: every goal meets its target."
    # What few goals with a target meet says nothing of the rest: their KPIs do.
    met = "goal that has" if len(judged) == 1 else "goals that have"
    verb = "meets" if len(judged) == 1 else "meet"
    return f"{card.answer} The {met} a score and a target {verb} it."


def join_names(names: Sequence[str], noun: str) -> str:
    """'A', 'A and B', 'A, B and C'; more than a reader takes in are only counted."""
    if len(names) > MOST_NAMES:
        return f"{len(names)} {noun}"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def list_evidence(card: Scorecard, changes: Changes) -> tuple[str, ...]:
    """What the answer rests on, a sentence each."""
    return (f"{card.finding}.", changes.sentence) if card.lines else ()


def find_changes(lines: Sequence[KpiLine], period_type: str) -> Changes:
    """What changed for certain against the period before, after looking at all of the run."""
    compared = [line for line in lines if line.row["change_abs"] is not None]
    certain = [line for line in compared if is_certain(line.row)]
    better = [line for line in certain if is_better(line.row)]
    worse = [line for line in certain if not is_better(line.row)]
    return Changes(
        better=_list_findings(better, _say_one_change),
        worse=_list_findings(worse, _say_one_change),
        sentence=_count_changes(len(lines), len(compared), len(better), len(worse), period_type),
    )


def _count_changes(total: int, compared: int, better: int, worse: int, period_type: str) -> str:
    before = f"the {PERIOD_NOUNS[period_type]} before"
    if not compared:
        return f"Nothing can be compared with {before}: there are no numbers of it."
    counted = [
        f"{count} {'KPI is' if count == 1 else 'KPIs are'} {word}"
        for count, word in ((better, "better"), (worse, "worse"))
        if count
    ]
    told = f"{' and '.join(counted)} for certain" if counted else "nothing changed for certain"
    rest, without = compared - better - worse, total - compared
    parts = [f"Against {before}, {told}"]
    if rest:
        parts.append(f"the change of {rest} may be chance, or is none")
    if without:
        parts.append(f"{without} cannot be compared")
    return f"{'; '.join(parts)}."


def _say_one_change(line: KpiLine) -> str:
    row = line.row
    unit = row["unit"]
    now, before = round_alike([row["value"], row["prev_value"]], unit)
    apart = "points" if unit in RATE_UNITS else "" if unit == "seconds" else unit
    size, low, high = (
        show_difference(row[name], unit, row["value"])
        for name in ("change_abs", "change_ci_low", "change_ci_high")
    )
    size = f"{size} {apart}".strip()
    span = "" if "–" in (low, high) else f", it could be anything from {low} to {high}"
    return f"{before} → {with_unit(now, unit)} ({size}{span})."


def find_undecided(
    goals: Iterable[tuple[str, str, GoalStanding, Sequence[KpiLine]]], lines: Sequence[KpiLine]
) -> Findings:
    """Goals and KPIs whose verdict is undetermined, each with what would decide it.

    A goal is its id, name, standing and its own KPIs.
    """
    found = [
        Finding(id_, name, _say_undecided_goal(standing, own))
        for id_, name, standing, own in goals
        if standing.verdict == "undetermined"
    ]
    kpis = _list_findings(
        [line for line in lines if line.verdict == "undetermined"], _say_undecided
    )
    shown = (*found, *kpis.shown)
    return Findings(shown[:MOST_FINDINGS], kpis.more + max(0, len(shown) - MOST_FINDINGS))


def _say_undecided_goal(standing: GoalStanding, own: Sequence[KpiLine]) -> str:
    open_ = [line.row["kpi_name"] for line in own if line.verdict == "undetermined"]
    if not open_:
        return f"{standing.sentence} More answers to its KPIs would decide."
    return f"{standing.sentence} What decides is {join_names(open_, 'undetermined KPIs')}."


def _say_undecided(line: KpiLine) -> str:
    """Why a KPI is undetermined, and what would decide it, in counts of people or of figures."""
    row, needed = line.row, line.row["n_to_decide"]
    if needed is not None:
        times = needed / row["n"]
        much = (
            f"{show_count(needed - row['n'])} more" if times < 10 else "ten times as many or more"
        )
        return f"{line.reason} That is {much}."
    if row["statistic"] in FIGURE_STATISTICS and row["ci_method"] != "poisson_exact":
        return f"{line.reason} The missing figures would decide."
    noun = "visits" if row["statistic"] in DURATION_STATISTICS else "answers"
    return f"{line.reason} More {noun} would narrow it down; how many cannot be said beforehand."


def find_unjudged(lines: Iterable[KpiLine]) -> tuple[Unjudged, ...]:
    """KPIs without a verdict, those together that lack it for the same reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        if line.verdict in NO_JUDGEMENT:
            groups.setdefault((line.verdict, _why(line)), []).append(line.row["kpi_name"])
    ordered = sorted(groups.items(), key=lambda group: NO_JUDGEMENT.index(group[0][0]))
    return tuple(Unjudged(word, reason, tuple(names)) for (word, reason), names in ordered)


def _why(line: KpiLine) -> str:
    if line.verdict == "no_target":
        return "There is a value, and no target to hold it against."
    if line.verdict == "provisional":
        return "The period is not over yet."
    return str(line.row["verdict_reason"])


def _list_findings(lines: Sequence[KpiLine], say: Callable[[KpiLine], str]) -> Findings:
    shown = tuple(
        Finding(line.row["kpi_id"], line.row["kpi_name"], say(line))
        for line in lines[:MOST_FINDINGS]
    )
    return Findings(shown, len(lines) - len(shown))
