from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import score
from analysis.definitions import Direction
from analysis.estimate import Estimate, pack
from analysis.rating_intervals import (
    ResizedShare,
)
from analysis.score import judge, score_values
from analysis.wilson import wilson
from tests.analysis.building import book, figure_kpi, kpi, median_kpi
from tests.analysis.test_deciding import SHARE, cells, one

HIGHER, LOWER = Direction.HIGHER, Direction.LOWER
SAMPLE = Estimate(n=20, value=7, low=6, high=8, std_error=0.5, ci_method="student_t")


def judged(estimate, value=None, entry=None, is_over=True):
    """What is known about the only cell, by name; what is not known is left out."""
    the_kpi = book(entry or kpi()).kpis[0]
    target = np.array([np.nan if value is None else value], np.float64)
    found = judge(the_kpi, cells(estimate), target, np.array([is_over]))
    row = {one.name: getattr(found, one.name)[0] for one in fields(found)}
    row["verdict_reason"] = row.pop("reason")
    return {name: cell for name, cell in row.items() if isinstance(cell, str) or cell == cell}


def decide(direction, estimate, value):
    verdict, reason = score.decide(direction, cells(estimate), np.array([value], np.float64))
    return verdict[0], reason[0]


@pytest.mark.parametrize(
    ("value", "word"), [(5, "met"), (7, "undetermined"), (9, "not_met"), (6, "met")]
)
def test_the_reason_says_what_was_compared(value, word):
    verdict, reason = decide(HIGHER, SAMPLE, value)
    assert verdict == word
    where = {"met": "lies wholly on the good side of", "not_met": "lies wholly on the bad side of",
             "undetermined": "straddles"}[word]  # fmt: skip
    assert reason == f"The interval 6 to 8 {where} the target {value}."


@pytest.mark.parametrize(
    ("direction", "value", "word"),
    [(HIGHER, 10, "met"), (LOWER, 10, "met"), (HIGHER, 9.99, "not_met"), (LOWER, 10.01, "not_met")],
)
def test_a_complete_count_is_compared_as_a_point(direction, value, word):
    assert decide(direction, Estimate(n=3, value=value, complete=True), 10)[0] == word


def test_decimal_fractions_that_add_up_to_the_target_meet_it():
    found = Estimate(n=3, value=0.1 + 0.2, complete=True)
    assert found.value > 0.3
    assert decide(LOWER, found, 0.3)[0] == "met"


def test_no_data_is_neither_zero_nor_the_best_value_of_a_lower_is_better_kpi():
    for direction in (HIGHER, LOWER):
        found = decide(direction, Estimate(n=0, reason="There is no answer."), 0)
        assert found == ("no_data", "There is no answer.")
    row = judged(Estimate(n=0, reason="There is no visit."), 5, median_kpi())
    assert row["verdict"] == "no_data"
    assert row.keys().isdisjoint({"score", "score_low", "score_high", "deviation_abs"})


def test_without_a_target_nothing_is_judged_but_all_is_scored():
    row = judged(SAMPLE)
    assert (row["verdict"], row["verdict_reason"]) == (
        "no_target",
        "No target is set for this period.",
    )
    assert (row["score"], row["score_low"], row["score_high"]) == (70, 60, 80)


def test_a_sample_without_interval_leaves_the_verdict_open():
    found = Estimate(n=1, value=9, reason="One answer has no spread, so there is no interval.")
    assert decide(HIGHER, found, 5) == ("undetermined", found.reason)


@pytest.mark.parametrize(
    ("low", "word"), [(300, "not_met"), (240, "undetermined"), (None, "undetermined")]
)
def test_a_median_beyond_the_times_observed_is_judged_by_its_lower_limit(low, word):
    found = Estimate(n=9, low=low, beyond=True, reason="The median lies beyond.")
    verdict, reason = decide(LOWER, found, 240)
    assert verdict == word
    assert reason.endswith("The median lies beyond.")
    row = judged(found, 240, median_kpi())
    assert "deviation_abs" not in row
    # Both posts lie below: wherever beyond the median is, it scores nothing.
    scores = [row.get(name) for name in ("score", "score_low", "score_high")]
    assert scores == ([None] * 3 if low is None else [0, 0, 0])


def test_a_median_beyond_has_no_score_where_its_interval_reaches_into_the_scale():
    row = judged(Estimate(n=9, low=40, beyond=True, reason="Beyond."), 20, median_kpi())
    assert (row.get("score"), row["score_low"], row["score_high"]) == (None, 0, 60)


