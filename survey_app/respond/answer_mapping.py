"""How the columns of another survey's file become answers to a published version.

    respondent: id                    # or [student, lecturer]: columns that name one response
    answered_at: {column: sent}       # or {constant: 2021-02-28T12:00, why: "..."}
    unit: {column: shop, names: {Bern 1: bern}}   # or {constant: company}; likewise representative
    customer: {column: account}
    attributes: [segment, tenure]     # kept beside the answers
    questions:
      q1: {column: q01, not_applicable: {column: na_q01, equals: 1}}

All but `respondent`, `answered_at` and `questions` may be left out. Questions that are not named
were not asked: they become `not_shown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.questionnaire import NOT_SHOWN, SKIPPED, Questionnaire

PLACE = "mapping"
KEYS = (
    "respondent",
    "answered_at",
    "unit",
    "representative",
    "customer",
    "attributes",
    "questions",
)


@dataclass(frozen=True)
class Source:
    """Where one cell of ours comes from: a column (its words put into ours) or a constant."""

    column: str = ""
    constant: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    why: str = ""

    def read(self, cells: Mapping[str, str]) -> str:
        """The cell of one row; '' where nothing is said."""
        if not self.column:
            return self.constant
        cell = cells[self.column]
        return self.names.get(cell, cell)


@dataclass(frozen=True)
class QuestionSource:
    """Where a question's answer is, and for each missing code the column and cell that mean it."""

    column: str
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def missing_code(self, cells: Mapping[str, str]) -> str:
        """The first missing code that is marked in this row, or ''."""
        for code, (column, mark) in self.marks.items():
            if cells[column] == mark:
                return code
        return ""


@dataclass(frozen=True)
class AnswerMapping:
    """A whole mapping; `columns` are all that it asks of the file."""

    respondent: tuple[str, ...]
    answered_at: Source
    unit: Source
    representative: Source
    customer: Source
    attributes: tuple[str, ...]
    questions: Mapping[str, QuestionSource]

    @property
    def columns(self) -> list[str]:
        """Every column that the file must have, once each."""
        named = [*self.respondent, *self.attributes]
        sources = (self.answered_at, self.unit, self.representative, self.customer)
        named += [source.column for source in sources if source.column]
        for question in self.questions.values():
            named += [question.column, *(column for column, _mark in question.marks.values())]
        return list(dict.fromkeys(named))


def read_mapping(
    document: object, questionnaire: Questionnaire
) -> tuple[AnswerMapping | None, list[Problem]]:
    """Read a mapping for this questionnaire; with problems there is none."""
    if not isinstance(document, Mapping):
        message = "The mapping has keys such as respondent, answered_at and questions."
        return None, [Problem(PLACE, "not_a_mapping", message)]
    reading = _Reading()
    reading.refuse_unknown(PLACE, document, KEYS)
    for key in ("respondent", "answered_at", "questions"):
        if key not in document:
            reading.refuse(PLACE, "missing_key", f"There is no `{key}`. Add it.")
    mapping = AnswerMapping(
        respondent=reading.names("respondent", document.get("respondent", [])),
        answered_at=reading.source("answered_at", document.get("answered_at")),
        unit=reading.source("unit", document.get("unit")),
        representative=reading.source("representative", document.get("representative")),
        customer=reading.source("customer", document.get("customer")),
        attributes=reading.names("attributes", document.get("attributes", [])),
        questions=reading.questions(document.get("questions", {}), questionnaire),
    )
    return (None, reading.problems) if reading.problems else (mapping, [])


class _Reading:
    """Reads the parts of a mapping and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, place: str, code: str, message: str) -> None:
        self.problems.append(Problem(place, code, message))

    def refuse_unknown(self, place: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
        for key in given:
            if key not in known:
                message = (
                    f"{quoted(str(key))} is not known here.{did_you_mean(str(key), known)} "
                    f"Known are: {', '.join(known)}."
                )
                self.refuse(place, "unknown_key", message)

    def names(self, key: str, given: object) -> tuple[str, ...]:
        listed = [given] if isinstance(given, str) else given
        if not isinstance(listed, list) or not all(isinstance(n, str) and n for n in listed):
            message = "Write the name of a column, or a list of names like [one, two]."
            self.refuse(f"{PLACE}, {key}", "not_columns", message)
            return ()
        return tuple(listed)

    def source(self, key: str, given: object) -> Source:
        place = f"{PLACE}, {key}"
        if given is None:
            return Source()
        if isinstance(given, str):
            return Source(column=given)
        names = given.get("names", {}) if isinstance(given, Mapping) else {}
        if (
            not isinstance(given, Mapping)
            or ("column" in given) == ("constant" in given)
            or not all(_is_cell(given[word]) for word in ("column", "constant") if word in given)
            or not isinstance(names, Mapping)
            or not all(_is_cell(name) for name in names.values())
        ):
            message = "Write {column: their name for it} or {constant: the same for every row}."
            self.refuse(place, "unknown_rule", message)
            return Source()
        known = ("column", "names") if "column" in given else ("constant", "why")
        self.refuse_unknown(place, given, known)
        return Source(
            column=str(given.get("column", "")),
            constant=str(given.get("constant", "")),
            names={cell: str(name) for cell, name in names.items()},
            why=str(given.get("why", "")),
        )

    def questions(self, given: object, questionnaire: Questionnaire) -> dict[str, QuestionSource]:
        if not isinstance(given, Mapping):
            message = "Write one line for each question, like `q1: {column: their_name}`."
            self.refuse(f"{PLACE}, questions", "not_a_mapping", message)
            return {}
        offered = {item.id: item.missing for item in questionnaire.items}
        self.refuse_unknown(f"{PLACE}, questions", given, offered)
        return {
            question: self.question(question, entry, (SKIPPED, NOT_SHOWN, *offered[question]))
            for question, entry in given.items()
            if question in offered
        }

    def question(self, question: str, given: object, codes: tuple[str, ...]) -> QuestionSource:
        place = f"{PLACE}, questions, {question}"
        if isinstance(given, str):
            return QuestionSource(given)
        if not isinstance(given, Mapping) or not _is_cell(given.get("column")):
            self.refuse(place, "unknown_rule", "Write {column: their name for it}.")
            return QuestionSource("")
        self.refuse_unknown(place, given, ("column", *codes))
        marks = {}
        for code in codes:
            mark = given.get(code)
            if mark is None:
                continue
            if (
                not isinstance(mark, Mapping)
                or set(mark) != {"column", "equals"}
                or not all(_is_cell(part) for part in mark.values())
            ):
                message = f"Write {code}: {{column: their_column, equals: 1}}."
                self.refuse(place, "unknown_rule", message)
                continue
            marks[code] = (str(mark["column"]), str(mark["equals"]))
        return QuestionSource(str(given["column"]), marks)


def _is_cell(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""
