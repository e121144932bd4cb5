"""Forms of questions: what a draft holds is shown, and comes back as it was."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from survey_app.db import db
from survey_app.design.models import Questionnaire
from survey_app.design.question_forms import KINDS, NAMES, QUESTION_FORMS
from survey_app.design.question_forms.lines import (
    CHOICE_MARKS,
    PLAIN_MARKS,
    read_options,
    read_words,
    write_options,
    write_words,
)
from survey_app.design.writing import write_yaml
from survey_app.domain.question_types import TYPES
from tests.factories.every_type import OWN, of_every_type, question
from tests.factories.pages import fields_of

ONE = "/design/every_type/sections/1/questions/"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)
OPTIONS = st.lists(
    st.fixed_dictionaries(
        {"code": ANY_TEXT, "label": ANY_TEXT},
        optional={"other": st.just(True), "exclusive": st.just(True), "fixed": st.just(True)},
    )
)


@pytest.fixture
def manager(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return signed_in("manager")


@pytest.fixture
def begin(app: Flask, manager: FlaskClient) -> Callable[[dict[str, Any]], FlaskClient]:
    """Upload a definition; the client that may change it."""

    def upload(definition: dict[str, Any]) -> FlaskClient:
        data = {"file": (io.BytesIO(write_yaml(definition).encode()), "q.yaml")}
        answer = manager.post("/design/upload", data=data)
        assert answer.status_code == 302, answer.text
        return manager

    return upload


def draft(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return db.session.query(Questionnaire).one().draft


def test_every_type_has_a_form_a_name_and_a_test() -> None:
    assert list(QUESTION_FORMS) == list(TYPES)
    assert NAMES.keys() == OWN.keys() == TYPES.keys()
    assert sum(map(len, KINDS.values())) == len(NAMES)


@pytest.mark.parametrize("kind", TYPES)
def test_all_that_a_type_knows_is_in_its_test(kind: str) -> None:
    known = set(TYPES[kind].definition().fields) - {"show_if"}
    known -= {"required", "missing", "kpi"} if kind == "info" else set()
    assert question(kind).keys() == known


def test_what_is_shown_and_saved_is_what_was_there(
    app: Flask, begin: Callable[[dict[str, Any]], FlaskClient]
) -> None:
    manager = begin(of_every_type())
    before = draft(app)
    for number, kind in enumerate(TYPES, start=1):
        fields = fields_of(manager.get(f"{ONE}{number}").text)
        answer = manager.post(f"{ONE}{number}", data=fields)
        assert answer.status_code == 302, (kind, answer.text)
        assert draft(app) == before, kind


def test_keys_that_no_form_shows_stay(
    app: Flask, begin: Callable[[dict[str, Any]], FlaskClient]
) -> None:
    definition = of_every_type()
    condition = {"not": {"question": "rating", "at_least": 4}}
    for asked in definition["sections"][0]["questions"][1:]:
        asked["show_if"] = condition
    definition["sections"][0]["questions"][1]["look"] = "stars"
    manager = begin(definition)
    before = draft(app)
    for number in range(1, len(TYPES) + 1):
        fields = fields_of(manager.get(f"{ONE}{number}").text) | {"text": ["Changed?"]}
        assert manager.post(f"{ONE}{number}", data=fields).status_code == 302
    for asked in before["sections"][0]["questions"]:
        asked["text"] = "Changed?"
    assert draft(app) == before


@pytest.mark.parametrize("kind", TYPES)
def test_a_new_question_needs_little(app: Flask, manager: FlaskClient, kind: str) -> None:
    manager.post("/design/new", data={"title": "Visit", "key": "visit"})
    chooser = manager.get("/design/visit/sections/1/new").text
    address = f"/design/visit/sections/1/new/{kind}"
    assert f'href="{address}"' in chooser
    fields = fields_of(manager.get(address).text) | {"text": ["How?"]}
    for name, typed in (("options", "a\nb"), ("rows", "a"), ("statement", "Yes")):
        if name in fields:
            fields[name] = [typed]
    answer = manager.post(address, data=fields)
    assert answer.status_code == 302, answer.text
    (asked,) = draft(app)["sections"][0]["questions"]
    assert (asked["id"], asked["type"], asked["text"]) == ("q1", kind, "How?")
    assert "Before you can publish" not in manager.get("/design/visit").text


BAD = [
    ("rating", {"text": " "}, "Write what is asked."),
    ("rating", {"lowest": "one"}, "Write a whole number in digits, like 5."),
    ("rating", {"highest": ""}, "Write the highest point, such as 5."),
    ("rating", {"anchors": "1 = a\n1 = b"}, "Line 2: &#34;1&#34; stands on line 1 already."),
    ("rating", {"anchors": "best = a"}, "An anchor stands at a whole number"),
    ("matrix", {"rows": ""}, "Write at least one row"),
    ("matrix", {"rows": "a = A\n\nA = B"}, "Line 3: &#34;A&#34; stands on line 1 already."),
    ("choice", {"options": "a = A\n = B\nc ="}, "Line 2: A code needs at least one character"),
    ("choice", {"options": "a = A\n = B\nc ="}, "Line 3: The option has no label."),
    ("choice", {"text": "", "options": "x" * 65}, "Line 1: code: "),
    ("choice", {"text": "", "options": "x" * 65}, "Write what is asked."),
    ("choice", {"options": "\n"}, "Write the options, one a line"),
    ("choice", {"least": "1.5"}, "Write a whole number in digits"),
    ("number", {"lowest": "nan"}, "Write a number with a decimal point"),
    ("number", {"highest": "1e300"}, "is beyond 1000000000000000"),
    ("date", {"earliest": "31.12.2026"}, "Write it like 2026-07-31."),
    ("duration", {"units": []}, "Tick at least one unit"),
    ("text", {"room": "long", "lines": "1"}, "Give a long answer 2 lines or more"),
    ("consent", {"statement": ""}, "Write what is agreed to"),
    ("file", {"kinds": []}, "Tick at least one kind of file"),
    ("time", {"id": ""}, "Give it an id, such as q1."),
    ("time", {"kpi": "x" * 65}, "Shorten it to 64 or fewer."),
]


@pytest.mark.parametrize(("kind", "typed", "said"), BAD)
def test_what_cannot_be_kept_is_told_and_what_was_typed_stays(
    app: Flask,
    begin: Callable[[dict[str, Any]], FlaskClient],
    kind: str,
    typed: dict[str, Any],
    said: str,
) -> None:
    manager = begin(of_every_type())
    before = draft(app)
    address = f"{ONE}{list(TYPES).index(kind) + 1}"
    fields = fields_of(manager.get(address).text) | {"help": "Typed, and not lost"} | typed
    answer = manager.post(address, data=fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Typed, and not lost" in answer.text
    assert draft(app) == before


def test_a_decimal_comma_is_taken(
    app: Flask, begin: Callable[[dict[str, Any]], FlaskClient]
) -> None:
    manager = begin(of_every_type())
    address = f"{ONE}{list(TYPES).index('number') + 1}"
    fields = fields_of(manager.get(address).text) | {"lowest": ["0,25"]}
    assert manager.post(address, data=fields).status_code == 302
    changed = next(
        asked for asked in draft(app)["sections"][0]["questions"] if asked["type"] == "number"
    )
    assert changed["lowest"] == 0.25


@given(OPTIONS)
def test_any_options_can_be_written_as_lines(options: list[dict[str, Any]]) -> None:
    assert read_options(write_options(options, CHOICE_MARKS), CHOICE_MARKS) == options
    plain = [{key: option[key] for key in ("code", "label")} for option in options]
    assert read_options(write_options(plain).replace("\n", "\r\n")) == plain
    assert read_options(write_options(plain, PLAIN_MARKS), PLAIN_MARKS) == plain


def test_what_keeps_its_place_is_marked_in_all_lists(
    app: Flask, begin: Callable[[dict[str, Any]], FlaskClient]
) -> None:
    definition = json.loads(json.dumps(of_every_type()))
    for asked in definition["sections"][0]["questions"]:
        for held in (asked.get("options"), asked.get("rows")):
            if held:
                held[0]["fixed"] = True
    manager = begin(definition)
    before = draft(app)
    for kind, name in (("matrix", "rows"), ("choice", "options"), ("ranking", "options")):
        address = f"{ONE}{list(TYPES).index(kind) + 1}"
        fields = fields_of(manager.get(address).text)
        assert fields[name][0].split("\n")[0].endswith(" [fixed]")
        assert manager.post(address, data=fields).status_code == 302
    assert draft(app) == before


@given(st.dictionaries(st.integers(-9, 99).map(str), ANY_TEXT))
def test_any_words_can_be_written_as_lines(anchors: dict[str, str]) -> None:
    assert dict(read_words(write_words(anchors))) == anchors


def test_lines_read_as_people_write_them() -> None:
    typed = 'shop=In the shop\n\n phone \nx = "Yes" [other]\nnone = None [alone] [other]\nq = a [b]'
    assert read_options(typed, CHOICE_MARKS) == [
        {"code": "shop", "label": "In the shop"},
        {"code": "phone", "label": "phone"},
        {"code": "x", "label": '"Yes"', "other": True},
        {"code": "none", "label": "None", "other": True, "exclusive": True},
        {"code": "q", "label": "a [b]"},
    ]
    assert (
        write_options(read_options("a = A [other]", CHOICE_MARKS), CHOICE_MARKS) == "a = A [other]"
    )
