"""Rules between answers: listed, written in a form, removed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db
from survey_app.design.constraints import constraint_at, put_constraint, remove_constraint
from survey_app.design.models import Questionnaire
from survey_app.design.writing import write_yaml
from survey_app.domain.problems import NotFound
from tests.factories.every_type import of_every_type
from tests.factories.pages import fields_of

PAGE = "/design/every_type/rules"
RULES: list[dict[str, Any]] = [
    {
        "must": {"question": "rating", "at_least": {"question": "nps"}},
        "message": "One",
        "at": "nps",
    },
    {
        "must": {
            "any": [{"question": "rating", "at_least": 2}, {"question": "file", "answered": True}]
        },
        "message": "Two\nlines",
    },
    {
        "must": {"not": {"question": "rating", "equals": 3}},
        "message": "Three",
        "at": "matrix.speed",
    },
]
GERMAN = {"constraint.1": "Eins", "constraint.2": "Zwei", "constraint.3": "Drei", "title": "Alles"}


@pytest.fixture
def manager(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = signed_in("manager")
    source = of_every_type(constraints=RULES, translations={"de": GERMAN})
    data = {"file": (io.BytesIO(write_yaml(source).encode()), "q.yaml")}
    assert client.post("/design/upload", data=data).status_code == 302
    return client


def draft(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return db.session.query(Questionnaire).one().draft


def test_rules_are_told_in_words(manager: FlaskClient) -> None:
    page = manager.get(PAGE).text
    assert "rating is at least the answer to nps" in page
    assert "Told at <code>nps</code>" in page
    assert "not (rating is 3)" in page
    assert "3 between answers" in manager.get("/design/every_type").text


def test_an_unchanged_rule_stays_as_it_is(app: Flask, manager: FlaskClient) -> None:
    before = draft(app)
    for number in (1, 2, 3):
        address = f"{PAGE}/{number}"
        assert manager.post(address, data=fields_of(manager.get(address).text)).status_code == 302
    assert draft(app) == before


def test_a_rule_is_added_and_changed(app: Flask, manager: FlaskClient) -> None:
    fields = fields_of(manager.get(f"{PAGE}/new").text)
    fields |= {"conditions-0-subject": ["date"], "conditions-0-operator": ["at_most"]}
    fields |= {"conditions-0-value": ["2026-05-01"], "message": ["Earlier"], "at": ["date"]}
    assert manager.post(f"{PAGE}/new", data=fields).status_code == 302
    must = {"question": "date", "at_most": "2026-05-01"}
    assert draft(app)["constraints"][3] == {"must": must, "message": "Earlier", "at": "date"}
    fields = fields_of(manager.get(f"{PAGE}/4").text) | {
        "conditions-0-value": ["=duration"],
        "at": [""],
    }
    assert manager.post(f"{PAGE}/4", data=fields).status_code == 302
    must = {"question": "date", "at_most": {"question": "duration"}}
    assert draft(app)["constraints"] == [*RULES, {"must": must, "message": "Earlier"}]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"message": ""}, "Write what people are told"),
        ({"conditions-0-subject": ""}, "in one line or more"),
        ({"conditions-0-value": "=nqs"}, "Did you mean &#34;nps&#34;?"),
        ({"revision": "9"}, "nothing was overwritten"),
    ],
)
def test_a_rule_that_is_not_sound_is_told_and_stays_typed(
    app: Flask, manager: FlaskClient, typed: dict[str, str], said: str
) -> None:
    before = draft(app)
    fields = fields_of(manager.get(f"{PAGE}/1").text) | {"at": "time"} | typed
    answer = manager.post(f"{PAGE}/1", data=fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert fields_of(answer.text)["at"] == ["time"]
    assert draft(app) == before


def test_a_rule_is_removed_and_translations_follow_the_others(
    app: Flask, manager: FlaskClient
) -> None:
    assert manager.post(f"{PAGE}/2/remove", data={"revision": "3"}).status_code == 422
    assert manager.post(f"{PAGE}/2/remove", data={"revision": "1"}).status_code == 302
    saved = draft(app)
    assert saved["constraints"] == [RULES[0], RULES[2]]
    assert saved["translations"]["de"] == {
        "constraint.1": "Eins",
        "constraint.2": "Drei",
        "title": "Alles",
    }
    assert manager.post(f"{PAGE}/3/remove", data={"revision": "2"}).status_code == 404
    assert manager.get(f"{PAGE}/3").status_code == 404
    for revision in (2, 3):
        assert manager.post(f"{PAGE}/1/remove", data={"revision": revision}).status_code == 302
    assert "constraints" not in draft(app)
    assert "Rules will be listed here" in manager.get(PAGE).text


def test_rules_are_put_in_place_or_at_the_end() -> None:
    assert put_constraint({}, None, {"message": "a"}) == {"constraints": [{"message": "a"}]}
    assert remove_constraint({"constraints": RULES}, 1) == {"constraints": RULES[1:]}
    for number in (0, 4):
        with pytest.raises(NotFound):
            constraint_at({"constraints": RULES}, number)
