"""Ratings: whole points of the declared scale, nothing else."""

from __future__ import annotations

import pytest

from survey_app.domain.problems import Problem
from survey_app.domain.question_types.rating import Rating, Scale

FIVE = Rating(id="q1", text="How was it?", scale=Scale(lowest=1, highest=5))


@pytest.mark.parametrize(("values", "value"), [(["1"], 1), ([" 5 "], 5), (["", "4.0"], 4)])
def test_points_of_the_scale_are_read_as_int(values: list[str], value: int) -> None:
    read = FIVE.read(values)
    assert read == value
    assert isinstance(read, int)


@pytest.mark.parametrize("values", [[], [""], ["  ", ""]])
def test_nothing_chosen_is_no_answer(values: list[str]) -> None:
    assert FIVE.read(values) is None


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (["9"], "outside_scale"),
        (["0"], "outside_scale"),
        (["3.5"], "not_whole"),
        (["3,5"], "decimal_comma"),
        (["good"], "not_a_number"),
        (["NaN"], "not_a_number"),
        (["3\0"], "not_a_number"),
        (["\ud800"], "not_a_number"),
        (["9" * 5000], "too_large"),
        (["3", "4"], "several_values"),
    ],
)
def test_what_is_no_point_of_the_scale_is_refused(values: list[str], code: str) -> None:
    problem = FIVE.read(values)
    assert isinstance(problem, Problem)
    assert (problem.place, problem.code) == ("q1", code)


def test_the_range_is_named_when_a_rating_is_outside() -> None:
    assert "from 1 to 5" in str(FIVE.read(["9"]))


@pytest.mark.parametrize(
    ("scale", "codes"),
    [
        (Scale(lowest=0, highest=10), []),
        (Scale(lowest=-50, highest=50), []),
        (Scale(lowest=0, highest=101), ["too_many_points"]),
        (Scale(lowest=5, highest=5), ["reversed_scale"]),
        (Scale(lowest=5, highest=1, anchors={9: "far"}), ["reversed_scale"]),
        (Scale(lowest=1, highest=5, anchors={1: "poor", 6: "far"}), ["anchor_outside"]),
    ],
)
def test_a_scale_rises_has_at_most_101_points_and_holds_its_anchors(
    scale: Scale, codes: list[str]
) -> None:
    assert [problem.code for problem in Rating(id="q1", scale=scale).check()] == codes
