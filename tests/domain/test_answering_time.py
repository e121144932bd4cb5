"""How long answering takes: words, types, and the paths through a questionnaire."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.domain.answering_time import (
    WORDS_A_MINUTE,
    answering_seconds,
    expected_minutes,
)
from survey_app.domain.question_types import TYPES
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.file import File
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.yes_no import YesNo
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


SECONDS_BY_TYPE: dict[str, float] = {
    "rating": 4,
    "nps": 4,
    "csat": 4,
    "ces": 4,
    "matrix": 9,
    "choice": 5,
    "yes_no": 3,
    "ranking": 12,
    "constant_sum": 18,
    "number": 7,
    "date": 8,
    "time": 7,
    "duration": 9,
    "text": 35,
    "consent": 4,
    "info": 0,
    "file": 30,
}


@pytest.mark.parametrize("kind", list(TYPES))
def test_every_type_takes_its_time(kind: str) -> None:
    named: dict[str, Any] = {"scale": SCALE} if kind in ("rating", "matrix") else {}
    three = tuple(Option(code=code, label=code) for code in "abc")
    named |= {"rows": three} if kind == "matrix" else {}
    named |= {"options": three} if kind in ("ranking", "constant_sum") else {}
    assert answering_seconds(TYPES[kind](id="q", **named)) == SECONDS_BY_TYPE[kind]


def test_of_a_long_list_a_dozen_labels_are_read_and_the_others_glanced_at() -> None:
    def reading(count: int) -> float:
        options = tuple(Option(code=str(one), label="two words") for one in range(count))
        return seconds(asking(Choice(id="q", options=options)))[1] - 5

    dozen = 24 * 60 / WORDS_A_MINUTE
    assert reading(12) == pytest.approx(dozen, abs=1e-5)
    assert reading(200) == pytest.approx(dozen + 188 * 0.3, abs=1e-5)


@pytest.mark.parametrize(("language", "rate"), [("zh-Hans", 255), ("ja", 357), ("en", 255)])
def test_signs_without_spaces_are_counted_one_by_one(language: str, rate: int) -> None:
    text = asking(Info(id="i", text="您对我们的服务满意吗？ " * 10 + "OK"), language=language)
    expected = 100 * 60 / rate + 11 * 60 / WORDS_A_MINUTE
    assert seconds(text)[1] == pytest.approx(expected, abs=1e-5)
    hangul = asking(Info(id="i", text="우리 서비스"), language="ko")
    assert seconds(hangul)[1] == pytest.approx(2 * 60 / WORDS_A_MINUTE, abs=1e-5)


def test_two_branches_may_take_longer_together_than_the_longest_alone() -> None:
    first = YesNo(id="q1")
    alone, other = ({"question": "q1", "equals": code} for code in ("yes", "no"))
    again = {"all": [{"any": [other, {"question": "q0", "at_least": 5}]}, other]}
    asked = [
        rating("q0", text=""),
        first,
        Text(id="long", text="", show_if=alone),
        File(id="f", text="", show_if=other),
        File(id="g", text="", show_if=again),
    ]
    # 35 seconds exclude 30 and 30 that go together.
    assert seconds(asking(*asked)) == (7, 7 + 60)


def test_what_cannot_be_searched_is_measured_all_the_same() -> None:
    shown = rating("q2", text="", show_if={"question": "gone", "equals": 1})
    assert seconds(asking(rating("q1", text=""), shown)) == (4, 8)


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
