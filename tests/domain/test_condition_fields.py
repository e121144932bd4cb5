"""The form of a condition: what is read, and every way to be refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from survey_app.domain.condition_fields import ConditionField, leaves_of, operator_of
from tests.domain.strategies import conditions, laws, questions

FIELD = ConditionField()
LEAF = {"question": "q1", "at_least": 4}


def refused(condition: object) -> str:
    with pytest.raises(ValidationError) as error:
        FIELD.deserialize(condition)
    [said] = error.value.messages
    assert str(said).encode("utf-8")
    assert str(said).endswith((".", "`"))
    return str(said.code)


def nested(depth: int) -> Any:
    condition: Any = LEAF
    for _ in range(depth):
        condition = {"not": condition}
    return condition


@pytest.mark.parametrize(
    "condition",
    [
        LEAF,
        {"question": "m.speed", "equals": "x"},
        {"question": "q1", "one_of": [1, "b"]},
        {"question": "q1", "answered": False},
        {"question": "q1", "more_than": {"question": "q2"}},
        {"contact": "customer since", "less_than": "2024-01-01"},
        {"contact": "größe", "includes": "x"},
        {"all": [LEAF, {"any": [{"not": LEAF}]}]},
        {"question": "q1", "equals": ""},
        {"question": "q1", "equals": 1e15},
        {"question": "q1", "equals": "x" * 500},
        nested(7),
        {"all": [LEAF] * 200},
    ],
)
def test_what_is_well_formed_is_kept(condition: Any) -> None:
    assert FIELD.deserialize(condition) == condition


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (None, "no_value"),
        (5, "not_a_condition"),
        ("q1", "not_a_condition"),
        ([LEAF], "not_a_condition"),
        ({}, "not_a_condition"),
        ({"question": "q1"}, "not_a_condition"),
        ({"at_least": 4}, "not_a_condition"),
        ({"question": "q1", "contact": "a", "equals": 1}, "not_a_condition"),
        ({"question": "q1", "at_least": 1, "at_most": 3}, "not_a_condition"),
        ({"question": "q1", "atleast": 4}, "unknown_operator"),
        ({"question": "q1", 4: 4}, "unknown_operator"),
        ({"question": "q1", "\ud800": 4}, "unknown_operator"),
        ({"question": 1, "at_least": 4}, "not_text"),
        ({"contact": None, "at_least": 4}, "not_text"),
        ({"question": "1q", "at_least": 4}, "bad_id"),
        ({"question": "q1.", "at_least": 4}, "bad_id"),
        ({"question": "q1.a.b", "at_least": 4}, "bad_id"),
        ({"question": "q1\n", "at_least": 4}, "bad_id"),
        ({"question": "q" * 64, "at_least": 4}, "bad_id"),
        ({"contact": "", "at_least": 4}, "bad_name"),
        ({"contact": "x" * 101, "at_least": 4}, "bad_name"),
        ({"contact": "a\0", "at_least": 4}, "bad_name"),
        ({"question": "q1", "answered": "yes"}, "not_a_flag"),
        ({"question": "q1", "answered": 1}, "not_a_flag"),
        ({"question": "q1", "one_of": "ab"}, "not_a_list"),
        ({"question": "q1", "one_of": []}, "not_a_list"),
        ({"question": "q1", "one_of": [1] * 201}, "not_a_list"),
        ({"question": "q1", "one_of": [{"question": "q2"}]}, "not_a_value"),
        ({"question": "q1", "equals": {"contact": "segment"}}, "not_a_condition"),
        ({"question": "q1", "equals": {"question": "q2", "x": 1}}, "not_a_condition"),
        ({"question": "q1", "equals": {"question": "2"}}, "bad_id"),
        ({"question": "q1", "equals": {"question": None}}, "not_text"),
        ({"question": "q1", "equals": True}, "not_a_value"),
        ({"question": "q1", "equals": None}, "not_a_value"),
        ({"question": "q1", "equals": [1]}, "not_a_value"),
        ({"question": "q1", "equals": "x" * 501}, "too_long"),
        ({"question": "q1", "equals": "\0"}, "bad_character"),
        ({"question": "q1", "equals": "\ud800"}, "bad_character"),
        ({"question": "q1", "equals": float("nan")}, "too_large"),
        ({"question": "q1", "equals": float("-inf")}, "too_large"),
        ({"question": "q1", "equals": 10**5000}, "too_large"),
        ({"all": LEAF}, "not_a_list"),
        ({"any": []}, "not_a_list"),
        ({"all": [LEAF], "any": [LEAF]}, "mixed_condition"),
        ({"not": LEAF, "question": "q1"}, "mixed_condition"),
        ({"not": [LEAF]}, "not_a_condition"),
        ({"all": [None]}, "not_a_condition"),
        (nested(8), "too_deep"),
        (nested(50_000), "too_deep"),
        ({"all": [LEAF] * 201}, "too_many"),
    ],
)
def test_what_is_not_understood_is_refused(condition: Any, code: str) -> None:
    assert refused(condition) == code


def test_the_right_word_is_suggested() -> None:
    with pytest.raises(ValidationError, match='Did you mean "at_least"'):
        FIELD.deserialize({"question": "q1", "atleast": 4})


def test_one_condition_has_one_form() -> None:
    loaded = FIELD.deserialize({"at_least": 4.0, "question": "q1"})
    assert list(loaded.items()) == [("question", "q1"), ("at_least", 4)]
    assert isinstance(loaded["at_least"], int)
    assert str(FIELD.deserialize({"question": "q1", "equals": -0.0})["equals"]) == "0"
    assert FIELD.deserialize({"all": (LEAF,)}) == {"all": [LEAF]}


@laws
@given(st.data())
def test_every_condition_comes_back_from_its_form(data: st.DataObject) -> None:
    asked = [data.draw(questions(f"q{number}")) for number in range(2)]
    condition = data.draw(conditions([item for one in asked for item in one.items]))
    assert FIELD.deserialize(FIELD.serialize("c", {"c": condition})) == condition
    for leaf in leaves_of(condition):
        assert set(leaf) - {"question", "contact"} == {operator_of(leaf)}
