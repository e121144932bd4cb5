"""The codebook: what each column of a download holds. Loads no engine; pages show it too."""

from __future__ import annotations

import json
from collections.abc import Sequence

from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.rating import Rated
from survey_app.domain.questionnaire import MISSING_CODES, NOT_SHOWN, SKIPPED
from survey_app.report.answers.columns import (
    INTEGER,
    NOT_ASKED,
    NUMBER,
    TEXT,
    Asked,
    Column,
    Item,
)
from survey_app.report.answers.stored import BY_OPTION, DATE, FLAGS, PLACES

CODE_WORDS = {
    SKIPPED: "Shown and not answered",
    NOT_SHOWN: "Not shown: off the person's path",
    "not_applicable": "Does not apply, says the person",
    "dont_know": "Does not know, says the person",
    "refused": "Would rather not say, says the person",
    NOT_ASKED: "Not asked: the version does not have the question",
}
CODEBOOK_COLUMNS = (
    *("column", "role", "type", "item", "question_type", "text", "option", "unit"),
    *("lowest", "highest", "direction", "value_labels", "missing_codes", "versions", "series"),
    "note",
)
CODEBOOK_TYPES = {"lowest": NUMBER, "highest": NUMBER, "series": INTEGER}
ABOUT_WORDS = {
    "response": "The response. Anonymised: a number drawn for this choice of answers, the same in "
    "all its files; with names: where it came from and its id there",
    "version": "The version of the questionnaire that was answered",
    "month": "The month in which it was first sent, in the organisation's time zone",
    "submitted_at": "When it was first sent, UTC",
    "customer": "The customer",
    "unit": "The key of the unit",
    "representative": "The key of the representative",
    "representative_name": "The representative's name",
    "language": "The language it was answered in",
    "item": "The item: a question, or a row of a matrix",
    "column": "The column that holds this value in the wide table",
    "number": "The value, where it is a number",
    "text": "The value, where it is a code, a day, a time or words",
    "missing": "Why there is no value",
}

Line = dict[str, str | float | int | None]


def make_codebook(
    columns: Sequence[Column], items: Sequence[Item], versions: Sequence[Asked]
) -> list[Line]:
    """One line for each column of the wide table, and for those of the long one that it lacks.

    `columns` are those of the table; columns of items are told whether or not the table is long.
    """
    about = [column for column in columns if not column.item]
    return [
        *(_about_line(column) for column in about),
        *(_item_line(item, column, versions) for item in items for column in item.columns),
    ]


def value_labels(line: Line) -> dict[str, str]:
    """What values of a column stand for."""
    labels: dict[str, str] = json.loads(str(line["value_labels"] or "{}"))
    return labels


def question_text(item: Item) -> str:
    """What is asked; of a row of a matrix, the question and the row."""
    if item.question is item.item:
        return item.item.text
    return f"{item.question.text} – {item.item.text}"


def _about_line(column: Column) -> Line:
    words = ABOUT_WORDS.get(column.name, "The contact's attribute of this name, as of sending")
    return _line(column, text=words)


def _item_line(item: Item, column: Column, versions: Sequence[Asked]) -> Line:
    asked = [one.number for one in versions if one.number in item.stored]
    codes = [SKIPPED, NOT_SHOWN, *_offered(item)]
    if len(asked) < len(versions):
        codes.append(NOT_ASKED)
    line = _line(
        column,
        item=item.item.id,
        question_type=item.question.type,
        text=question_text(item),
        option=column.option.label if column.option else "",
        missing_codes=" ".join(codes),
        versions=" ".join(map(str, asked)),
        series=item.series,
    )
    if column.role == "missing":
        labels = {code: CODE_WORDS[code] for code in codes}
        return line | {
            "value_labels": json.dumps(labels, ensure_ascii=False),
            "note": "Empty where there is a value",
        }
    if column.role == "other":
        return line | {"note": "Words written beside the option that asks for them"}
    labels = {str(value): label for value, label in item.labels().items()}
    if item.kind == FLAGS:
        labels = {"1": "chosen", "0": "not chosen"}
    line["value_labels"] = json.dumps(labels, ensure_ascii=False) if labels else ""
    return line | _range_of(item, column)


def _offered(item: Item) -> list[str]:
    offered = {code for one in item.stored.values() for code in one.item.missing}
    return [code for code in MISSING_CODES if code in offered]


def _range_of(item: Item, column: Column) -> Line:
    """Unit, ends and direction of a value, and what else its reader should know."""
    question = item.item
    if isinstance(question, Rated):
        cells = [cell for cell in item.cells if isinstance(cell, int)]
        return {
            "unit": "points",
            "lowest": min(cells),
            "highest": max(cells),
            "direction": question.scale.direction,
        }
    if isinstance(question, Number):
        return {"unit": question.unit, "lowest": question.lowest, "highest": question.highest}
    if isinstance(question, Duration):
        return {"unit": "seconds", "lowest": 0}
    if isinstance(question, ConstantSum):
        return {"unit": question.unit, "lowest": 0, "highest": question.total}
    if item.kind == PLACES:
        note = "1 is the first place; empty with no missing code: the option has no place"
        return {"lowest": 1, "highest": len(item.options), "note": note}
    if item.kind in BY_OPTION:
        return {"lowest": 0, "highest": 1}
    if item.kind == DATE:
        return {"note": "Anonymised, every day is the first of its month"}
    return {}


def _line(column: Column, **told: str | int) -> Line:
    empty: Line = {
        name: None if CODEBOOK_TYPES.get(name, TEXT) != TEXT else "" for name in CODEBOOK_COLUMNS
    }
    return empty | {"column": column.name, "role": column.role, "type": column.type} | told