def test_a_median_that_never_comes_misses_every_target_and_scores_nothing():
    found = Estimate(n=100, beyond=True, never=True, reason="Of 100 visits 0 reached it.")
    row = judged(found, 1e9, median_kpi())
    assert (row["verdict"], row["score"], row["score_low"], row["score_high"]) == (
        "not_met",
        0,
        0,
        0,
    )
    assert decide(HIGHER, found, 5)[0] == "met"


def test_a_partial_count_is_shown_and_neither_judged_nor_scored():
    found = Estimate(n=1, value=5, partial=True, reason="2 months are missing.")
    row = judged(found, 70)
    assert (row["verdict"], row["verdict_reason"]) == ("undetermined", "2 months are missing.")
    assert row.keys().isdisjoint({"score", "score_low", "score_high", "deviation_abs"})


def test_a_sum_that_misses_its_target_by_rounding_alone_is_on_it():
    value = 0.1 + 0.2 - 0.3
    assert value > 0
    found = Estimate(n=3, value=value, complete=True, rounding=1e-14)
    for direction in (LOWER, HIGHER):
        assert decide(direction, found, 0)[0] == "met"
    assert judged(found, 0)["deviation_abs"] == 0


def test_an_unfinished_period_is_provisional_and_says_how_it_looks():
    row = judged(SAMPLE, 5, is_over=False)
    assert (row["verdict"], row["verdict_reason"]) == (
        "provisional",
        "The period is not over yet. So far: "
        "The interval 6 to 8 lies wholly on the good side of the target 5.",
    )
    assert row["score"] == 70


def test_an_unfinished_period_without_data_is_still_no_data():
    row = judged(Estimate(n=0, reason="There is no answer."), 5, is_over=False)
    assert row["verdict"] == "no_data"
    assert row["verdict_reason"] == "There is no answer. The period is not over yet."


def test_deviations_are_absolute_relative_and_in_standard_errors():
    share = kpi(statistic="top_box", cut=9, score={"worst": 0, "best": 1})
    found = Estimate(n=20, value=0.6, low=0.4, high=0.8, std_error=0.1)
    row = judged(found, 0.5, share)
    assert row["deviation_abs"] == pytest.approx(0.1)
    assert row["deviation_rel"] == pytest.approx(0.2)
    assert row["deviation_se"] == pytest.approx(1)


def test_a_relative_deviation_needs_a_true_zero_and_a_target_that_is_not_zero():
    assert "deviation_rel" not in judged(SAMPLE, 5)
    assert "deviation_rel" not in judged(SAMPLE, 5, kpi(statistic="net_score"))
    count = Estimate(n=1, value=4, complete=True)
    assert "deviation_rel" not in judged(count, 0, figure_kpi())
    assert judged(count, -8, figure_kpi())["deviation_rel"] == 1.5


def test_without_spread_there_is_no_deviation_in_standard_errors():
    found = Estimate(n=5, value=7, low=7, high=7, std_error=0.0)
    assert "deviation_se" not in judged(found, 5)


def test_the_interval_of_a_score_is_the_rule_at_the_ends_whatever_the_direction():
    row = judged(Estimate(n=9, value=40, low=20, high=None), 30, median_kpi())
    # worst 100, best 0: 40 seconds score 60, 20 score 80, no upper limit scores 0.
    assert (row["score"], row["score_low"], row["score_high"]) == (60, 0, 80)


def test_n_to_decide_stands_only_with_an_undetermined_verdict():
    share = kpi(statistic="top_box", cut=9, score={"worst": 0, "best": 1})
    assert judged(SHARE, 0.5, share)["n_to_decide"] == 97
    assert "n_to_decide" not in judged(SHARE, 0.1, share)
    assert "n_to_decide" not in judged(Estimate(n=9, value=4, low=2, high=9), 5, median_kpi())


