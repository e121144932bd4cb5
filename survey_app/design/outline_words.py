"""A draft's outline in words: what each question is, and when it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from survey_app.design.condition_words import say_condition
from survey_app.design.outline import sections_of
from survey_app.design.question_forms import NAMES
from survey_app.domain.question_types import TYPES
from survey_app.domain.question_types.rating import FixedRating
from survey_app.domain.questionnaire import Question


class SaidQuestion(NamedTuple):
    """A question: its id, what is asked, its facts, and when it is asked ('' for always)."""

    id: str
    text: str
    facts: str
    only: str


class SaidSection(NamedTuple):
    """A section: its id, its title, its facts, when it is shown, its questions."""

    id: str
    title: str
    facts: str
    only: str
    questions: list[SaidQuestion]


def outline_in_words(definition: Mapping[str, Any], items: Sequence[Question]) -> list[SaidSection]:
    """The sections of a draft; its items give words to the codes in conditions."""
    return [
        SaidSection(
            id=section.get("id", ""),
            title=section.get("title", ""),
            facts="in random order" if section.get("order") else "",
            only=_only(section, items),
            questions=[
                SaidQuestion(
                    id=question.get("id", ""),
                    text=question.get("text", ""),
                    facts=", ".join([NAMES[question["type"]], *_facts(question)]),
                    only=_only(question, items),
                )
                for question in section["questions"]
            ],
        )
        for section in sections_of(definition)
    ]


def _only(part: Mapping[str, Any], items: Sequence[Question]) -> str:
    return f"only if {say_condition(part['show_if'], items)}" if part.get("show_if") else ""


def _facts(question: Mapping[str, Any]) -> Iterator[str]:
    yield from _count(question)
    yield from _scale(question)
    yield from _limits(question)
    if question.get("order"):
        yield "in random order"
    if question.get("required"):
        yield "needs an answer"
    if question.get("kpi"):
        yield f"measures {question['kpi']}"


def _count(question: Mapping[str, Any]) -> Iterator[str]:
    for key in ("options", "rows"):
        if key in question:
            count = len(question[key])
            yield f"{count} {key if count != 1 else key.removesuffix('s')}"
    if question.get("multiple"):
        least, most = question.get("least"), question.get("most")
        limits = [f"{least} or more"] if least else []
        limits += [f"{most} at most"] if most else []
        yield " and ".join(limits or ["several"]) + " may be chosen"
    if question.get("places"):
        yield f"the best {question['places']}"


def _scale(question: Mapping[str, Any]) -> Iterator[str]:
    kind = TYPES[question["type"]]
    if scale := question.get("scale"):
        yield f"{scale['lowest']} to {scale['highest']}"
    elif issubclass(kind, FixedRating):
        yield f"{kind.lowest} to {kind.highest}"
    if question.get("look") in ("stars", "faces"):
        yield f"as {question['look']}"


def _limits(question: Mapping[str, Any]) -> Iterator[str]:
    match question["type"]:
        case "constant_sum":
            yield " ".join([str(question["total"]), question.get("unit", "")]).strip() + " in all"
        case "number" if question.get("unit"):
            yield f"in {question['unit']}"
        case "duration":
            yield f"in {' and '.join(question['units'])}"
        case "text" if question.get("lines") == 1:
            yield "on one line"
        case "file":
            yield f"{', '.join(question['kinds'])}, up to {question['megabytes']} MB"
    ends = {"lowest": "from", "earliest": "from", "highest": "to", "latest": "to"}
    yield from (
        f"{word} {question[key]}" for key, word in ends.items() if question.get(key, "") != ""
    )
