"""Conditions as lines of a form and in words."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from survey_app.db import db
from survey_app.design.condition_words import say_condition
from survey_app.design.conditions import (
    ALL,
    ALWAYS,
    ANY,
    CONTACT,
    Line,
    earlier_items,
    lines_of,
    read_lines,
    values_of,
)
from survey_app.design.models import Questionnaire
from survey_app.design.writing import write_yaml
from survey_app.domain.condition_fields import ConditionField
from survey_app.domain.questionnaire import Questionnaire as Loaded
from survey_app.domain.wire import load_definition
from tests.factories.every_type import of_every_type, question
from tests.factories.pages import fields_of


def loaded(**changed: Any) -> Loaded:
    read, problems = load_definition(of_every_type(**changed))
    assert read is not None, problems
    return read


ITEMS = earlier_items(loaded(), 2)


def line(subject: str, operator: str, value: str = "", attribute: str = "") -> Line:
    return Line(subject, attribute, operator, value)


READ = [
    (line("rating", "at_least", "4"), {"question": "rating", "at_least": 4}),
    (line("matrix.speed", "equals", "3"), {"question": "matrix.speed", "equals": 3}),
    (line("number", "more_than", "2,5"), {"question": "number", "more_than": 2.5}),
    (line("duration", "less_than", "90.0"), {"question": "duration", "less_than": 90}),
    (line("nps", "one_of", "9, 10"), {"question": "nps", "one_of": [9, 10]}),
    (line("choice", "includes", "shop"), {"question": "choice", "includes": "shop"}),
    (line("choice", "includes", "in the SHOP"), {"question": "choice", "includes": "shop"}),
    (line("yes_no", "equals", "Yes"), {"question": "yes_no", "equals": "yes"}),
    (line("consent", "equals", "given"), {"question": "consent", "equals": "given"}),
    (line("date", "at_most", "2026-03-01"), {"question": "date", "at_most": "2026-03-01"}),
    (line("time", "at_least", "9:05"), {"question": "time", "at_least": "09:05"}),
    (line("text", "equals", "4"), {"question": "text", "equals": "4"}),
    (line("file", "answered"), {"question": "file", "answered": True}),
    (line("text", "unanswered"), {"question": "text", "answered": False}),
    (
        line(CONTACT, "one_of", "gold,silver", "segment"),
        {"contact": "segment", "one_of": ["gold", "silver"]},
    ),
    (line(CONTACT, "equals", "18", "age"), {"contact": "age", "equals": "18"}),
    (line(CONTACT, "at_least", "18", "age"), {"contact": "age", "at_least": 18}),
]


@pytest.mark.parametrize(("typed", "wanted"), READ)
def test_a_line_becomes_a_comparison(typed: Line, wanted: dict[str, Any]) -> None:
    assert read_lines(ALL, [typed], ITEMS) == (wanted, [])
    assert ConditionField().deserialize(wanted) == wanted


REFUSED = [
    (line("rating", "at_least", "four"), "line 1, rating is answered with numbers: "),
    (line("choice", "includes", "shp"), 'Did you mean "shop"? Use one of: "shop", '),
    (line("date", "at_most", "1.3.2026"), "Write it like 2026-07-31."),
    (line("time", "at_most", "25:00"), "not a time of day"),
    (line("rating", "equals"), "Write what it is compared with."),
    (line("nowhere", "equals", "1"), "Choose an earlier question."),
    (line(CONTACT, "equals", "1"), "Name what is known of the contact"),
    (line("file", "equals", "1"), "only “is answered”"),
    (line("rating", "one_of", "1, x"), "rating is answered with numbers"),
    (line("", "equals"), "in one line or more"),
]


@pytest.mark.parametrize(("typed", "said"), REFUSED)
def test_a_line_that_cannot_be_compared_is_told(typed: Line, said: str) -> None:
    condition, problems = read_lines(ANY, [typed], ITEMS)
    assert condition is None
    assert said in str(problems[0])


def test_several_lines_are_a_list_and_always_is_none() -> None:
    lines = [line("rating", "at_least", "4"), line("", "equals"), line("text", "answered")]
    read, problems = read_lines(ANY, lines, ITEMS)
    assert read == {
        "any": [{"question": "rating", "at_least": 4}, {"question": "text", "answered": True}]
    }
    assert read_lines(ALWAYS, lines, ITEMS) == (None, [])
    assert problems == []


def test_two_answers_are_compared_where_that_is_offered() -> None:
    typed = line("rating", "at_least", "= nps")
    wanted = {"question": "rating", "at_least": {"question": "nps"}}
    assert read_lines(ALL, [typed], ITEMS, with_answers=True) == (wanted, [])
    assert lines_of(wanted) is None
    assert lines_of(wanted, True) == (ALL, [line("rating", "at_least", "=nps")])
    for wrong in (line("rating", "equals", "=nsp"), line("rating", "one_of", "=nps")):
        assert read_lines(ALL, [wrong], ITEMS, with_answers=True)[1]


LEAVES = st.one_of(
    *(
        st.fixed_dictionaries({**subject, operator: operand})
        for subject in (
            {"question": st.sampled_from(["rating", "choice", "gone"])},
            {"contact": st.text(min_size=1, max_size=5)},
        )
        for operator, operand in (
            ("equals", st.text(max_size=6) | st.integers() | st.floats(-9, 9)),
            ("at_least", st.integers(-9, 9) | st.just({"question": "nps"})),
            ("one_of", st.lists(st.text(max_size=4) | st.integers(), min_size=1, max_size=3)),
            ("answered", st.booleans()),
        )
    )
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=6)})
        | st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=6)})
        | st.fixed_dictionaries({"not": inner})
    ),
    max_leaves=8,
)


@given(CONDITIONS, st.booleans())
def test_what_lines_show_and_nobody_changes_stays(
    condition: dict[str, Any], with_answers: bool
) -> None:
    shown = lines_of(condition, with_answers)
    if shown is None:
        return
    how, lines = shown
    assert read_lines(how, lines, ITEMS, condition, with_answers) == (condition, [])
    # Beside a line that is new the others stay as well.
    if len(lines) < 5:
        new = line("rating", "at_least", "1")
        read, problems = read_lines(how, [*lines, new], ITEMS, condition, with_answers)
        assert problems == []
        assert read is not None
        parts = next((condition[group] for group in ("all", "any") if group in condition), None)
        kept = [condition] if parts is None else parts
        # One and the same line twice stays one and the same.
        assert len(read[how]) == len(lines) + 1
        assert read[how][:-1] == kept or len(set(lines)) < len(lines)


@given(CONDITIONS)
def test_every_condition_has_words(condition: dict[str, Any]) -> None:
    assert say_condition(condition, ITEMS)


SAID = [
    ({"question": "rating", "at_least": 4}, "rating is at least 4"),
    ({"question": "choice", "includes": "shop"}, "choice includes “In the shop”"),
    ({"contact": "segment", "one_of": ["a", "b"]}, "the contact’s segment is one of “a”, “b”"),
    ({"question": "rating", "equals": {"question": "nps"}}, "rating is the answer to nps"),
    ({"not": {"question": "text", "answered": False}}, "not (text is not answered)"),
    (
        {
            "all": [
                {"question": "nps", "at_most": 6},
                {"any": [{"question": "yes_no", "equals": "no"}]},
            ]
        },
        "nps is at most 6 and (yes_no is “No”)",
    ),
]


@pytest.mark.parametrize(("condition", "words"), SAID)
def test_conditions_in_words(condition: dict[str, Any], words: str) -> None:
    assert say_condition(condition, ITEMS) == words


def test_only_what_is_asked_before_can_be_compared() -> None:
    asked = [question("rating", "q1"), question("matrix", "q2"), question("text", "q3")]
    later = [question("info", "q4"), question("text", "q5"), question("text", "q6")]
    read = loaded(sections=[{"id": "s1", "questions": asked}, {"id": "s2", "questions": later}])
    names = [
        [item.id for item in earlier_items(read, *place)]
        for place in ((1,), (1, 1), (1, 3), (2,), (2, 3), (3,))
    ]
    first = ["q1", "q2.speed", "q2.care"]
    assert names == [
        [],
        [],
        first,
        [*first, "q3"],
        [*first, "q3", "q5"],
        [*first, "q3", "q5", "q6"],
    ]


@pytest.fixture
def manager(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = signed_in("manager")
    asked = [question("rating", "q1"), question("choice", "q2"), question("text", "q3")]
    sections = [{"id": "s1", "questions": asked}, {"id": "s2", "questions": asked[:1]}]
    data = {"file": (io.BytesIO(write_yaml(of_every_type(sections=sections)).encode()), "q.yaml")}
    assert client.post("/design/upload", data=data).status_code == 302
    return client


def draft(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return db.session.query(Questionnaire).one().draft


SECOND = "/design/every_type/sections/1/questions/2"
TYPED = {
    "asked": "all",
    "conditions-0-subject": "q1",
    "conditions-0-operator": "at_most",
    "conditions-0-value": "2",
}


def test_a_question_gets_a_condition_and_loses_it(app: Flask, manager: FlaskClient) -> None:
    page = manager.get(SECOND).text
    assert 'value="q1"' in page
    assert 'value="q3"' not in page
    assert manager.post(SECOND, data=fields_of(page) | TYPED).status_code == 302
    wanted = {"question": "q1", "at_most": 2}
    assert draft(app)["sections"][0]["questions"][1]["show_if"] == wanted
    fields = fields_of(manager.get(SECOND).text)
    assert fields["conditions-0-value"] == ["2"]
    assert manager.post(SECOND, data=fields).status_code == 302
    assert draft(app)["sections"][0]["questions"][1]["show_if"] == wanted
    fields = fields_of(manager.get(SECOND).text) | {"asked": "always"}
    assert manager.post(SECOND, data=fields).status_code == 302
    assert "show_if" not in draft(app)["sections"][0]["questions"][1]


def test_a_new_question_may_have_a_condition_on_all_before(
    app: Flask, manager: FlaskClient
) -> None:
    address = "/design/every_type/sections/1/new/yes_no"
    fields = fields_of(manager.get(address).text) | TYPED | {"text": "And now?"}
    fields |= {"conditions-0-subject": "q3", "conditions-0-operator": "answered"}
    assert manager.post(address, data=fields).status_code == 302
    asked = draft(app)["sections"][0]["questions"][-1]
    assert asked["show_if"] == {"question": "q3", "answered": True}


def test_a_section_has_a_condition_and_an_order(app: Flask, manager: FlaskClient) -> None:
    address = "/design/every_type/sections/2"
    fields = fields_of(manager.get(address).text) | TYPED | {"random": "y", "asked": "any"}
    fields |= {"conditions-1-subject": CONTACT, "conditions-1-attribute": " segment "}
    fields |= {"conditions-1-operator": "equals", "conditions-1-value": "gold"}
    assert manager.post(address, data=fields).status_code == 302
    section = draft(app)["sections"][1]
    assert section["order"] == "random"
    assert section["show_if"] == {
        "any": [{"question": "q1", "at_most": 2}, {"contact": "segment", "equals": "gold"}]
    }
    before = draft(app)
    assert manager.post(address, data=fields_of(manager.get(address).text)).status_code == 302
    assert draft(app) == before


def test_a_condition_that_is_not_sound_is_told_and_stays_typed(
    app: Flask, manager: FlaskClient
) -> None:
    before = draft(app)
    for wrong, said in (
        ({"conditions-0-value": "low"}, "Line 1, q1 is answered with numbers"),
        ({"conditions-0-subject": ""}, "Choose what is compared, in one line or more."),
        ({"conditions-0-subject": "q3"}, "&#34;q3&#34; is not asked before."),
    ):
        answer = manager.post(SECOND, data=fields_of(manager.get(SECOND).text) | TYPED | wrong)
        assert answer.status_code == 422
        assert said in answer.text
        typed = fields_of(answer.text)
        assert typed["asked"] == ["all"]
        assert typed["conditions-0-value"] == [(TYPED | wrong)["conditions-0-value"]]
    assert draft(app) == before


def test_what_lines_cannot_show_is_told_in_words_and_kept(app: Flask, manager: FlaskClient) -> None:
    text = draft(app)
    text["sections"][1]["show_if"] = {"not": {"question": "q1", "at_least": 4}}
    posted = {"text": write_yaml(text), "revision": "1"}
    assert manager.post("/design/every_type/text", data=posted).status_code == 302
    page = manager.get("/design/every_type/sections/2").text
    assert "Only if not (q1 is at least 4)." in page
    posted = fields_of(page) | TYPED | {"title": "Else"}
    assert manager.post("/design/every_type/sections/2", data=posted).status_code == 302
    section = draft(app)["sections"][1]
    assert (section["title"], section["show_if"]) == ("Else", text["sections"][1]["show_if"])


def test_values_are_offered_of_the_item_or_of_all_where_none_is_chosen() -> None:
    by_id = {item.id: item for item in ITEMS}
    assert values_of(by_id["yes_no"]) == {"yes": "Yes", "no": "No"}
    assert values_of(by_id["rating"]) == {
        "1": "good",
        "2": "",
        "3": "",
        "4": "",
        "5": "bad = not good",
    }
    assert values_of(by_id["number"]) == values_of(by_id["text"]) == {}


def test_a_line_offers_the_values_of_its_question(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    manager = signed_in("manager")
    sections = of_every_type()["sections"]
    condition = {"question": "yes_no", "equals": "no"}
    asked = {"id": "q1", "type": "text", "text": "Why?", "show_if": condition}
    sections = [*sections, {"id": "more", "questions": [asked]}]
    source = write_yaml(of_every_type(sections=sections)).encode()
    manager.post("/design/upload", data={"file": (io.BytesIO(source), "q.yaml")})
    page = manager.get("/design/every_type/sections/2/questions/1").text
    assert '<datalist id="values-1"><option value="yes">Yes</option>' in page
    assert '<option value="shop">choice: In the shop, ranking: In the shop' in page
    assert page.count('list="values-1"') == 1
    assert page.count('list="values-2"') == 4
    assert "(in seconds)" in page
    assert '<optgroup label="Where several may be chosen">' in page