def test_many_cells_are_judged_as_each_alone():
    random = np.random.default_rng(3)
    n = random.integers(2, 400, 500).astype(np.float64)
    share, target = random.random(500), random.random(500).round(2)
    low, high = wilson(share, n)
    alone = [
        Estimate(n=int(n[at]), value=share[at], low=low[at], high=high[at],
                 resized=ResizedShare(share[at : at + 1], one(1)))
        for at in range(500)
    ]  # fmt: skip
    together = replace(pack(alone), resized=ResizedShare(share, np.ones(500)))
    entry = kpi(statistic="top_box", cut=9, score={"worst": 0, "best": 1})
    found = judge(book(entry).kpis[0], together, target, np.ones(500, np.bool_))
    for at in range(500):
        row = judged(alone[at], target[at], entry)
        assert row == {
            "verdict_reason" if name == "reason" else name: getattr(found, name)[at]
            for name in (one.name for one in fields(found))
            if isinstance(getattr(found, name)[at], str) or not np.isnan(getattr(found, name)[at])
        }


RANGE = {"outer_low": 10, "low": 20, "high": 40, "outer_high": 80}


def scores(entry, values, targets=np.nan):
    """What values score, each against its target."""
    values = np.asarray(values, np.float64)
    return score_values(book(entry).kpis[0], values, np.broadcast_to(targets, values.shape))


def ruled(rule, direction="higher_is_better", **limits):
    return kpi(direction=direction, score={"rule": rule, **limits})


@pytest.mark.parametrize(
    ("worst", "best", "value", "expected"),
    [
        (0, 100, 25, 25), (0, 100, -5, 0), (0, 100, 105, 100), (1, 5, 3, 50),
        (600, 0, 150, 75), (600, 0, 900, 0), (600, 0, np.inf, 0), (0, 1, np.inf, 100),
    ],
)  # fmt: skip
def test_goalposts_score_on_a_straight_line_and_clip(worst, best, value, expected):
    direction = "higher_is_better" if best > worst else "lower_is_better"
    entry = ruled("goalposts", direction, worst=worst, best=best)
    assert scores(entry, [value]) == [expected]


@pytest.mark.parametrize(
    ("rule", "limits"),
    [("goalposts", {"worst": 0, "best": 10}), ("red_target", {"red": 4}), ("in_range", RANGE)],
)
def test_what_has_no_value_has_no_score(rule, limits):
    assert np.isnan(scores(ruled(rule, **limits), [np.nan], 7)).all()


# Red 4 and target 7 are a third of the way apart: 0 at 4 - 3, 100 at 7 + 3. Beyond it is cut.
STEPS = [-np.inf, 0, 1, 4, 5.5, 7, 10, 12, np.inf]
STEP_SCORES = [0, 0, 0, 100 / 3, 50, 200 / 3, 100, 100, 100]


def test_red_scores_a_third_the_target_two_thirds_and_as_far_beyond_nothing_and_all():
    assert scores(ruled("red_target", red=4), STEPS, 7) == pytest.approx(STEP_SCORES)


def test_where_less_is_better_the_target_lies_below_red():
    # Red 7 and target 4: 100 at 4 - 3, 0 at 7 + 3.
    entry = ruled("red_target", "lower_is_better", red=7)
    assert scores(entry, [11 - step for step in STEPS], 4) == pytest.approx(STEP_SCORES)


@pytest.mark.parametrize(
    ("direction", "aim"),
    [("higher_is_better", 4), ("higher_is_better", 3), ("lower_is_better", 4),
     ("lower_is_better", 5), ("higher_is_better", np.nan), ("lower_is_better", np.nan)],
)  # fmt: skip
def test_without_a_target_that_is_better_than_red_nothing_is_scored(direction, aim):
    row = judged(SAMPLE, aim, ruled("red_target", direction, red=4))
    assert row.keys().isdisjoint({"score", "score_low", "score_high"})
    assert row["verdict"] == ("no_target" if np.isnan(aim) else row["verdict"])


def test_each_cell_is_scored_against_its_own_target():
    found = scores(ruled("red_target", red=4), [7, 7, 7], [7, 5, 10])
    # Against 5, 7 is past 5 + 1; against 10 it is halfway from 4 to 10.
    assert found == pytest.approx([200 / 3, 100, 50])


def test_the_interval_of_a_red_target_score_is_the_rule_at_its_ends():
    row = judged(SAMPLE, 7, ruled("red_target", red=4))
    # 6 to 8 around 7: a step of 3 is a third.
    assert (row["score"], row["score_low"], row["score_high"]) == pytest.approx(
        (200 / 3, 500 / 9, 700 / 9)
    )


@pytest.mark.parametrize("direction", ["higher_is_better", "lower_is_better"])
def test_a_range_scores_all_inside_and_falls_on_both_sides_whatever_the_direction(direction):
    values = [-np.inf, 0, 10, 12.5, 15, 20, 30, 40, 50, 70, 80, 99, np.inf]
    expected = [0, 0, 0, 25, 50, 100, 100, 100, 75, 25, 0, 0, 0]
    assert scores(ruled("in_range", direction, **RANGE), values).tolist() == expected


