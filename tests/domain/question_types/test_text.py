"""Texts: kept exactly as typed, refused only where nothing could keep them."""

from __future__ import annotations

import pytest

from survey_app.domain.question_types.text import Text
from tests.domain.question_types.refusing import code_of, codes_of, keeps_or_refuses
from tests.domain.strategies import STRANGE

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
        (["x" * 1_000_000], "too_long"),
        (["a", "b"], "several_values"),
    ],
)
def test_what_cannot_be_kept_is_refused(values: list[str], code: str) -> None:
    assert code_of(COMMENT.read(values)) == code


@pytest.mark.parametrize(
    ("lines", "longest", "problems"),
    [
        (1, 1, []),
        (50, 20_000, []),
        (0, 20_001, [("longest", "bad_length"), ("lines", "bad_height")]),
        (51, 0, [("longest", "bad_length"), ("lines", "bad_height")]),
    ],
)
def test_sizes_have_limits(lines: int, longest: int, problems: list[tuple[str, str]]) -> None:
    assert codes_of(Text(id="q4", lines=lines, longest=longest)) == problems


def test_strange_texts_are_texts_like_any_other() -> None:
    keeps_or_refuses(COMMENT)
    for text in STRANGE:
        if text.strip() and len(text) <= 20 and text.isprintable():
            assert COMMENT.read([text]) == text


def test_what_is_compared_is_tried_and_something_else() -> None:
    assert COMMENT.probe(["a", 5, "x" * 21, " "]) == ["a", "5", "b"]
    assert Text(id="q4", longest=0).probe(["a"]) == []
