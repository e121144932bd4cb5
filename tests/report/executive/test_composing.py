"""The report says what its rows say, each kind of finding exactly where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from survey_app.report.executive.composing import MOST_KPIS
from survey_app.report.executive.report import ExecutiveReport
from survey_app.report.executive.sentences import MOST_FINDINGS
from tests.factories.reports import (
    QUALITY,
    SUBJECT,
    changed,
    compose,
    goal_row,
    kpi_row,
    with_target,
)

MET = with_target(kpi_row("met_one", 4.6), 4.0, "met")
MISSED = with_target(kpi_row("missed_one", 2.0), 4.0, "not_met")
OPEN = with_target(kpi_row("open_one", 4.1), 4.0, "undetermined", n_to_decide=250)
SILENT = kpi_row("silent_one", None, verdict_reason="There is no answer: nobody has answered yet.")
HIDDEN = kpi_row(
    "hidden_one",
    None,
    verdict="suppressed",
    verdict_reason="Fewer than 5 people answered.",
    suppressed_reason="few",
)
RUNNING = with_target(kpi_row("running_one", 4.6), 4.0, "provisional")
AIMLESS = kpi_row("aimless_one", 3.0)


def names(findings: Any) -> list[str]:
    return [one.name for one in findings.shown]


def unjudged(report: ExecutiveReport) -> dict[str, tuple[str, ...]]:
    return {one.verdict: one.names for one in report.unjudged}


def test_a_goal_is_told_with_its_score_interval_target_deviation_and_twelve_months() -> None:
    rows = [MET, MISSED]
    worst = {"kpis": 2, "worst_kpi_id": "missed_one", "worst_score": 25.0}
    goals = [
        goal_row("quality", 57.5, target=60.0, verdict="undetermined", chance_met=0.2, **worst),
        goal_row("quality", 62.25, window="trailing_12_months"),
    ]
    (goal,) = compose(rows, goals).goals
    assert (goal.aim, goal.vision) == ("They come back.", "The best.")
    line = goal.line
    assert line is not None
    # 57.5 - 60 = -2.5.
    assert (line.value, line.interval, line.target) == ("57.5", "52.5 to 62.5", "60.0")
    assert (line.deviation, line.long_value) == ("−2.5", "62.2")
    assert (line.axis.low, line.axis.point, line.axis.target) == (52.5, 57.5, 60.0)
    assert "Lowest score: Missed one (25.0)." in goal.sentences
    assert any("the chance that the target of 60.0 is met is 20 %" in one for one in goal.sentences)


def test_a_kpi_is_told_with_its_distance_from_the_target() -> None:
    (line,) = compose([MISSED]).goals[0].kpis
    assert (line.value, line.interval, line.target) == ("2.00 points", "1.50 to 2.50", "4.00")
    # 2 - 4; on the scale from 1 to 5 these are 25 and 75 of 100.
    assert line.deviation == "−2.00"
    assert (line.axis.low, line.axis.point, line.axis.high, line.axis.target) == (
        12.5,
        25,
        37.5,
        75,
    )
    assert line.alt == (
        "On an axis from 1 to 5: value 2.00 points, interval 1.50 to 2.50, target 4.00."
    )


def test_coverage_is_told_only_where_it_is_less_than_full() -> None:
    (whole,) = compose([MET], [goal_row("quality", coverage=1.0)]).goals
    (part,) = compose([MET], [goal_row("quality", coverage=2 / 3)]).goals
    told = "Only 67 % of the weight of its KPIs has a score."
    assert told not in whole.sentences
    assert told in part.sentences


def test_a_change_is_named_only_where_it_is_certain() -> None:
    better, worse = changed(kpi_row("up", 4.0), 0.75, 0.01), changed(kpi_row("down"), -0.75, 0.049)
    chance = changed(kpi_row("chance"), 0.75, 0.051)
    report = compose([better, worse, chance, kpi_row("new")])
    assert names(report.changes.better) == ["Up"]
    assert names(report.changes.worse) == ["Down"]
    assert report.changes.better.shown[0].sentence == (
        "3.25 → 4.00 points (+0.75 points, it could be anything from +0.50 to +1.00)."
    )
    assert report.changes.sentence == (
        "Against the month before, 1 KPI is better and 1 KPI is worse for certain; the change of 1 "
        "may be chance, or is none; 1 cannot be compared."
    )


def test_less_is_better_where_the_kpi_says_so() -> None:
    row = changed(kpi_row("waiting"), -0.75, 0.01) | {"direction": "lower_is_better"}
    report = compose([row])
    assert (names(report.changes.better), names(report.changes.worse)) == (["Waiting"], [])


def test_a_full_count_that_changed_has_changed_for_certain() -> None:
    row = kpi_row("sold") | {
        "ci_low": None,
        "ci_high": None,
        "ci_method": "complete_count",
        "statistic": "sum",
        "unit": "CHF",
        "prev_value": 3.0,
        "change_abs": 1.0,
    }
    (found,) = compose([row]).changes.better.shown
    assert found.sentence == "3.00 → 4.00 CHF (+1.00 CHF)."


def test_without_a_certain_change_the_report_says_so_and_names_none() -> None:
    report = compose([changed(MET, 0.1, 0.4)])
    assert (report.changes.better.shown, report.changes.worse.shown) == ((), ())
    assert report.changes.sentence.startswith(
        "Against the month before, nothing changed for certain"
    )
    assert compose([MET]).changes.sentence == (
        "Nothing can be compared with the month before: there are no numbers of it."
    )


@pytest.mark.parametrize("row", [MET, MISSED, SILENT, HIDDEN, RUNNING, AIMLESS])
def test_only_what_is_undetermined_is_called_undecided(row: dict[str, Any]) -> None:
    assert compose([row]).undecided.shown == ()


def test_the_undecided_says_how_many_more_answers_would_decide() -> None:
    (found,) = compose([OPEN, MET]).undecided.shown
    assert found.name == "Open one"
    # 250 answers would decide and 40 are there.
    assert found.sentence == (
        "With 40 answers this could be anything from 3.60 to 4.60 points, on either side of the "
        "target of 4.00 points. About 250 answers would decide. That is 210 more."
    )


def test_what_is_far_from_decided_is_told_in_round_words() -> None:
    (found,) = compose([OPEN | {"n_to_decide": 400}]).undecided.shown
    assert found.sentence.endswith("That is ten times as many or more.")
    (found,) = compose([OPEN | {"n_to_decide": None}]).undecided.shown
    assert found.sentence.endswith(
        "More answers would narrow it down; how many cannot be said beforehand."
    )


def test_an_incomplete_figure_is_decided_by_what_is_missing() -> None:
    row = {
        **with_target(kpi_row("part"), 3.0, "undetermined", verdict_reason="2 months lack."),
        **{"statistic": "sum", "ci_low": None, "ci_high": None, "ci_method": ""},
    }
    (found,) = compose([row]).undecided.shown
    assert found.sentence == "2 months lack. The missing figures would decide."


def test_an_undecided_goal_names_the_kpis_that_decide_it() -> None:
    goal = goal_row("quality", 60.0, target=62.0, verdict="undetermined", chance_met=0.3)
    report = compose([OPEN, MET], [goal])
    assert names(report.undecided) == ["Quality", "Open one"]
    assert report.undecided.shown[0].sentence.endswith("What decides is Open one.")
    report = compose([MET], [goal])
    assert report.undecided.shown[0].sentence.endswith("More answers to its KPIs would decide.")


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (SILENT, "no_data"),
        (HIDDEN, "suppressed"),
        (RUNNING, "provisional"),
        (AIMLESS, "no_target"),
    ],
)
def test_what_has_no_verdict_is_named_under_its_reason(row: dict[str, Any], verdict: str) -> None:
    assert unjudged(compose([row, MET, MISSED, OPEN])) == {verdict: (row["kpi_name"],)}


def test_with_a_verdict_everywhere_nothing_is_unjudged() -> None:
    assert compose([MET, MISSED, OPEN]).unjudged == ()


def test_a_withheld_number_is_not_drawn_and_not_counted_as_zero() -> None:
    report = compose([HIDDEN, SILENT], [goal_row("quality", None)])
    assert report.goals[0].kpis == ()
    assert report.goals[0].line is None
    assert "No KPI has a score." in report.goals[0].sentences


@pytest.mark.parametrize(
    ("verdicts", "answer"),
    [
        ({"a": "met", "b": "met"}, "Yes: every goal meets its target."),
        ({"a": "met", "b": "not_met"}, "Not yet: B misses its target."),
        ({"a": "not_met", "b": "not_met"}, "Not yet: A and B miss their target."),
        (
            {"a": "met", "b": "undetermined"},
            "That cannot be said yet: 1 goal is undetermined, none is missed.",
        ),
        (
            {"a": "met", "b": "no_data"},
            "Not yet: Missed one misses its target. "
            "The goal that has a score and a target meets it.",
        ),
        ({"a": "met", "b": "provisional"}, "The period is not over, so nothing is decided yet."),
        # No goal has a target: the KPIs answer.
        ({"a": "no_target", "b": "no_target"}, "Not yet: Missed one misses its target."),
    ],
)
def test_the_answer_stands_first(verdicts: dict[str, str], answer: str) -> None:
    goals = [{"id": id_, "name": id_.upper()} for id_ in verdicts]
    rows = [MET | {"goal_id": "a"}, MISSED | {"goal_id": "b"}]
    goal_rows = [
        goal_row(id_, None if verdict == "no_data" else 60.0, target=50.0, verdict=verdict)
        for id_, verdict in verdicts.items()
    ]
    assert compose(rows, goal_rows, goals).answer == answer


def test_goals_stand_in_their_tree_with_those_above_that_have_no_kpi() -> None:
    goals = [
        {"id": "silent", "name": "Silent"},
        {"id": "top", "name": "Top", "aim": "All of it."},
        {"id": "quality", "name": "Quality", "parent": "top"},
        {"id": "foreign", "name": "Foreign"},
    ]
    rows = [SILENT | {"goal_id": "silent"}, MET]
    report = compose(rows, [goal_row("silent", None), goal_row("quality")], goals)
    assert [(goal.name, goal.depth) for goal in report.goals] == [
        ("Top", 0),
        ("Quality", 1),
        ("Silent", 0),
    ]
    assert report.goals[0].sentences == (
        "No KPI of its own: the goals below it are what is measured.",
    )
    assert report.left_out == ("Foreign",)


def test_of_many_kpis_those_missed_then_changed_then_heaviest_are_drawn() -> None:
    rows = [
        with_target(kpi_row(f"k{number:02}", 4.6, weight=float(number)), 4.0, "met")
        for number in range(1, 21)
    ]
    rows[0] = with_target(kpi_row("k01", 2.0), 4.0, "not_met")
    rows[1] = changed(rows[1], 0.75, 0.001)
    (goal,) = compose(rows).goals
    shown = {"k01", "k02", *(f"k{number:02}" for number in range(11, 21))}
    assert {line.id for line in goal.kpis} == shown
    assert len(shown) == MOST_KPIS
    assert "Not drawn here: 8 more of its KPIs." in goal.sentences


def test_long_lists_are_cut_and_say_how_much() -> None:
    rows = [OPEN | {"kpi_id": f"k{n}"} for n in range(MOST_FINDINGS + 3)]
    undecided = compose(rows).undecided
    assert (len(undecided.shown), undecided.more) == (MOST_FINDINGS, 3)
    goal = goal_row("quality", target=60.0, verdict="undetermined", chance_met=0.5)
    undecided = compose(rows, [goal]).undecided
    assert (undecided.shown[0].name, len(undecided.shown), undecided.more) == ("Quality", 8, 4)


def test_without_any_kpi_for_the_scope_the_report_is_empty() -> None:
    report = compose([], [])
    assert report.is_empty
    assert report.left_out == ("Quality",)


def test_the_method_names_goals_that_are_not_plain_means() -> None:
    def score(**goal: Any) -> str:
        return dict(compose([MET], goals=[QUALITY | goal]).method)["Score"]

    assert "geometric" not in score()
    assert "weighted geometric mean" in score(aggregation="geometric")
    subject = replace(SUBJECT, scope_name="Anna")
    assert compose([MET], subject=subject).title == "Is Anna meeting the goals in July 2026?"
