"""The texts of a draft in its further languages: listed, changed, and as a table for translators.

Definition in, changed definition out, as in `outline`.
"""

from __future__ import annotations

import copy
import csv
import io
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from survey_app.domain.changes import stale_translations
from survey_app.domain.definition_fields import with_newlines
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.tables import Row, read_csv
from survey_app.domain.translating import CONSTRAINT, idle_texts, missing_texts, texts_of

Definition = dict[str, Any]

COLUMNS = ("name", "source", "translation")
BOM = "\ufeff"
LARGEST_TABLE = 2 * 1024 * 1024
# A spreadsheet runs a cell that begins like this; an apostrophe before it keeps it text.
FORMULA = re.compile(r"'*[=+\-@]")
HEAD_WORDS = {"title": "Title", "introduction": "Introduction", "thanks": "Thanks"}
PART_WORDS = {
    "title": "title",
    "text": "what is asked",
    "help": "help",
    "statement": "statement",
    "unit": "unit",
    "anchors": "word at",
    "options": "option",
    "rows": "row",
}


class Translated(NamedTuple):
    """One text: its name, where it stands in words, the text, and its translation or ''.

    `was` is the text of the last version, where the translation is still of that one.
    """

    name: str
    place: str
    source: str
    translation: str
    was: str = ""

    @property
    def to_do(self) -> bool:
        """Whether the translation is missing or out of date."""
        return not self.translation or bool(self.was)


class Progress(NamedTuple):
    """How far a language is: texts in all, missing, out of date, and those whose text is gone."""

    language: str
    texts: int
    missing: int
    stale: int
    idle: int


NOTHING: Mapping[str, Any] = MappingProxyType({})


def progress_of(
    definition: Mapping[str, Any], published: Mapping[str, Any] = NOTHING
) -> list[Progress]:
    """How far each further language is; `published` is the definition of the last version."""
    texts = len(texts_of(definition))
    idle = idle_texts(definition)
    return [
        Progress(
            language,
            texts,
            len(missing),
            len(stale_texts(definition, published, language)),
            len(idle[language]),
        )
        for language, missing in missing_texts(definition).items()
    ]


def stale_texts(
    definition: Mapping[str, Any], published: Mapping[str, Any], language: str
) -> dict[str, str]:
    """The texts reworded since `published` whose translation stayed; what they were, by name.

    Space, punctuation and case are no words.
    """
    before = texts_of(published)
    names = stale_translations(published, definition).get(language, ())
    return {name: before[name] for name in names if name in before}


def texts_in(
    definition: Mapping[str, Any], language: str, published: Mapping[str, Any] = NOTHING
) -> list[Translated]:
    """All texts with their translations, in the order in which people read them."""
    known = definition["translations"][language]
    stale = stale_texts(definition, published, language)
    return [
        Translated(name, place_of_text(name), text, known.get(name, ""), stale.get(name, ""))
        for name, text in texts_of(definition).items()
    ]


def place_of_text(name: str) -> str:
    """Where a text stands, in words: 'q2: option shop'."""
    if name in HEAD_WORDS:
        return HEAD_WORDS[name]
    holder, _dot, rest = name.partition(".")
    part, _dot, code = rest.partition(".")
    if holder == CONSTRAINT and part.isdecimal():
        return f"Rule {part}: message"
    return " ".join([f"{holder}: {PART_WORDS.get(part, part)}", *([code] if code else [])])


def add_language(definition: Definition, language: str) -> Definition | Problem:
    """Begin a translation into a language."""
    known = definition.get("translations", {})
    taken = {one.casefold() for one in (*known, definition.get("language", "en"))}
    if language.casefold() in taken:
        message = f"The questionnaire speaks {quoted(language)} already. Choose another language."
        return Problem("language", "taken", message)
    return {**copy.deepcopy(definition), "translations": {**known, language: {}}}


def remove_language(definition: Definition, language: str) -> Definition:
    """Take a language out, with all its texts."""
    changed = copy.deepcopy(definition)
    del changed["translations"][language]
    return changed


def put_texts(
    definition: Definition, language: str, texts: Mapping[str, str], drop_idle: bool = False
) -> Definition:
    """Change translations by name, an empty one is taken out; others stay as they are."""
    changed = copy.deepcopy(definition)
    known = changed["translations"][language]
    known.update(texts)
    gone = idle_texts(definition)[language] if drop_idle else []
    changed["translations"][language] = {
        name: text for name, text in known.items() if text.strip() and name not in gone
    }
    return changed


def drop_gone(definition: Definition) -> Definition:
    """Take out, of all languages, the translations whose text is gone."""
    changed = copy.deepcopy(definition)
    for language, gone in idle_texts(definition).items():
        texts = changed["translations"][language]
        kept = {name: text for name, text in texts.items() if name not in gone}
        changed["translations"][language] = kept
    return changed


def write_table(definition: Mapping[str, Any], language: str) -> str:
    """All texts and translations as CSV, with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO(newline="")
    buffer.write(BOM)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for text in texts_in(definition, language):
        writer.writerow([_guard(cell) for cell in (text.name, text.source, text.translation)])
    return buffer.getvalue()


def read_table(data: bytes, definition: Mapping[str, Any]) -> tuple[dict[str, str], list[Problem]]:
    """The translations of a table by name; with problems, store none of them.

    Cells without a translation say nothing. Where the table has the texts themselves, they must
    be those of today.
    """
    rows, problems = read_csv(
        data, ("name", "translation"), ("source",), largest=LARGEST_TABLE, fill=True
    )
    wanted = texts_of(definition)
    read: dict[str, str] = {}
    first: dict[str, int] = {}
    for row in rows:
        name = _unguard(row.cells["name"])
        if problem := _refuse_row(row, name, wanted, first):
            problems.append(problem)
        elif row.cells["translation"]:
            read[name] = with_newlines(_unguard(row.cells["translation"]))
        first.setdefault(name, row.number)
    return ({}, problems) if problems else (read, [])


def _refuse_row(
    row: Row, name: str, wanted: Mapping[str, str], first: Mapping[str, int]
) -> Problem | None:
    place = row.place("name")
    if name not in wanted:
        near = did_you_mean(name, wanted)
        message = f"The questionnaire has no text {quoted(name)}.{near} Correct or delete the row."
        return Problem(place, "unknown_text", message)
    if name in first:
        message = f"{quoted(name)} stands in row {first[name]} already. Keep one of the two."
        return Problem(place, "duplicate_text", message)
    source = _unguard(row.cells["source"])
    if source and source.split() != wanted[name].split():
        return Problem(
            row.place("source"),
            "other_source",
            f"The text of {quoted(name)} has changed since; now it is {quoted(wanted[name])}. "
            "Translate that and put it here, or empty this cell.",
        )
    return None


def _guard(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def _unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
