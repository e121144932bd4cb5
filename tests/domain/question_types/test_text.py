"""Texts: kept exactly as typed, refused only where nothing could keep them."""

from __future__ import annotations

import pytest

from survey_app.domain.problems import Problem
from survey_app.domain.question_types.text import Text

COMMENT = Text(id="q4", longest=20)


@pytest.mark.parametrize(
    "typed",
    ["  two spaces  ", "👩🏽‍🚒 great", "\u202eright to left", "=1+1", "<b>&amp;", "é", "\x07"],
)
def test_text_is_kept_exactly(typed: str) -> None:
    assert COMMENT.read([typed]) == typed


def test_line_ends_become_newlines() -> None:
    assert COMMENT.read(["a\r\nb\rc\nd"]) == "a\nb\nc\nd"


def test_the_length_is_counted_after_line_ends_became_newlines() -> None:
    assert COMMENT.read(["\r\n" * 9 + "x" * 11]) == "\n" * 9 + "x" * 11


@pytest.mark.parametrize("values", [[], [""], [" \r\n\t"]])
def test_blank_text_is_no_answer(values: list[str]) -> None:
    assert COMMENT.read(values) is None


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (["x" * 21], "too_long"),
        (["a\0b"], "bad_character"),
        (["a\ud83d"], "bad_character"),
        (["a", "b"], "several_values"),
    ],
)
def test_what_cannot_be_kept_is_refused(values: list[str], code: str) -> None:
    problem = COMMENT.read(values)
    assert isinstance(problem, Problem)
    assert (problem.place, problem.code) == ("q4", code)
    assert problem.message.encode("utf-8")


@pytest.mark.parametrize(
    ("lines", "longest", "codes"),
    [
        (1, 1, []),
        (50, 20_000, []),
        (0, 20_001, ["bad_length", "bad_height"]),
        (51, 0, ["bad_length", "bad_height"]),
    ],
)
def test_sizes_have_limits(lines: int, longest: int, codes: list[str]) -> None:
    question = Text(id="q4", lines=lines, longest=longest)
    assert [problem.code for problem in question.check()] == codes
