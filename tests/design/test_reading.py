"""Files from anywhere: read as plain data or refused with their place, and never in long time."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.design.reading import read_document


@pytest.mark.parametrize(
    ("source", "document"),
    [
        ("a: 1", {"a": 1}),
        (b"\xef\xbb\xbfa: \xc3\xa9", {"a": "é"}),
        ('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        ("{a: b}", {"a": "b"}),
        ("1: {5: very good}", {"1": {"5": "very good"}}),
        ("a: 2021-02-28T12:00", {"a": "2021-02-28T12:00"}),
        ("base: &b {x: 1}\nc: {<<: *b, y: 2}", {"base": {"x": 1}, "c": {"x": 1, "y": 2}}),
    ],
)
def test_yaml_and_json_become_plain_data(source: str | bytes, document: dict[str, Any]) -> None:
    assert read_document(source) == (document, [])


def nested(levels: int) -> str:
    return '{"a":' + "[" * levels + "]" * levels + "}"


def bomb(levels: int, width: int) -> str:
    lines = ["a0: &a0 [x]"]
    lines += [
        f"a{level}: &a{level} [" + ",".join([f"*a{level - 1}"] * width) + "]"
        for level in range(1, levels)
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("source", "place", "code"),
    [
        ("", "file", "empty_file"),
        ("- 1", "line 1", "not_a_mapping"),
        ("a: b: c", "line 1, column 5", "syntax"),
        ("a: 1\nb: 2\na: 3", "line 3, column 1", "duplicate_key"),
        ('{"a": 1,\n "b": }', "line 2, column 7", "syntax"),
        ('{"a": 1, "a": 2}', "JSON", "duplicate_key"),
        ("1: a\n'1': b", "", "duplicate_key"),
        (b"a: b\nc: \xe9", "line 2", "wrong_encoding"),
        (b"\xff\xfea\x00", "file", "wrong_encoding"),
        ("a: b\nc: \0", "line 2", "nul"),
        ('a: "\\0"', "a", "bad_character"),
        ('{"a": {"b": "\\ud800"}}', "a, b", "bad_character"),
        ("a: \x07", "file", "syntax"),
        ("a: b\n---\nc: d", "line 2, column 1", "syntax"),
        ("a: .nan", "a", "too_large"),
        ('{"a": 1e999}', "a", "too_large"),
        ('{"a": NaN}', "a", "too_large"),
        ("a: " + "9" * 5000, "file", "too_large"),
        ("a: 0x" + "f" * 5000, "a", "too_large"),
        ("no: 1", "", "bad_key"),
        ("? [a]\n: b", "line 1, column 3", "syntax"),
        ("a: !!binary aGFsbG8=", "a", "not_plain"),
        ("a: !!python/object/apply:os.system [x]", "line 1, column 4", "syntax"),
        ("a: &a [*a]", "line 1, column 4", "alias"),
        (nested(40), "file", "too_deep"),
        (nested(400_000), "file", "too_deep"),
        ("a: " + "[" * 400_000, "file", "too_deep"),
        (bomb(40, 1), "file", "too_deep"),
        (b"a" * (1024 * 1024 + 1), "file", "file_too_large"),
    ],
)
def test_what_cannot_be_read_has_its_place_and_code(
    source: str | bytes, place: str, code: str
) -> None:
    document, problems = read_document(source)
    assert document is None
    assert [(problem.place, problem.code) for problem in problems] == [(place, code)]
    assert problems[0].message.endswith(".")


@pytest.mark.parametrize("source", [bomb(9, 10), bomb(2000, 9), "a: [" + "x, " * 300_000 + "]"])
def test_a_bomb_is_refused_before_it_grows(source: str) -> None:
    began = time.process_time()
    document, problems = read_document(source)
    assert document is None
    assert [problem.code for problem in problems] == ["too_many_entries"]
    assert time.process_time() - began < 10


@given(st.one_of(st.text(), st.binary()))
def test_no_input_is_a_surprise(source: str | bytes) -> None:
    document, problems = read_document(source)
    assert (document is None) == bool(problems)
    for problem in problems:
        assert str(problem).encode()
