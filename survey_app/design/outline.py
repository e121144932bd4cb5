"""Changes of a draft's outline: definition in, changed definition out; positions count from 1.

Positions, because the ids in a draft may be double or absent; the draft's revision makes sure that
a position still means what its reader saw.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from survey_app.domain.problems import NotFound

Definition = dict[str, Any]


def sections_of(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sections, each with a list of questions."""
    return [
        {**section, "questions": section.get("questions", [])}
        for section in definition.get("sections", [])
    ]


def question_at(definition: Mapping[str, Any], section: int, question: int) -> dict[str, Any]:
    """The question at this position; raises NotFound."""
    entry: dict[str, Any] = _entry(section_at(definition, section)["questions"], question)
    return entry


def section_at(definition: Mapping[str, Any], section: int) -> dict[str, Any]:
    """The section at this position; raises NotFound."""
    entry: dict[str, Any] = _entry(sections_of(definition), section)
    return entry


def name_at(definition: Mapping[str, Any], section: int, question: int | None) -> str:
    """What people call a question, or (None) a section: by its words; raises NotFound."""
    held = section_at(definition, section)
    if question is None:
        title = held.get("title", "").strip()
        return f"Section “{title}”" if title else f"Section {section}"
    text = question_at(definition, section, question).get("text", "").strip()
    return f"“{text}”" if text else f"Question {question} of section {section}"


def put_about(definition: Definition, content: Mapping[str, Any]) -> Definition:
    """Change keys of the head; what is empty is left out."""
    changed = {**_copy(definition), **content}
    return {key: value for key, value in changed.items() if value != ""}


def put_question(
    definition: Definition, section: int, question: int | None, content: dict[str, Any]
) -> Definition:
    """Put a question in the place of another, or (None) at the end of the section."""
    changed = _copy(definition)
    questions = section_at(changed, section)["questions"]
    if question is None:
        questions.append(content)
    else:
        _entry(questions, question)
        questions[question - 1] = content
    return changed


def put_section(
    definition: Definition, section: int | None, content: Mapping[str, Any]
) -> Definition:
    """Change keys of a section (None takes one out), or (None) add one at the end."""
    changed = _copy(definition)
    if section is None:
        changed["sections"].append({"questions": []})
    entry = _entry(changed["sections"], section or len(changed["sections"]))
    entry.update(content)
    for key in [key for key, value in content.items() if value is None]:
        del entry[key]
    return changed


def move(definition: Definition, section: int, question: int | None, step: int) -> Definition:
    """Move a question within its section, or (None) a whole section, one place by `step` -1 or 1.

    A question at the end of its section moves into the next one. At either end of the
    questionnaire nothing changes.
    """
    changed = _copy(definition)
    sections = changed["sections"]
    if question is None:
        _entry(sections, section)
        _swap(sections, section - 1, step)
        return changed
    questions = section_at(changed, section)["questions"]
    _entry(questions, question)
    if 1 <= question + step <= len(questions):
        _swap(questions, question - 1, step)
    elif 1 <= section + step <= len(sections):
        moved = questions.pop(question - 1)
        neighbours = sections[section - 1 + step]["questions"]
        neighbours.insert(0 if step > 0 else len(neighbours), moved)
    return changed


def copy_question(definition: Definition, section: int, question: int) -> Definition:
    """Put a copy of a question behind it, with an id and translations of its own."""
    changed = _copy(definition)
    questions = section_at(changed, section)["questions"]
    source = _entry(questions, question)
    name, copied = source.get("id", ""), next_id(definition, "q")
    questions.insert(question, {**copy.deepcopy(source), "id": copied})
    for texts in changed.get("translations", {}).values():
        own = {key: text for key, text in texts.items() if key.startswith(f"{name}.")}
        texts |= {f"{copied}{key.removeprefix(name)}": text for key, text in own.items()}
    return changed


def remove(definition: Definition, section: int, question: int | None) -> Definition:
    """Take out a question, or (None) a whole section with its questions."""
    changed = _copy(definition)
    entries = changed["sections"]
    position = section
    if question is not None:
        entries, position = section_at(changed, section)["questions"], question
    _entry(entries, position)
    del entries[position - 1]
    return changed


def next_id(definition: Mapping[str, Any], beginning: str) -> str:
    """The first free id of the form 'q7' (or 'section7')."""
    taken = {section.get("id") for section in sections_of(definition)}
    for section in sections_of(definition):
        taken.update(question.get("id") for question in section["questions"])
    number = 1
    while f"{beginning}{number}" in taken:
        number += 1
    return f"{beginning}{number}"


def _copy(definition: Definition) -> Definition:
    changed = copy.deepcopy(definition)
    changed["sections"] = sections_of(changed)
    return changed


def _entry(entries: list[Any], position: int) -> Any:
    if not 1 <= position <= len(entries):
        raise NotFound("The draft has no such place any more. Go back to the questionnaire.")
    return entries[position - 1]


def _swap(entries: list[Any], index: int, step: int) -> None:
    if 0 <= index + step < len(entries):
        entries[index], entries[index + step] = entries[index + step], entries[index]
