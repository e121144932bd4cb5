"""Definitions in and out: nothing lost on the way, nothing let in that is not understood."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.answers import AnswerForm
from survey_app.domain.piping import pipe
from survey_app.domain.questionnaire import FORMAT, Questionnaire
from survey_app.domain.routing import arrange
from survey_app.domain.wire import definition_hash, dump_definition, load_definition
from tests.domain.strategies import laws, questionnaires, routed_questionnaires

DEFINITION: dict[str, Any] = {
    "format": FORMAT,
    "key": "visit_feedback",
    "title": "How was your visit?",
    "sections": [
        {
            "id": "visit",
            "title": "Your visit",
            "questions": [
                {
                    "id": "q1",
                    "type": "rating",
                    "text": "How was it?",
                    "scale": {"lowest": 0, "highest": 10, "anchors": {0: "poor", 10: "good"}},
                    "missing": ["dont_know"],
                },
                {
                    "id": "q2",
                    "type": "choice",
                    "text": "Which?",
                    "options": [{"code": "a", "label": "A"}, {"code": "b", "label": "B"}],
                },
                {"id": "q3", "type": "number", "text": "How long?", "lowest": 0, "highest": 600},
                {"id": "q4", "type": "text", "text": "What else?"},
            ],
        }
    ],
}
VISIT = 'section 1 "visit"'
FIRST = f"{VISIT}, question q1"
ASKED = ("sections", 0, "questions")


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    definition = copy.deepcopy(DEFINITION)
    part: Any = definition
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = to
    return definition


def refused(definition: object) -> list[tuple[str, str]]:
    questionnaire, problems = load_definition(definition)
    assert questionnaire is None
    return [(problem.place, problem.code) for problem in problems]


@laws
@given(st.one_of(questionnaires(), routed_questionnaires()))
def test_every_questionnaire_comes_back_from_its_definition(questionnaire: Questionnaire) -> None:
    definition = json.loads(json.dumps(dump_definition(questionnaire)))
    again, problems = load_definition(definition)
    assert (again, problems) == (questionnaire, [])
    assert again is not None
    assert json.dumps(dump_definition(again)) == json.dumps(definition)
    assert definition_hash(dump_definition(again)) == definition_hash(definition)


def shuffled(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: shuffled(value) for key, value in reversed(part.items())}
    return [shuffled(entry) for entry in part] if isinstance(part, list) else part


@laws
@given(st.one_of(questionnaires(), routed_questionnaires()))
def test_the_hash_does_not_depend_on_the_order_of_keys(questionnaire: Questionnaire) -> None:
    definition = dump_definition(questionnaire)
    assert definition_hash(shuffled(definition)) == definition_hash(definition)
    again, _ = load_definition(shuffled(definition))
    assert again is not None
    assert definition_hash(dump_definition(again)) == definition_hash(definition)


def test_any_change_of_wording_changes_the_hash() -> None:
    other = changed("sections", 0, "questions", 3, "text", to="Anything else?")
    assert definition_hash(other) != definition_hash(DEFINITION)


def test_defaults_written_out_or_left_out_are_one_definition() -> None:
    written = changed("language", to="en")
    written["introduction"] = ""
    written["sections"][0]["questions"][0] |= {"required": False, "help": ""}
    written["sections"][0]["questions"][2] |= {"lowest": 0.0, "whole": False}
    first, _ = load_definition(DEFINITION)
    second, _ = load_definition(written)
    assert first is not None
    assert first == second
    assert dump_definition(first)["sections"][0]["questions"][2]["lowest"] == 0


def test_anchors_may_have_numbers_of_yaml_or_digits_of_json_as_keys() -> None:
    path = ("sections", 0, "questions", 0, "scale", "anchors")
    assert load_definition(changed(*path, to={"0": "poor", "10": "good"})) == load_definition(
        DEFINITION
    )
    assert refused(changed(*path, to={"0": "poor", 0: "bad", "x": "?"})) == [
        (f"{FIRST}, scale, anchors", "duplicate_anchor"),
        (f"{FIRST}, scale, anchors", "not_whole"),
    ]


@pytest.mark.parametrize(
    ("path", "value", "place", "code"),
    [
        (("format",), "soundings-questionnaire/2", "format", "unknown_word"),
        (("key",), 5, "key", "not_text"),
        (("title",), datetime.date(2026, 7, 1), "title", "not_text"),
        (("title",), None, "title", "no_value"),
        (("title",), "a\0b", "title", "bad_character"),
        (("title",), "\ud800", "title", "bad_character"),
        (("title",), "x" * 501, "title", "too_long"),
        (("titel",), "x", "questionnaire", "unknown_key"),
        ((4,), "x", "questionnaire", "unknown_key"),
        (("sections",), {"id": "visit"}, "sections", "not_a_list"),
        (("sections",), [{}] * 201, "sections", "too_many"),
        (("sections", 0), 5, "section 1", "not_a_mapping"),
        ((*ASKED, 0), [], f"{VISIT}, question number 1", "not_a_mapping"),
        ((*ASKED, 0), None, f"{VISIT}, question number 1", "no_value"),
        (
            ("constraints",),
            [{"must": None, "message": "x"}],
            "constraints, entry 1, must",
            "no_value",
        ),
        ((*ASKED, 0, "show_if"), [], f"{FIRST}, show_if", "not_a_condition"),
        ((*ASKED, 0, "type"), "ratting", f"{FIRST}, type", "unknown_word"),
        ((*ASKED, 0, "type"), [], f"{FIRST}, type", "not_text"),
        ((*ASKED, 0, "scale"), 5, f"{FIRST}, scale", "not_a_mapping"),
        ((*ASKED, 0, "scale", "step"), 2, f"{FIRST}, scale", "unknown_key"),
        ((*ASKED, 0, "scale", "lowest"), True, f"{FIRST}, scale, lowest", "not_whole"),
        ((*ASKED, 0, "scale", "highest"), 10**4000, f"{FIRST}, scale, highest", "too_large"),
        ((*ASKED, 0, "missing"), ["skipped"], f"{FIRST}, missing, entry 1", "unknown_word"),
        ((*ASKED, 0, "required"), "yes", f"{FIRST}, required", "not_a_flag"),
        ((*ASKED, 2, "lowest"), float("nan"), f"{VISIT}, question q3, lowest", "not_a_number"),
        ((*ASKED, 2, "highest"), float("inf"), f"{VISIT}, question q3, highest", "too_large"),
        (
            (*ASKED, 1, "options", 1, "code"),
            True,
            f"{VISIT}, question q2, option 2, code",
            "not_text",
        ),
    ],
)
def test_what_is_not_understood_is_refused_at_its_place(
    path: tuple[str | int, ...], value: Any, place: str, code: str
) -> None:
    assert refused(changed(*path, to=value)) == [(place, code)]


def test_numbers_too_long_to_be_printed_are_refused() -> None:
    for step in ("lowest", "highest"):
        definition = changed(*ASKED, 2, step, to=10**5000)
        definition[10**5000] = "x"  # type: ignore[index]
        assert refused(definition) == [
            (f"{VISIT}, question q3, {step}", "too_large"),
            ("questionnaire", "unknown_key"),
        ]


def test_all_problems_are_found_at_once_with_a_suggestion() -> None:
    definition = changed("titel", to="x")
    definition["sections"][0]["questions"][0]["scale"] = {"lowest": 1, "directon": "up"}
    definition["sections"].append({"questions": [{"type": "text"}]})
    _, problems = load_definition(definition)
    assert {(problem.place, problem.code) for problem in problems} == {
        ("questionnaire", "unknown_key"),
        (f"{FIRST}, scale", "unknown_key"),
        (f"{FIRST}, scale, highest", "missing_key"),
        ("section 2, id", "missing_key"),
        ("section 2, question number 1, id", "missing_key"),
    }
    assert any('Did you mean "direction"?' in problem.message for problem in problems)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["rating", "choice", FORMAT, "_schema", "\ud800", "x" * 30_000, 10**4000])
    | st.dates()
    | st.binary(max_size=3)
)
KEYS = (
    st.sampled_from(
        [
            *("format", "key", "sections", "questions", "id", "type", "scale", "anchors"),
            *("options", "rows", "show_if", "constraints", "must", "translations", "all", "not"),
            *("question", "contact", "equals", "one_of", "answered", "units", "kinds", "total"),
        ]
    )
    | st.text(max_size=5)
    | st.sampled_from(["_schema", None, True, 1, 2.5, (1, 2), 10**4000])
)
GARBAGE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


def check_survives(definition: object) -> None:
    questionnaire, problems = load_definition(definition)
    assert (questionnaire is None) == bool(problems)
    for problem in problems:
        assert problem.place
        assert str(problem).encode("utf-8")
        assert problem.code.isidentifier()
    if questionnaire is not None:
        check_serves(questionnaire)


def check_serves(draft: Questionnaire) -> None:
    """A draft that makes no sense yet can be checked, shown, answered and written all the same."""
    again, _ = load_definition(json.loads(json.dumps(dump_definition(draft))))
    assert again == draft
    arrange(pipe(draft, {}, {}), "seed")
    form = AnswerForm(draft)
    for page in draft.pages:
        names = [name for question in page.questions for name in question.field_names]
        form.read_page(page.id, {name: ["3"] for name in names}, {}, {})
    for question in draft.questions:
        for problem in question.check():
            assert str(problem).encode("utf-8")
        for item in question.items:
            for value in item.probe([3, "x", "2024-01-01"]):
                item.say({"value": value})


@laws
@given(GARBAGE)
def test_no_garbage_breaks_the_reader(definition: object) -> None:
    check_survives(definition)


@laws
@given(GARBAGE | LEAVES, routed_questionnaires(), st.data())
def test_no_garbage_within_a_sound_definition_breaks_the_reader(
    garbage: object, questionnaire: Questionnaire, data: st.DataObject
) -> None:
    whole: Any = data.draw(st.sampled_from([DEFINITION, dump_definition(questionnaire)]))
    whole = part = copy.deepcopy(whole)
    while True:
        step = data.draw(
            st.sampled_from(list(part) if isinstance(part, dict) else range(len(part)))
        )
        if part[step] and isinstance(part[step], (dict, list)) and data.draw(st.integers(0, 3)):
            part = part[step]
            continue
        part[step] = garbage
        break
    check_survives(whole)


@pytest.mark.parametrize("key", ["title", "sections", "other"])
def test_endless_nesting_is_refused_not_followed(key: str) -> None:
    nested: Any = []
    for _ in range(100_000):
        nested = [nested]
    check_survives({**DEFINITION, key: nested})
    check_survives(nested)
