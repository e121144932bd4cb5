"""Questionnaires and answers of every form that can be published, for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from survey_app.domain.question_types.choice import Choice, Option
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.rating import DIRECTIONS, Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import (
    OFFERED_CODES,
    Question,
    Questionnaire,
    Section,
    Value,
)

# Everything but NUL, lone surrogates and carriage returns (which become newlines).
SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
TEXTS = st.text(SIGNS, min_size=1, max_size=60).filter(str.strip)
CODES = st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    lowest = draw(st.integers(-50, 50))
    highest = lowest + draw(st.integers(1, 100))
    anchors = draw(st.dictionaries(st.integers(lowest, highest), TEXTS, max_size=4))
    return Scale(
        lowest=lowest,
        highest=highest,
        direction=draw(st.sampled_from(DIRECTIONS)),
        anchors=anchors,
    )


@st.composite
def questions(draw: st.DrawFn, question_id: str) -> Question:
    common: dict[str, Any] = {
        "id": question_id,
        "text": draw(TEXTS),
        "help": draw(st.just("") | TEXTS),
        "required": draw(st.booleans()),
        "missing": tuple(draw(st.lists(st.sampled_from(OFFERED_CODES), unique=True))),
    }
    kind = draw(st.sampled_from([Rating, Choice, Number, Text]))
    if kind is Rating:
        return Rating(**common, scale=draw(scales()))
    if kind is Choice:
        codes = draw(st.lists(CODES, min_size=2, max_size=6, unique=True))
        options = tuple(Option(code=code, label=draw(TEXTS)) for code in codes)
        return Choice(**common, options=options, multiple=draw(st.booleans()))
    if kind is Text:
        return Text(**common, lines=draw(st.integers(1, 50)), longest=draw(st.integers(60, 20_000)))
    ends = sorted(draw(st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))))
    lowest, highest = (draw(st.none() | st.just(float(end))) for end in ends)
    return Number(
        **common,
        unit=draw(st.just("") | TEXTS),
        lowest=lowest,
        highest=highest,
        whole=draw(st.booleans()),
    )


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    sections = []
    for number, size in enumerate(sizes, start=1):
        asked = tuple(draw(questions(f"q{number}_{place}")) for place in range(size))
        sections.append(Section(id=f"s{number}", title=draw(st.just("") | TEXTS), questions=asked))
    return Questionnaire(
        key=draw(st.from_regex(r"[a-z][a-z0-9_]{1,62}", fullmatch=True)),
        title=draw(TEXTS),
        language=draw(st.sampled_from(["en", "de-CH", "pt-BR"])),
        introduction=draw(st.just("") | TEXTS),
        thanks=draw(st.just("") | TEXTS),
        sections=tuple(sections),
    )


def values(question: Question) -> st.SearchStrategy[Value]:
    """Values that the question takes."""
    if isinstance(question, Rating):
        return st.sampled_from(question.scale.points)
    if isinstance(question, Choice):
        codes = [option.code for option in question.options]
        if not question.multiple:
            return st.sampled_from(codes)
        chosen = st.sets(st.sampled_from(codes), min_size=1)
        return chosen.map(lambda picked: [code for code in codes if code in picked])
    if isinstance(question, Number):
        lowest = -1e9 if question.lowest is None else question.lowest
        highest = 1e9 if question.highest is None else question.highest
        lowest, highest = min(lowest, highest), max(lowest, highest)
        if question.whole:
            return st.integers(int(lowest), int(highest))
        return st.floats(lowest, highest).map(lambda number: number + 0.0)
    return TEXTS


@st.composite
def answers(draw: st.DrawFn, questionnaire: Questionnaire) -> dict[str, dict[str, object]]:
    """An answers document that a person could give."""
    document: dict[str, dict[str, object]] = {}
    for question in questionnaire.questions:
        codes = list(question.missing) + ([] if question.required else ["skipped"])
        if codes and draw(st.booleans()):
            document[question.id] = {"missing": draw(st.sampled_from(codes))}
        else:
            document[question.id] = {"value": draw(values(question))}
    return document
