"""Ratings: whole points of the declared scale, nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Ces, Csat, Nps, Rated, Rating, Scale
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

FIVE = Rating(id="q1", text="How was it?", scale=Scale(lowest=1, highest=5))


@pytest.mark.parametrize(
    ("values", "value"),
    [
        (["1"], 1),
        ([" 5 "], 5),
        (["", "4.0"], 4),
        (["٣"], 3),
        (["３"], 3),
        (["+3"], 3),
        (["5e0"], 5),
    ],
)
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
        (["-0"], "outside_scale"),
        (["-1"], "outside_scale"),
        (["3.5"], "not_whole"),
        (["3,5"], "decimal_comma"),
        (["1,234"], "decimal_comma"),
        (["good"], "not_a_number"),
        (["NaN"], "not_a_number"),
        (["null"], "not_a_number"),
        (["0x1F"], "not_a_number"),
        (["3\0"], "not_a_number"),
        (["\ud800"], "not_a_number"),
        (["1e309"], "too_large"),
        (["9" * 5000], "too_large"),
        (["٩" * 5000], "too_large"),
        (["x" * 1_000_000], "not_a_number"),
        (["3", "4"], "several_values"),
        (["3", "3"], "several_values"),
    ],
)
def test_what_is_no_point_of_the_scale_is_refused(values: list[str], code: str) -> None:
    assert code_of(FIVE.read(values)) == code
    assert posted(FIVE, q1=values) == [code]


def test_strange_texts_are_no_points() -> None:
    for question in (FIVE, Nps(id="q1"), Csat(id="q1"), Ces(id="q1")):
        refuses_strange_texts(question)
        keeps_or_refuses(question)


def test_the_range_is_named_when_a_rating_is_outside() -> None:
    assert "from 1 to 5" in str(FIVE.read(["9"]))


@pytest.mark.parametrize(
    ("question", "points"),
    [(Nps(id="q1"), range(11)), (Csat(id="q1"), range(1, 6)), (Ces(id="q1"), range(1, 8))],
)
def test_fixed_scales_are_everybodys(question: Rated, points: range) -> None:
    assert [question.read([str(point)]) for point in range(-1, 13) if point in points] == [*points]
    for outside in (points[0] - 1, points[-1] + 1):
        assert code_of(question.read([str(outside)])) == "outside_scale"
    assert codes_of(question) == []


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
    assert codes_of(Rating(id="q1", scale=scale)) == [("scale", code) for code in codes]


ROWS = (Option(code="a", label="A"),)


@pytest.mark.parametrize(
    ("look", "highest", "fits"),
    [
        ("", 101, True),
        ("numbers", 101, True),
        ("faces", 5, True),
        ("faces", 6, False),
        ("stars", 10, True),
        ("stars", 11, False),
    ],
)
def test_points_can_look_so_while_they_can_be_told_apart(
    look: str, highest: int, fits: bool
) -> None:
    scale = Scale(lowest=1, highest=highest)
    wanted = [] if fits else [("look", "too_many_points")]
    assert codes_of(Rating(id="q1", scale=scale, look=look)) == wanted
    assert codes_of(Matrix(id="q1", rows=ROWS, scale=scale, look=look)) == wanted


def test_words_outside_a_fixed_scale_are_told_at_their_key() -> None:
    assert codes_of(Csat(id="q1", anchors={6: "far"})) == [("anchors", "anchor_outside")]
    assert codes_of(Nps(id="q1", look="faces")) == [("look", "too_many_points")]


def test_an_endless_scale_of_a_draft_is_not_counted_out() -> None:
    endless: Any = Rating(id="q1", scale=Scale(lowest=-1_000_000, highest=1_000_000))
    assert len(endless.probe(())) == 101