def test_a_range_of_one_point_scores_all_there_alone():
    entry = ruled("in_range", **RANGE | {"high": 20})
    assert scores(entry, [15, 20, 35]).tolist() == [50, 100, 75]


@pytest.mark.parametrize(
    ("low", "value", "high", "expected"),
    [
        (25, 30, 35, (100, 100, 100)),
        # The best score lies within the interval, at neither of its ends.
        (15, 18, 60, (80, 50, 100)),
        (15, 60, 70, (50, 25, 100)),
        (5, 18, 95, (80, 0, 100)),
        # Touching the range at one end is enough.
        (12.5, 15, 20, (50, 25, 100)),
        (40, 50, 60, (75, 50, 100)),
        # Wholly on one side the ends are the ends.
        (12.5, 15, 17.5, (50, 25, 75)),
        (50, 60, 70, (50, 25, 75)),
        (81, 85, 90, (0, 0, 0)),
        # An open end reaches where nothing scores.
        (None, 30, 35, (100, 0, 100)),
        (50, 60, None, (50, 0, 75)),
        (81, 90, None, (0, 0, 0)),
    ],
)  # fmt: skip
def test_the_interval_of_a_range_score_holds_all_scores_within(low, value, high, expected):
    row = judged(Estimate(n=9, value=value, low=low, high=high), None, ruled("in_range", **RANGE))
    assert (row["score"], row["score_low"], row["score_high"]) == pytest.approx(expected)


def test_what_never_comes_is_out_of_every_range():
    entry = median_kpi(score={"rule": "in_range", **RANGE})
    row = judged(Estimate(n=100, beyond=True, never=True), 30, entry)
    assert (row["score"], row["score_low"], row["score_high"]) == (0, 0, 0)
    # Later than 50 seconds may be 50 or any time.
    row = judged(Estimate(n=9, low=50, beyond=True), 30, entry)
    assert (row.get("score"), row["score_low"], row["score_high"]) == (None, 0, 75)


def test_a_range_without_an_interval_scores_as_a_point():
    row = judged(Estimate(n=3, value=50, complete=True), None, ruled("in_range", **RANGE))
    assert row["score"] == 75
    assert row.keys().isdisjoint({"score_low", "score_high"})


@given(
    st.lists(st.floats(0, 100), min_size=3, max_size=3).map(sorted),
    st.floats(0, 1),
)
def test_no_value_of_an_interval_scores_outside_the_interval_of_its_score(three, share):
    low, value, high = three
    row = judged(Estimate(n=9, value=value, low=low, high=high), None, ruled("in_range", **RANGE))
    within = scores(ruled("in_range", **RANGE), [low + share * (high - low)])[0]
    assert row["score_low"] - 1e-9 <= within <= row["score_high"] + 1e-9


@pytest.mark.parametrize(
    ("ends", "value", "told"),
    [
        ({"low": 6.0, "high": None}, 5, "from 6 upwards lies wholly on the good side of"),
        ({"low": 6.0, "high": None}, 9, "from 6 upwards straddles"),
        ({"low": None, "high": 8.0}, 9, "up to 8 lies wholly on the bad side of"),
        ({"low": None, "high": 8.0}, 5, "up to 8 straddles"),
    ],
)
def test_an_interval_with_an_open_end_is_told_by_the_other(ends, value, told):
    _, reason = decide(HIGHER, replace(SAMPLE, **ends), value)
    assert reason == f"The interval {told} the target {value}."


def test_the_reason_of_a_complete_count_names_its_side():
    found = Estimate(n=3, value=10.5, complete=True)
    assert decide(HIGHER, found, 10)[1] == "The value 10.5 is on the good side of the target 10."
    assert decide(LOWER, found, 10)[1] == "The value 10.5 is on the bad side of the target 10."
    assert decide(LOWER, found, 10.5)[1] == "The value 10.5 is on the good side of the target 10.5."


def test_a_median_that_never_comes_is_judged_by_its_direction_and_said_so():
    never = Estimate(n=9, beyond=True, never=True)
    told = "However long one waits, fewer than half reach it."
    assert decide(LOWER, never, 10) == ("not_met", told)
    assert decide(HIGHER, never, 10) == ("met", told)
