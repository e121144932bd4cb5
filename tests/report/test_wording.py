"""Sentences and rounding: what a reader is told about a scored row."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.export import empty_row
from survey_app.report.axes import Axis, axis_of
from survey_app.report.cards import make_scorecard
from survey_app.report.wording import (
    round_alike,
    say_answer,
    say_reason,
    say_verdicts,
    show_deviation,
)


def row(**columns: Any) -> dict[str, Any]:
    """A scored row with a mean of 12 answers."""
    return {
        **empty_row(),
        "kpi_id": "k",
        "kpi_name": "Rating",
        "goal_id": "g",
        "unit": "points",
        "window": "period",
        "statistic": "mean",
        "direction": "higher_is_better",
        "value": 78.0,
        "n": 12,
        "ci_low": 61.23,
        "ci_high": 92.41,
        "ci_method": "student_t",
        **columns,
    }


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([], "No KPI is defined here"),
        (["met"], "The one KPI meets its target"),
        (["met", "met"], "Both KPIs meet their target"),
        (["met", "met", "met"], "All 3 KPIs meet their target"),
        (["met", "undetermined", "met"], "2 of 3 KPIs meet their target; 1 is undetermined"),
        (["no_data", "not_met"], "1 of 2 KPIs misses its target; 1 has no data"),
    ],
)
def test_the_finding_counts_the_verdicts(verdicts: list[str], sentence: str) -> None:
    assert say_verdicts(verdicts) == sentence


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ([("A", "met"), ("B", "met")], "Yes: every KPI meets its target."),
        ([("A", "met"), ("B", "not_met")], "Not yet: B misses its target."),
        ([("A", "not_met"), ("B", "not_met")], "Not yet: A and B miss their target."),
        ([(c, "not_met") for c in "ABCD"], "Not yet: 4 KPIs miss their target."),
        (
            [("A", "met"), ("B", "undetermined")],
            "That cannot be said yet: 1 KPI is undetermined, none is missed.",
        ),
        ([("A", "no_data")], "That cannot be said: no KPI has both data and a target."),
        ([("A", "provisional")], "The period is not over, so nothing is decided yet."),
        (
            [("A", "met"), ("B", "no_data")],
            "Yes, as far as can be seen: every KPI that has data and a target meets it.",
        ),
    ],
)
def test_the_answer_is_no_better_than_what_is_known(
    named: list[tuple[str, str]], sentence: str
) -> None:
    assert say_answer(named) == sentence


@pytest.mark.parametrize(
    ("numbers", "unit", "written"),
    [
        ([78.04, 61.23, 92.41], "points", ["78.0", "61.2", "92.4"]),
        ([3.81, 3.6612, None], "points", ["3.81", "3.66", "–"]),
        ([0.635, 0.5591, 1.0], "share", ["63.5", "55.9", "100.0"]),
        ([123456.0, -2.4], "CHF", ["123\u202f000", "0"]),
        ([123456.0, 123100.0], "CHF", ["123\u202f500", "123\u202f100"]),
        ([78.043, 78.012, 78.074], "points", ["78.04", "78.01", "78.07"]),
        ([0.0, 26.74], "points", ["0.0", "26.7"]),
        ([0.0, 0.0], "points", ["0", "0"]),
        ([1500.0, 600.0], "seconds", ["25 min", "10 min"]),
        ([-33.3], "points", ["\u221233.3"]),
        # What differs looks different: an interval that ends just beside the target, for one.
        ([4.396, 3.9977, 4.7947, 4.0], "points", ["4.396", "3.998", "4.795", "4.000"]),
        ([87980.0, 87100.0, 86400.0], "seconds", ["1 d 26 min", "1 d 12 min", "1 d"]),
        ([4.0 + 1e-15, 4.0], "points", ["4.00", "4.00"]),
    ],
)
def test_numbers_that_stand_together_are_rounded_to_one_place(
    numbers: list[float | None], unit: str, written: list[str]
) -> None:
    assert round_alike(numbers, unit) == written


def test_an_undetermined_row_says_what_it_could_be_and_what_would_decide() -> None:
    told = row(verdict="undetermined", target=80.0, deviation_abs=-2.0, n_to_decide=1200)
    assert say_reason(told, "answers") == (
        "With 12 answers this could be anything from 61.2 to 92.4 points, on either side of the "
        "target of 80.0 points. About 1\u202f200 answers would decide."
    )


@pytest.mark.parametrize(
    ("direction", "side"), [("higher_is_better", "better"), ("lower_is_better", "worse")]
)
def test_the_good_side_depends_on_the_direction(direction: str, side: str) -> None:
    told = row(verdict="met", target=60.0, deviation_abs=18.0, direction=direction)
    assert f"all of it {side} than the target of 60.0 points." in say_reason(told, "answers")


def test_an_open_interval_is_said_in_words() -> None:
    told = row(unit="seconds", statistic="km_median", value=None, ci_low=1200.0, ci_high=None)
    told |= {"verdict": "not_met", "target": 600.0, "direction": "lower_is_better"}
    assert say_reason(told, "answers") == (
        "With 12 visits this could be 20 min or more, all of it worse than the target of 10 min."
    )


def test_a_full_count_is_no_estimate() -> None:
    told = row(ci_low=None, ci_high=None, ci_method="complete_count", verdict="not_met", n=1)
    told |= {"target": 80.0, "deviation_abs": -2.0}
    assert say_reason(told, "answers") == (
        "Counted in full: 2.0 points worse than the target of 80.0 points."
    )


def test_an_unfinished_period_is_said_first() -> None:
    told = row(verdict="provisional", n=1)
    assert say_reason(told, "customers") == (
        "The period is not over yet. So far: with 1 customer this could be anything from 61.2 to "
        "92.4 points; no target is set."
    )


def test_no_data_is_told_by_its_own_reason() -> None:
    told = row(verdict="no_data", value=None, ci_low=None, ci_high=None, n=0)
    told["verdict_reason"] = "There is no figure."
    assert say_reason(told, "answers") == "There is no figure."


def test_a_deviation_has_a_sign_and_the_place_of_its_value() -> None:
    assert show_deviation(row(deviation_abs=0.4142)) == "+0.41"
    assert show_deviation(row(deviation_abs=-2.0)) == "\u22122.0"
    assert show_deviation(row(deviation_abs=None)) == "–"
    assert show_deviation(row(unit="share", value=0.635, deviation_abs=-0.165)) == "\u221216.5"


def strip_of(worst: float, best: float, **columns: Any) -> Axis:
    """How a row is drawn between its goalposts."""
    return axis_of(row(**columns), {"rule": "goalposts", "worst": worst, "best": best})


def test_the_best_is_drawn_at_the_right_whatever_the_direction() -> None:
    higher = strip_of(0, 100, target=80.0, deviation_abs=-2.0, ci_low=60.0, ci_high=90.0)
    assert (higher.low, higher.high, higher.point, higher.target) == (60, 90, 78, 80)
    lower = strip_of(100, 0, target=80.0, deviation_abs=-2.0, ci_low=60.0, ci_high=90.0)
    assert (lower.low, lower.high, lower.point, lower.target) == (10, 40, 22, 20)


def test_an_open_end_is_drawn_to_the_edge_of_its_own_side() -> None:
    assert (strip_of(0, 100, ci_high=None).low, strip_of(0, 100, ci_high=None).high) == (
        pytest.approx(61.23),
        100,
    )
    assert strip_of(100, 0, ci_high=None).low == 0
    assert strip_of(0, 100, ci_low=None).low == 0


def test_what_lies_off_the_axis_is_still_seen_at_its_edge() -> None:
    beyond = strip_of(0, 50, ci_low=60.0, ci_high=90.0)
    assert (beyond.left, beyond.width, beyond.point) == (99, 1, 100)


def test_what_has_no_interval_says_its_own_reason_once() -> None:
    reason = "The period is not over yet. So far: One answer has no spread, so there is none."
    told = row(
        verdict="provisional", verdict_reason=reason, ci_low=None, ci_high=None, ci_method=""
    )
    assert say_reason(told, "answers") == reason


def test_counts_are_written_in_full() -> None:
    told = row(verdict="undetermined", target=80.0, n=1234567, n_to_decide=2345678)
    told["deviation_abs"] = -2.0
    sentence = say_reason(told, "answers")
    assert "With 1\u202f234\u202f567 answers" in sentence
    assert "About 2\u202f345\u202f678 answers would decide." in sentence


def test_percentages_differ_by_points_however_they_are_written() -> None:
    told = row(verdict="not_met", value=7.6, target=8.0, deviation_abs=-0.4, unit="per cent")
    told |= {"ci_low": None, "ci_high": None, "ci_method": "complete_count"}
    assert say_reason(told, "answers").startswith("Counted in full: 0.40 points worse than")


def test_a_median_that_never_comes_is_drawn_at_the_bad_end() -> None:
    told = row(
        statistic="km_median",
        unit="seconds",
        direction="lower_is_better",
        verdict="not_met",
        verdict_reason="Of 100 visits 0 reached it.",
        value=None,
        ci_low=None,
        ci_high=None,
        ci_method="wilson_none_reached",
        target=60.0,
        score=0.0,
    )
    card = {
        "goals": [{"id": "g", "name": "G", "aim": "", "vision": ""}],
        "kpis": {
            "k": {
                "votes": "visits",
                "definition": {
                    "name": "K",
                    "score": {"rule": "goalposts", "worst": 100.0, "best": 0.0},
                },
            }
        },
    }
    (line,) = make_scorecard(card, [told]).lines
    assert (line.axis.low, line.axis.high, line.axis.is_known) == (0, 0, True)
    assert line.numbers.interval == "beyond every time"
    assert line.reason == "Of 100 visits 0 reached it."
