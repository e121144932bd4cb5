"""Matrices: each row is an item of its own, rated on one scale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Rating, Scale
from tests.domain.question_types.refusing import codes_of, refuses_strange_texts

ROWS = (Option(code="speed", label="Speed"), Option(code="care", label="Care"))
SCALE = Scale(lowest=1, highest=5)
MATRIX = Matrix(id="m", rows=ROWS, scale=SCALE, required=True, missing=("refused",), kpi="service")


def test_rows_are_ratings_that_carry_what_the_matrix_wants() -> None:
    assert MATRIX.items[0] == Rating(
        id="m.speed",
        text="Speed",
        required=True,
        missing=("refused",),
        kpi="service",
        scale=SCALE,
    )
    assert MATRIX.field_names == ("m.speed", "m.care")
    assert MATRIX.read(["3"]) is None
    for item in MATRIX.items:
        refuses_strange_texts(item)


@pytest.mark.parametrize(
    ("codes", "problems"),
    [
        (["a"], []),
        ([], [("rows", "too_few_rows")]),
        (["a", "A"], [("rows", "duplicate_code")]),
        (["a.b"], [('row 1 "a.b"', "bad_code")]),
        (["a b"], [('row 1 "a b"', "bad_code")]),
        (["ä"], [('row 1 "ä"', "bad_code")]),
        (["a\n"], [('row 1 "a�"', "bad_code")]),
        (["a__missing"], [('row 1 "a__missing"', "bad_code")]),
        (["a__other"], [('row 1 "a__other"', "bad_code")]),
        (["a__shown"], [('row 1 "a__shown"', "bad_code")]),
    ],
)
def test_codes_of_rows_can_name_items(codes: list[str], problems: list[tuple[str, str]]) -> None:
    rows = tuple(Option(code=code, label="Row") for code in codes)
    assert codes_of(replace(MATRIX, rows=rows)) == problems


def test_the_scale_is_checked() -> None:
    assert codes_of(replace(MATRIX, scale=Scale(lowest=5, highest=1))) == [
        ("scale", "reversed_scale")
    ]
