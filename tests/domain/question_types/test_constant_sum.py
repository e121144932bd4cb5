"""Constant sums: whole shares that add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from survey_app.domain.problems import Problem
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.options import Option
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

OPTIONS = (Option(code="a", label="A"), Option(code="b=1", label="B"), Option(code="c", label="C"))
SUM = ConstantSum(id="q1", options=OPTIONS)


@pytest.mark.parametrize(
    ("shares", "answer"),
    [
        (["60", "40", "0"], {"value": {"a": 60, "b=1": 40, "c": 0}}),
        (["60", "40", ""], {"value": {"a": 60, "b=1": 40, "c": 0}}),
        (["٦٠", "４０", " "], {"value": {"a": 60, "b=1": 40, "c": 0}}),
        (["100.0", "-0", ""], {"value": {"a": 100, "b=1": 0, "c": 0}}),
        (["", "", ""], {"missing": "skipped"}),
        (["0", "0", "0"], ["wrong_total"]),
        (["60", "41", ""], ["wrong_total"]),
        (["60", "", ""], ["wrong_total"]),
        (["110", "-10", ""], ["share_outside"]),
        (["-1", "", ""], ["share_outside"]),
        (["50.5", "49.5", ""], ["not_whole"]),
        (["50,5", "", ""], ["decimal_comma"]),
        (["50%", "", ""], ["not_a_number"]),
        (["1e309", "", ""], ["too_large"]),
        (["9" * 5000, "", ""], ["too_large"]),
    ],
)
def test_shares_add_up_to_the_total(shares: list[str], answer: Any) -> None:
    fields = {f"q1.{option.code}": [share] for option, share in zip(OPTIONS, shares, strict=True)}
    assert posted(SUM, **fields) == answer


def test_what_is_missing_to_the_total_is_said() -> None:
    for given, told in [
        ("50", "Your numbers add up to 110: 10 too many. They should make 100."),
        ("30", "Your numbers add up to 90: 10 are left. They should make 100."),
    ]:
        read = SUM.collect({"q1.a": ["60"], "q1.c": [given]})
        assert isinstance(read, Problem)
        assert read.message == told


def test_one_option_has_one_share() -> None:
    assert posted(SUM, **{"q1.a": ["50", "50"]}) == ["several_values"]
    assert posted(SUM, **{"q1.z": ["100"]}) == ["unknown_question"]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("a=60|b=1=40", {"a": 60, "b=1": 40, "c": 0}),
        (" a = 60 | b=1 = ٤٠ |", {"a": 60, "b=1": 40, "c": 0}),
        ("", None),
        ("a=60|a=40", "several_values"),
        ("z=100", "unknown_option"),
        ("100", "unknown_option"),
        ("a=", "empty"),
        ("a=60", "wrong_total"),
    ],
)
def test_a_cell_has_the_code_before_its_share(cell: str, read: Any) -> None:
    found = SUM.read(SUM.split_cell(cell))
    assert (code_of(found) if isinstance(found, Problem) else found) == read


def test_strange_texts_are_no_shares() -> None:
    refuses_strange_texts(SUM)
    keeps_or_refuses(SUM)
    keeps_or_refuses(replace(SUM, total=3))


def test_something_is_shared_out_among_two() -> None:
    assert codes_of(SUM) == []
    assert codes_of(replace(SUM, total=0)) == [("total", "bad_total")]
    assert codes_of(replace(SUM, options=OPTIONS[:1])) == [("options", "too_few_options")]
