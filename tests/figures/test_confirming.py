from __future__ import annotations

import base64
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.problems import Problem
from survey_app.domain.tables import LARGEST_FILE
from survey_app.figures.confirming import pack, unpack


@given(st.binary(min_size=1))
def test_a_file_comes_back_as_it_went(data: bytes) -> None:
    packed = pack(data)
    assert isinstance(packed, str)
    assert unpack(packed) == data


@pytest.mark.parametrize("packed", ["", "x", "é", "eJw=", pack(b"") + "", "AAAA"])
def test_a_field_that_holds_no_file_is_told(packed: str) -> None:
    answer = unpack(packed)
    assert isinstance(answer, Problem)
    assert answer.code == "lost"


def test_a_field_that_would_unpack_beyond_the_limit_is_not_unpacked() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(LARGEST_FILE + 1))).decode()
    assert isinstance(unpack(bomb), Problem)


def test_a_file_too_large_for_a_form_is_to_be_split() -> None:
    problem = pack(random.Random(1).randbytes(2_000_000))
    assert isinstance(problem, Problem)
    assert "into 2 files" in problem.message
