"""Files: what is kept of one is small, sound, and of a kind that was asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from survey_app.domain.question_types.file import File
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

QUESTION = File(id="q1")
SENT = {"id": "a1", "name": "Größe.pdf", "size": 5, "type": "application/pdf"}


def test_what_was_sent_is_kept_with_its_keys_in_one_order() -> None:
    assert posted(QUESTION, q1=[json.dumps(SENT)]) == {"value": SENT}
    turned = dict(reversed(SENT.items()))
    read = QUESTION.read([json.dumps(turned)])
    assert isinstance(read, dict)
    assert list(read) == ["id", "name", "size", "type"]
    assert posted(QUESTION, q1=[""]) == {"missing": "skipped"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"id": 5}, "not_a_file"),
        ({"id": ""}, "not_a_file"),
        ({"id": "x" * 101}, "not_a_file"),
        ({"id": "a\0"}, "not_a_file"),
        ({"name": None}, "not_a_file"),
        ({"name": "\ud800.pdf"}, "not_a_file"),
        ({"name": "x" * 256}, "not_a_file"),
        ({"size": "5"}, "not_a_file"),
        ({"size": True}, "not_a_file"),
        ({"size": -1}, "not_a_file"),
        ({"size": 5.5}, "not_a_file"),
        ({"size": float("nan")}, "not_a_file"),
        ({"type": ["application/pdf"]}, "not_a_file"),
        ({"more": 1}, "not_a_file"),
        ({"size": 0}, "empty_file"),
        ({"size": 11 * 1024 * 1024}, "file_too_large"),
        ({"type": "text/html"}, "wrong_kind"),
        ({"type": "image/svg+xml"}, "wrong_kind"),
        ({"type": ""}, "wrong_kind"),
    ],
)
def test_what_did_not_come_from_the_upload_is_refused(changed: dict[str, Any], code: str) -> None:
    assert code_of(QUESTION.read([json.dumps({**SENT, **changed})])) == code


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, "null", "{}", "a"])
def test_endless_and_empty_json_is_refused(text: str) -> None:
    assert code_of(QUESTION.read([text])) == "not_a_file"


def test_strange_texts_are_no_files() -> None:
    refuses_strange_texts(QUESTION)
    keeps_or_refuses(QUESTION)
    assert code_of(QUESTION.read([json.dumps(SENT)] * 2)) == "several_values"


@pytest.mark.parametrize(
    ("size", "media_type", "code"),
    [
        (0, "image/png", "empty_file"),
        (10 * 1024 * 1024 + 1, "image/png", "file_too_large"),
        (1, "video/mp4", "wrong_kind"),
        (1, "", "wrong_kind"),
    ],
)
def test_an_upload_is_refused_by_its_name(size: int, media_type: str, code: str) -> None:
    assert QUESTION.check_upload("a.png", 10 * 1024 * 1024, "image/png") is None
    assert code_of(QUESTION.check_upload("\u202egnp.a\ud800", size, media_type)) == code


@pytest.mark.parametrize(
    ("keys", "problems"),
    [
        ({}, []),
        ({"kinds": ()}, [("kinds", "no_kinds")]),
        ({"megabytes": 0}, [("megabytes", "bad_size")]),
        ({"megabytes": 26}, [("megabytes", "bad_size")]),
    ],
)
def test_kinds_and_size_are_sensible(keys: Any, problems: list[tuple[str, str]]) -> None:
    assert codes_of(replace(QUESTION, **keys)) == problems
