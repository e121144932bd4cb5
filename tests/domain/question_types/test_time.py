"""Times of day, to the minute."""

from __future__ import annotations

import pytest

from survey_app.domain.question_types.time import Time
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

QUESTION = Time(id="q1")


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("09:30", "09:30"),
        ("9:30", "09:30"),
        (" 9.30 ", "09:30"),
        ("09:30:00", "09:30"),
        ("00:00", "00:00"),
        ("23:59", "23:59"),
        ("٠٩:٣٠", "09:30"),
        ("０９:３０", "09:30"),
    ],
)
def test_hours_and_minutes_are_read(typed: str, time: str) -> None:
    assert posted(QUESTION, q1=[typed]) == {"value": time}


@pytest.mark.parametrize(
    "typed",
    ["24:00", "23:60", "-1:00", "9", "0930", "9:3", "9:30 pm", "09:30:15", "9h30", "09:30\n1"],
)
def test_other_times_are_refused(typed: str) -> None:
    assert code_of(QUESTION.read([typed])) == "not_a_time"


def test_strange_texts_are_no_times() -> None:
    refuses_strange_texts(QUESTION)
    keeps_or_refuses(QUESTION)
    assert code_of(QUESTION.read(["09:30", "10:00"])) == "several_values"
    assert codes_of(QUESTION) == []


def test_the_minutes_beside_what_is_compared_are_tried() -> None:
    assert QUESTION.probe(["09:30", "24:00", 3]) == ["00:00", "09:29", "09:30", "09:31", "23:59"]
    assert QUESTION.probe(["00:00"]) == ["00:00", "00:01", "23:59"]
