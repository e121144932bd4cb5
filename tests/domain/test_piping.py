"""Earlier answers within later texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.piping import fill, has_pipes, pipe, pipes_in, texts_in
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.file import File
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Nps, Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Question, Questionnaire, Section
from tests.domain.strategies import CONTACTS, answers, laws, routed_questionnaires

OPTIONS = (Option(code="a", label="Shop"), Option(code="b", label="Else", other=True))
FIVE = Scale(lowest=1, highest=5, anchors={5: "good"})


def surveyed(*questions: Question, **head: Any) -> Questionnaire:
    return Questionnaire(key="k", sections=(Section(id="a", questions=questions),), **head)


def said(text: str, question: Question, answer: Any = None) -> str:
    """A later text with an answer to an earlier question in it."""
    survey = surveyed(question, Text(id="later", text=text))
    given = {question.items[0].id: answer} if answer else {}
    return pipe(survey, given, {"name": "Ada", "Größe": "XL"}).questions[1].text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Why {{q1}}?", ["q1"]),
        ("{{ q1 }} and {{m.row-1|nothing}}", ["q1", "m.row-1"]),
        ("{{contact.first name|you}}", ["contact.first name"]),
        ("{{contact.Größe}}", ["contact.Größe"]),
        ("{{}} {{1}} {q1} {{q1} {{q1|a{b}} {{\nq1}}", []),
        ("{{q1|one\ntwo}}", []),
        ("{{{q1}}}", ["q1"]),
    ],
)
def test_the_names_that_a_text_repeats(text: str, names: list[str]) -> None:
    assert pipes_in(text) == names


def test_where_nothing_can_be_said_the_words_behind_the_line_are() -> None:
    assert fill("Dear {{contact.name|guest}}!", lambda name: "") == "Dear guest!"
    assert fill("Dear {{contact.name}}!", lambda name: "") == "Dear !"
    assert fill("{{a}}{{b}}", {"a": "{{b}}", "b": "x"}.__getitem__) == "{{b}}x"
    assert fill(r"{{a}}", lambda name: r"\1\g<0>") == r"\1\g<0>"


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (Number(id="q1", unit="km"), {"value": 3.0}, "3 km"),
        (Number(id="q1"), {"value": 0}, "0"),
        (Rating(id="q1", scale=FIVE), {"value": 5}, "good"),
        (Rating(id="q1", scale=FIVE), {"value": 4}, "4"),
        (Choice(id="q1", options=OPTIONS), {"value": "a"}, "Shop"),
        (Choice(id="q1", options=OPTIONS), {"value": "b", "other": "A fair"}, "A fair"),
        (Choice(id="q1", options=OPTIONS), {"value": "b"}, "Else"),
        (Choice(id="q1", options=OPTIONS, multiple=True), {"value": ["a", "b"]}, "Shop, Else"),
        (Ranking(id="q1", options=OPTIONS), {"value": ["b", "a"]}, "Else, Shop"),
        (
            ConstantSum(id="q1", options=OPTIONS),
            {"value": {"a": 60, "b": 40}},
            "Shop: 60, Else: 40",
        ),
        (Duration(id="q1"), {"value": 3_660}, "1:01:00"),
        (Text(id="q1"), {"value": "<b>{{q1}}"}, "<b>{{q1}}"),
        (File(id="q1"), {"value": {"id": "x", "name": "a.pdf"}}, "a.pdf"),
        (Text(id="q1"), {"missing": "skipped"}, "-"),
        (Text(id="q1"), None, "-"),
    ],
)
def test_answers_are_said_in_words(question: Question, answer: Any, words: str) -> None:
    assert said("{{q1|-}}", question, answer) == words


def test_the_contact_is_said_and_so_is_a_row() -> None:
    matrix = Matrix(id="m", rows=(Option(code="speed", label="Speed"),), scale=FIVE)
    assert said("{{contact.name}}, {{contact.Größe}} {{contact.other|-}}", matrix) == "Ada, XL -"
    assert said("{{m.speed}}", matrix, {"value": 2}) == "2"
    assert said("{{m|-}}{{nobody|-}}", matrix, {"value": 2}) == "--"


def test_every_text_that_people_read_is_filled() -> None:
    options = tuple(replace(option, label="{{q0}}") for option in OPTIONS)
    questions = (
        Text(id="q0", text="First"),
        Text(id="q1", text="{{q0}}", help="{{q0}}"),
        Nps(id="q2", text="{{q0}}"),
        Choice(id="q3", options=options),
        Ranking(id="q4", options=options),
        ConstantSum(id="q5", options=options),
        Matrix(id="q6", rows=options, scale=FIVE),
        Consent(id="q7", statement="{{q0}}"),
    )
    survey = surveyed(*questions, introduction="{{q0}}", thanks="{{q0}}")
    survey = replace(survey, sections=(replace(survey.sections[0], title="{{q0}}"),))
    filled = pipe(survey, {"q0": {"value": "x"}}, {})
    assert "{{" not in repr(filled)
    assert not has_pipes(filled)
    assert has_pipes(survey)
    assert filled.questions[6].items[0].text == "x"
    for question in questions[1:]:
        assert any(pipes_in(text) for text in texts_in(question))


def test_a_label_that_repeats_something_is_repeated_filled() -> None:
    options = (Option(code="a", label="More {{q0|of it}}"), Option(code="b", label="Less"))
    survey = surveyed(
        Text(id="q0"), Choice(id="q1", options=options), Text(id="q2", text="Why {{q1}}?")
    )
    given = {"q0": {"value": "{{q1}}"}, "q1": {"value": "a"}}
    # What a person typed is never filled.
    assert pipe(survey, given, {}).questions[2].text == "Why More {{q1}}?"
    assert pipe(survey, {"q1": {"value": "a"}}, {}).questions[2].text == "Why More of it?"


@laws
@given(st.data(), routed_questionnaires(), CONTACTS)
def test_filling_changes_texts_alone(
    data: st.DataObject, survey: Questionnaire, contact: dict[str, str]
) -> None:
    document = data.draw(answers(survey, contact))
    for question in survey.questions:
        for item in question.items:
            if "value" in document[item.id]:
                assert isinstance(item.say(document[item.id]), str)
    if not has_pipes(survey):
        assert pipe(survey, document, contact) == survey
