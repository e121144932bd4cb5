from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from survey_app.api.bodies import read_json
from survey_app.domain.problems import Refused
from tests.factories.machines import add_machine


@pytest.mark.parametrize(
    ("sent", "code", "place"),
    [
        (b"{", "syntax", "body"),
        (b"", "syntax", "body"),
        (b'{"a": NaN}', "syntax", "body"),
        (b'"\xff"', "encoding", "body"),
        (b'{"a": {"b": ["x", "\\u0000"]}}', "bad_character", "a.b.1"),
        (b'{"a": "\\ud800"}', "bad_character", "a"),
        (b"[" * 100_000, "too_deep", "body"),
        (b"9" * 5000, "syntax", "body"),
    ],
)
def test_what_is_no_json_or_cannot_be_stored_is_told(sent: bytes, code: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        read_json(sent)
    assert refused.value.status == 400
    assert [(one.code, one.place) for one in refused.value.problems] == [(code, place)]


def test_json_is_read() -> None:
    assert read_json('{"a": [1, null, "ü"]}'.encode()) == {"a": [1, None, "ü"]}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"email": 1}, "email"),
        ({}, "email"),
        ({"email": "a@example.org", "emial": "x"}, "emial"),
        ({"email": "a@example.org", "attributes": {"unit": "x"}}, "attributes.unit.key"),
        ([], ""),
    ],
)
def test_a_body_is_taken_as_its_schema_says_and_nothing_beside_it(
    app: Flask, body: Any, place: str
) -> None:
    answer = add_machine(app).send("POST", "/contacts", body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [problem["place"] for problem in answer.json["problems"]] == [place]


def test_what_is_not_sent_as_json_is_refused(app: Flask) -> None:
    machine = add_machine(app)
    answer = machine.client.post(
        "/api/v1/contacts",
        data='{"email": "a@example.org"}',
        content_type="text/plain",
        headers={"Authorization": f"Bearer {machine.secret}"},
    )
    assert answer.status_code == 415
