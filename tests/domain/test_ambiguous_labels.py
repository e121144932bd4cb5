"""Labels that nobody can tell apart are warned of, in every language."""

from __future__ import annotations

from dataclasses import replace

from survey_app.domain.ambiguous_labels import find_ambiguous
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Rating, Scale
from survey_app.domain.questionnaire import Question
from tests.domain.asking import asking, choice

ENDS = Scale(lowest=1, highest=5, anchors={1: "bad", 5: "good"})


def found(question: Question, **german: str) -> list[tuple[str, str]]:
    texts = {name.replace("__", "."): text for name, text in german.items()}
    questionnaire = asking(question, translations={"de": texts} if german else {})
    return [(problem.place, problem.code) for problem in find_ambiguous(questionnaire)]


def test_two_options_or_rows_of_one_label_are_told() -> None:
    asked = choice("q1", "shop", "web", "phone")
    assert found(asked) == []
    twins = replace(asked, options=(*asked.options, Option(code="net", label="Web.")))
    assert found(twins) == [('section 1 "visit", question q1, option 4 "net"', "same_label")]
    rows = (Option(code="a", label="Speed"), Option(code="b", label="speed"))
    assert found(Matrix(id="q1", text="?", rows=rows, scale=ENDS)) == [
        ('section 1 "visit", question q1, row 2 "b"', "same_label")
    ]


def test_one_translation_for_two_options_or_both_ends_is_told() -> None:
    asked = choice("q1", "shop", "web")
    assert found(asked, q1__options__shop="Laden", q1__options__web="laden") == [
        ('translation de, q1, option 2 "web"', "same_label")
    ]
    rated = Rating(id="q1", text="?", scale=ENDS)
    assert found(rated, q1__anchors__1="schlecht", q1__anchors__5="gut") == []
    assert found(rated, q1__anchors__1="gut", q1__anchors__5="gut") == [
        ("translation de, q1, scale", "same_ends")
    ]
    assert found(replace(rated, scale=replace(ENDS, anchors={1: "so so", 5: "So so"}))) == [
        ('section 1 "visit", question q1, scale', "same_ends")
    ]
    assert found(replace(rated, scale=Scale(lowest=1, highest=5))) == []
