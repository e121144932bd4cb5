"""What every question type does with what nobody expects."""

from __future__ import annotations

from typing import Any

from survey_app.domain.answers import AnswerForm
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Question, Questionnaire, Section
from tests.domain.strategies import STRANGE

# Texts that no type but a text takes for an answer, or for a part of one.
NO_ANSWERS = ["null", "NaN", "inf", "1e309", "0x1F", "1_000", "\ud800", "\0", "a\0b", "9" * 5000]
NO_ANSWERS += ["\u202e3", "👩🏽‍🚒", "x" * 1_000_000, "[" * 100_000, "½", "²", "--1", "<b>", "{}"]


def code_of(read: Any) -> str:
    """The code of the problem that a reading is."""
    assert isinstance(read, Problem), read
    assert read.place
    assert str(read).encode("utf-8")
    assert str(read).isprintable()
    assert len(str(read)) < 1000
    return read.code


def refuses_strange_texts(question: Question) -> None:
    """Nothing strange is an answer, in whichever field it is posted."""
    for text in NO_ANSWERS:
        for name in question.field_names:
            code_of(question.collect({name: [text]}))
        code_of(question.read([text]))


def keeps_or_refuses(question: Question) -> None:
    """Whatever is posted is refused, or kept so that it is read again."""
    for text in STRANGE:
        for name in question.field_names:
            answer = question.collect({name: [text]})
            if isinstance(answer, dict):
                assert question.collect(question.spread(answer)) == answer
            elif answer is not None:
                code_of(answer)


def codes_of(question: Question) -> list[tuple[str, str]]:
    """What is wrong with a definition."""
    return [(problem.place, problem.code) for problem in question.check()]


def posted(question: Question, **fields: list[str]) -> Any:
    """The answer to a question in a form of its own, or the codes of its problems."""
    survey = Questionnaire(key="visit", sections=(Section(id="s", questions=(question,)),))
    reading = AnswerForm(survey).read_page("", fields, {}, {})
    return [problem.code for problem in reading.problems] or reading.answers.get(question.id)
