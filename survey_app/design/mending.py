"""Where what is wrong with a draft can be mended: a problem's place, to the form that holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from survey_app.design.languages import name_of
from survey_app.design.outline import name_at, sections_of
from survey_app.design.translations import HEAD_WORDS, place_of_text
from survey_app.domain.problems import Problem
from survey_app.domain.translating import CONSTRAINT

IN_SECTION = re.compile(
    r'section (\d+)(?: "[^"]*")?(?:, question (?:number (\d+)|(\w+)))?(?:, (.*))?'
)
DOUBLE = re.compile(r'(section|question) "([^"]*)"')
OF_RULE = re.compile(rf"{CONSTRAINT} (\d+)(?:, .*)?")
IN_LANGUAGE = re.compile(r"translation ([\w-]+)(?:, (.*))?")
# Parts of places, as forms call them, with the field that holds them.
PARTS = {
    "id": ("Id", "id"),
    "text": ("What is asked", "text"),
    "help": ("Help", "help"),
    "title": ("Title", "title"),
    "kpi": ("Measures, together with others", "kpi"),
    "missing": ("Also offer", "missing"),
    "required": ("An answer is needed", "required"),
    "show_if": ("When it is asked", "asked"),
    "statement": ("Statement beside the box", "statement"),
    "options": ("Options", "options"),
    "option": ("Options", "options"),
    "rows": ("Rows", "rows"),
    "row": ("Rows", "rows"),
    "anchors": ("Words at points", "anchors"),
    "lowest": ("Lowest", "lowest"),
    "highest": ("Highest", "highest"),
    "unit": ("Unit", "unit"),
}
ENTRIES = {"option": "Option", "row": "Row", "anchors": "Word at"}
ABOUT = {**HEAD_WORDS, "language": "Language of the questions", "paging": "How it is shown"}


class Mending(NamedTuple):
    """A problem, its place as forms call it, and the page that mends it; '' where none is known.

    `part` is the place within the page, `anchor` the field there.
    """

    problem: Problem
    label: str
    part: str = ""
    endpoint: str = ""
    values: Mapping[str, Any] = {}
    anchor: str = ""


def mendings(problems: Iterable[Problem], definition: Mapping[str, Any]) -> list[Mending]:
    """Return where each problem of a draft is mended."""
    return [mend(problem, definition) for problem in problems]


def mend(problem: Problem, definition: Mapping[str, Any]) -> Mending:
    """Return where a problem of a draft is mended."""
    place = problem.place
    if place in ABOUT:
        return Mending(problem, ABOUT[place], "", "design.edit_about", {}, place)
    if found := OF_RULE.fullmatch(place):
        number = int(found[1])
        rules = len(definition.get("constraints", ()))
        if 1 <= number <= rules:
            page = "design.edit_constraint"
            return Mending(problem, f"Rule {number}", "", page, {"number": number})
    if problem.code == "idle_translation":
        return Mending(problem, "Languages", "", "design.list_languages", {}, "gone")
    if (found := IN_LANGUAGE.fullmatch(place)) and found[1] in definition.get("translations", {}):
        part = place_of_text(found[2]) if found[2] else ""
        values = {"language": found[1]}
        return Mending(problem, name_of(found[1]), part, "design.translate", values)
    return _in_outline(problem, definition) or Mending(problem, place)


def _in_outline(problem: Problem, definition: Mapping[str, Any]) -> Mending | None:
    sections = sections_of(definition)
    if found := DOUBLE.fullmatch(problem.place):
        return _double(problem, found[1], found[2], sections)
    found = IN_SECTION.fullmatch(problem.place)
    if not found or not 1 <= int(found[1]) <= len(sections):
        return None
    section = int(found[1])
    part, anchor = _part(found[4] or "")
    if not found[2] and not found[3]:
        label = name_at({"sections": sections}, section, None)
        return Mending(problem, label, part, "design.edit_section", {"section": section}, anchor)
    questions = sections[section - 1]["questions"]
    positions = [at for at, one in enumerate(questions, start=1) if one.get("id") == found[3]]
    position = int(found[2]) if found[2] else next(iter(positions), 0)
    if not 1 <= position <= len(questions):
        return None
    return _question(problem, section, position, questions[position - 1], (part, anchor))


def _double(
    problem: Problem, kind: str, name: str, sections: list[dict[str, Any]]
) -> Mending | None:
    """The last one of those that share an id, upper and lower case taken as one."""
    for section in range(len(sections), 0, -1):
        held = sections[section - 1]
        if kind == "section" and str(held.get("id", "")).lower() == name:
            label, values = name_at({"sections": sections}, section, None), {"section": section}
            return Mending(problem, label, "Id", "design.edit_section", values, "id")
        for position in range(len(held["questions"]), 0, -1):
            question = held["questions"][position - 1]
            if kind == "question" and str(question.get("id", "")).lower() == name:
                return _question(problem, section, position, question, ("Id", "id"))
    return None


def _question(
    problem: Problem,
    section: int,
    position: int,
    question: Mapping[str, Any],
    part: tuple[str, str],
) -> Mending:
    label = question.get("text", "").strip() or f"Question {position} of section {section}"
    values = {"section": section, "question": position}
    return Mending(problem, label, part[0], "design.edit_question", values, part[1])


def _part(place: str) -> tuple[str, str]:
    """The rest of a place as forms call it, and the field: 'option 2 "b"' is among the options."""
    first = place.split(",")[-1].strip() if place.startswith("scale, ") else place.split(",")[0]
    word, _space, rest = first.partition(" ")
    if word not in PARTS:
        return place, ""
    label, anchor = PARTS[word]
    return f"{ENTRIES[word]} {rest}" if rest and word in ENTRIES else label, anchor
