"""Where something stands in a questionnaire, in words: 'section 1 "visit", question q3, scale'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey_app.domain.problems import quoted

TOP = "questionnaire"


def section_place(number: int, section_id: object) -> str:
    """Return the place of a section, counted from 1."""
    return f"section {number}{_id_of(section_id)}"


def question_place(number: int, question_id: object) -> str:
    """Return the place of a question in its section: by its id, or by its number if it has none."""
    if isinstance(question_id, str) and question_id.isidentifier() and len(question_id) <= 64:
        return f"question {question_id}"
    return f"question number {number}"


def entry_place(kind: str, number: int, code: object) -> str:
    """Return the place of an option or a row, counted from 1."""
    return f"{kind} {number}{_id_of(code)}"


def place_of(path: Sequence[str | int], definition: object) -> str:
    """Return the words for a path of keys and indexes (from 0) through a definition."""
    words: list[str] = []
    here = definition
    for position, step in enumerate(path):
        here = _at(here, step)
        if isinstance(step, str):
            # The list's own name is only said where the path ends with it.
            if position == len(path) - 1 or not isinstance(path[position + 1], int):
                words.append(step)
        else:
            words.append(_entry_place(path[position - 1], step + 1, here))
    return ", ".join(words) or TOP


def _entry_place(list_name: str | int, number: int, entry: object) -> str:
    if list_name == "sections":
        return section_place(number, _at(entry, "id"))
    if list_name == "questions":
        return question_place(number, _at(entry, "id"))
    if list_name in ("options", "rows"):
        return entry_place(str(list_name).removesuffix("s"), number, _at(entry, "code"))
    return f"{list_name}, entry {number}"


def _id_of(name: object) -> str:
    return f" {quoted(name)}" if isinstance(name, str) and name else ""


def _at(here: object, step: str | int) -> object:
    if isinstance(step, str):
        return here.get(step) if isinstance(here, Mapping) else None
    return here[step] if isinstance(here, (list, tuple)) else None
