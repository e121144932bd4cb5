"""How long answering takes: words, types, and the paths through a questionnaire."""

from __future__ import annotations

import pytest

from survey_app.domain.answering_time import (
    WORDS_A_MINUTE,
    answering_seconds,
    expected_minutes,
)
from survey_app.domain.question_types import TYPES
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Questionnaire
from tests.domain.asking import asking, choice, in_sections, rating, section

SCALE = Scale(lowest=1, highest=5)


def seconds(questionnaire: Questionnaire) -> tuple[float, float]:
    """Without the two words of the title."""
    title = 2 * 60 / WORDS_A_MINUTE
    short, long = expected_minutes(questionnaire)
    return round(short * 60 - title, 6), round(long * 60 - title, 6)


def test_words_are_read_at_the_published_speed() -> None:
    text = Info(id="i", text="word " * WORDS_A_MINUTE)
    assert seconds(asking(text)) == (60, 60)
    halves = section("a", Info(id="i", text="word " * 119), title="word " * 119)
    assert seconds(in_sections(halves)) == (60, 60)
    options = choice("q", "a", "b", text="")
    read = 2 * 60 / WORDS_A_MINUTE + answering_seconds(options)
    assert seconds(asking(options)) == (round(read, 6), round(read, 6))


@pytest.mark.parametrize("kind", list(TYPES))
def test_every_type_takes_its_time(kind: str) -> None:
    named = {"scale": SCALE} if kind in ("rating", "matrix") else {}
    row = (Option(code="a", label="A"),)
    named |= {"rows": row} if kind == "matrix" else {}
    named |= {"options": row} if kind in ("ranking", "constant_sum") else {}
    taken = answering_seconds(TYPES[kind](id="q", **named))
    assert taken == 0 if kind == "info" else 2 < taken < 60


def test_more_to_answer_takes_longer() -> None:
    rows = tuple(Option(code=code, label=code) for code in "abcdef")
    one = Rating(id="q", scale=SCALE)
    assert answering_seconds(Matrix(id="q", rows=rows, scale=SCALE)) > answering_seconds(one)
    short, long = Text(id="q", lines=1), Text(id="q", lines=4)
    assert answering_seconds(long) > answering_seconds(short)
    several, single = choice("q", "a", "b", multiple=True), choice("q", "a", "b")
    assert answering_seconds(several) > answering_seconds(single)


def test_branches_that_exclude_each_other_are_not_added_up() -> None:
    first = rating("q1", text="", required=True)
    sad = Text(id="q2", text="", show_if={"question": "q1", "at_most": 2})
    glad = rating("q3", text="", show_if={"question": "q1", "at_least": 4})
    assert seconds(asking(first, sad, glad)) == (4, 4 + 35)


def test_where_one_of_two_branches_must_be_taken_the_short_path_takes_the_shorter() -> None:
    first = rating("q1", text="", required=True)
    sad = Text(id="q2", text="", show_if={"question": "q1", "at_most": 2})
    glad = rating("q3", text="", show_if={"question": "q1", "more_than": 2})
    assert seconds(asking(first, sad, glad)) == (4 + 4, 4 + 35)


def test_a_section_under_a_condition_counts_as_one_branch() -> None:
    asked = [rating(f"r{number}", text="") for number in range(10)]
    shown = {"question": "q1", "at_least": 4}
    sections = (
        section("a", rating("q1", text="", required=True)),
        section("b", *asked, show_if=shown),
        section("c", Text(id="t", text=""), show_if={"question": "q1", "at_most": 3}),
    )
    assert seconds(in_sections(*sections)) == (4 + 35, 4 + 40)
