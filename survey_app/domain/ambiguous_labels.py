"""Warnings about labels that cannot be told apart, in the original or in a translation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_app.domain.changed_answers import same_words
from survey_app.domain.places import entry_place, question_place, section_place
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Rated
from survey_app.domain.questionnaire import Question, Questionnaire


def find_ambiguous(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Options or rows of one label, and ends of a scale with the same words."""
    languages: dict[str, Mapping[str, str]] = {"": {}, **questionnaire.translations}
    for number, section in enumerate(questionnaire.sections, start=1):
        for position, question in enumerate(section.questions, start=1):
            place = f"{section_place(number, section.id)}, {question_place(position, question.id)}"
            for language, texts in languages.items():
                here = f"translation {language}, {question.id}" if language else place
                for problem in (*_of_labels(question, texts), *_of_ends(question, texts)):
                    yield problem.within(here)


def _of_labels(question: Question, texts: Mapping[str, str]) -> Iterator[Problem]:
    kind, options = _labelled(question)
    known: list[tuple[str, str]] = []
    for number, option in enumerate(options, start=1):
        label = texts.get(f"{question.id}.{kind}s.{option.code}", option.label)
        like = next((code for code, other in known if same_words(label, other)), None)
        if like is not None and label.strip():
            yield Problem(
                entry_place(kind, number, option.code),
                "same_label",
                f"It reads like the {kind} {quoted(like)}, so nobody can tell the two apart. Give "
                "each its own words.",
            )
        known.append((option.code, label))


def _labelled(question: Question) -> tuple[str, tuple[Option, ...]]:
    if isinstance(question, Matrix):
        return "row", question.rows
    if isinstance(question, (Choice, Ranking, ConstantSum)):
        return "option", question.options
    return "option", ()


def _of_ends(question: Question, texts: Mapping[str, str]) -> Iterator[Problem]:
    if not isinstance(question, (Rated, Matrix)):
        return
    scale = question.scale
    low, high = (
        texts.get(f"{question.id}.anchors.{point}", scale.anchors.get(point, "")).strip()
        for point in (scale.lowest, scale.highest)
    )
    if low and same_words(low, high):
        yield Problem(
            "scale",
            "same_ends",
            f"Both ends of the scale read {quoted(low)}. Give each end its own words.",
        )
