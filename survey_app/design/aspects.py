"""What a change can be about: how it is called for people, and what it was or is in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from survey_app.design.condition_words import say_condition
from survey_app.design.languages import name_of
from survey_app.design.question_forms import NAMES
from survey_app.design.question_forms.lines import write_words
from survey_app.design.question_forms.question_form import LOOK_LABELS, MISSING_LABELS
from survey_app.design.question_forms.words import KIND_LABELS
from survey_app.domain.questionnaire import Question, Questionnaire
from survey_app.domain.routing import items_in
from survey_app.domain.wire import dump_definition

PAGING_WORDS = {"sections": "a page for each section", "questions": "a page for each question"}


@dataclass(frozen=True)
class Side:
    """A questionnaire before or after a change: its questions and sections by id, as stored."""

    definition: Mapping[str, Any]
    questions: Mapping[str, Mapping[str, Any]]
    sections: Mapping[str, Mapping[str, Any]]
    items: Sequence[Question]

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> Side:
        """Return the side of a questionnaire."""
        definition = dump_definition(questionnaire)
        sections = definition.get("sections", [])
        return cls(
            definition,
            {one["id"]: one for section in sections for one in section.get("questions", [])},
            {section["id"]: section for section in sections},
            questionnaire.items,
        )

    @property
    def rules(self) -> Sequence[Mapping[str, Any]]:
        """The rules between answers."""
        rules: Sequence[Mapping[str, Any]] = self.definition.get("constraints", ())
        return rules

    def rule_like(self, other: Side, number: str) -> str:
        """The number here of the rule that asks for the same as one there; '' for none."""
        must = other.rules[int(number) - 1]["must"]
        return next((str(at) for at, one in enumerate(self.rules, 1) if one["must"] == must), "")


# From a side, the id of the question or section, and a code, to words; '' for nothing.
Read = Callable[[Side, str, str], str]


class Aspect(NamedTuple):
    """How a change is called, how its two sides are read, and how it is called in a row."""

    label: str
    read: Read | None = None
    of_row: str = ""


def _head(key: str) -> Read:
    return lambda side, _owner, _code: str(side.definition.get(key) or "")


def _of(say: Callable[[Mapping[str, Any]], str]) -> Read:
    """What is said of a question, where it is there."""
    return lambda side, owner, _code: say(side.questions[owner]) if owner in side.questions else ""


def _key(key: str) -> Read:
    return _of(lambda question: str(question.get(key, "")))


def _of_section(say: Callable[[Mapping[str, Any]], str]) -> Read:
    return lambda side, owner, _code: say(side.sections[owner]) if owner in side.sections else ""


def _entry(list_name: str, say: Callable[[Mapping[str, Any]], str]) -> Read:
    """What is said of an option or a row, by its code."""

    def read(side: Side, owner: str, code: str) -> str:
        entries = side.questions.get(owner, {}).get(list_name, ())
        return next((say(entry) for entry in entries if entry["code"] == code), "")

    return read


def _label(entry: Mapping[str, Any]) -> str:
    return str(entry["label"])


def _text(side: Side, owner: str, code: str) -> str:
    return _entry("rows", _label)(side, owner, code) if code else _key("text")(side, owner, code)


def _paging(side: Side, _owner: str, _code: str) -> str:
    return PAGING_WORDS.get(side.definition.get("paging", ""), "all on one page")


def _language(side: Side, _owner: str, _code: str) -> str:
    return name_of(side.definition.get("language", "en"))


def _condition(side: Side, owner: str, _code: str) -> str:
    part = side.questions.get(owner) or {}
    return _only(side, part)


def _section_condition(side: Side, owner: str, _code: str) -> str:
    return _only(side, side.sections.get(owner) or {})


def _only(side: Side, part: Mapping[str, Any]) -> str:
    if not part:
        return ""
    condition = part.get("show_if")
    return f"only if {say_condition(condition, side.items)}" if condition else "always"


def _rules(side: Side, owner: str, _code: str) -> str:
    said = [say_condition(one["must"], side.items) for one in side.rules if owner in _names(one)]
    return "\n".join(said) or "no rule"


def _of_rule(key: str, otherwise: str = "") -> Read:
    def read(side: Side, number: str, _code: str) -> str:
        return str(side.rules[int(number) - 1].get(key) or otherwise) if number else ""

    return read


def _held(side: Side, owner: str, code: str) -> str:
    say = _when("fixed", "keeps its place in random order", "is drawn like the others")
    return _entry("options", say)(side, owner, code) or _entry("rows", say)(side, owner, code)


def _all_rules(side: Side, _owner: str, _code: str) -> str:
    return "\n".join(one["message"] for one in side.rules)


def _names(rule: Mapping[str, Any]) -> set[str]:
    return {name.partition(".")[0] for name in items_in(rule["must"])} | set(items_in(rule["must"]))


def _scale(question: Mapping[str, Any]) -> str:
    scale = question.get("scale", {})
    return f"{scale['lowest']} to {scale['highest']}" if scale else NAMES[question["type"]]


def _direction(question: Mapping[str, Any]) -> str:
    direction = question.get("scale", {}).get("direction", "")
    return "the low end is better" if direction == "lower_is_better" else "the high end is better"


def _anchors(question: Mapping[str, Any]) -> str:
    return write_words(question.get("anchors") or question.get("scale", {}).get("anchors", {}))


def _range(question: Mapping[str, Any]) -> str:
    ends = {"earliest": "from", "lowest": "from", "latest": "to", "highest": "to"}
    said = [f"{word} {question[key]}" for key, word in ends.items() if question.get(key, "") != ""]
    return " ".join(said) or "no limits"


def _limits(question: Mapping[str, Any]) -> str:
    least, most = question.get("least"), question.get("most")
    said = [f"{least} or more"] if least else []
    said += [f"{most} at most"] if most else []
    return ", ".join(said) or "as many as one likes"


def _room(question: Mapping[str, Any]) -> str:
    lines, longest = question.get("lines"), question.get("longest")
    said = [f"lines shown: {lines}"] if lines else []
    return ", ".join([*said, *([f"{longest} characters at most"] if longest else [])])


def _files(question: Mapping[str, Any]) -> str:
    kinds = ", ".join(KIND_LABELS.get(kind, kind) for kind in question.get("kinds", ()))
    return f"{kinds}, up to {question.get('megabytes')} MB"


def _missing(question: Mapping[str, Any]) -> str:
    codes = question.get("missing", ())
    return ", ".join(MISSING_LABELS.get(code, code) for code in codes) or "none"


def _listed(list_name: str) -> Read:
    return _of(lambda question: "\n".join(one["label"] for one in question.get(list_name, ())))


def _when(key: str, then: str, otherwise: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda part: then if part.get(key) else otherwise


def _position(side: Side, owner: str, _code: str) -> str:
    order = list(side.questions)
    before = order.index(owner) if owner in order else 0
    if not before:
        return "first of all"
    return f"after “{side.questions[order[before - 1]].get('text', '')}”"


_ORDER = _when("order", "in random order", "in the order written")

ASPECTS: dict[str, Aspect] = {
    "title_changed": Aspect("Title", _head("title")),
    "introduction_changed": Aspect("Introduction", _head("introduction")),
    "thanks_changed": Aspect("Thanks", _head("thanks")),
    "paging_changed": Aspect("How it is shown", _paging),
    "language_changed": Aspect("Language of the questions", _language),
    "section_title_changed": Aspect("Title", _of_section(lambda one: str(one.get("title", "")))),
    "section_condition_changed": Aspect("When it is shown", _section_condition),
    "section_order_changed": Aspect("Order of its questions", _of_section(_ORDER)),
    "question_added": Aspect("New question"),
    "question_removed": Aspect("Question removed"),
    "position_changed": Aspect("Place", _position),
    "question_returned": Aspect("Question asked again"),
    "constraint_message_changed": Aspect("What people are told", _of_rule("message")),
    "constraint_place_changed": Aspect("Told at", _of_rule("at", "the last question compared")),
    "constraints_moved": Aspect("Order of the rules", _all_rules),
    "constraint_changed": Aspect("Rules between answers", _rules),
    "text_changed": Aspect("What is asked", _text, "Row “{}”"),
    "info_changed": Aspect("What people read", _key("text")),
    "help_changed": Aspect("Help", _key("help")),
    "statement_changed": Aspect("Statement beside the box", _key("statement")),
    "type_changed": Aspect("Type of question", _of(lambda one: NAMES[one["type"]])),
    "scale_changed": Aspect("Scale", _of(_scale)),
    "direction_changed": Aspect("Which end is better", _of(_direction)),
    "anchors_changed": Aspect("Words at points", _of(_anchors)),
    "look_changed": Aspect(
        "The points look like",
        _of(lambda one: LOOK_LABELS.get(one.get("look") or "numbers", one.get("look", ""))),
    ),
    "row_added": Aspect("New row", _entry("rows", _label), "New row “{}”"),
    "row_removed": Aspect("Row removed", _entry("rows", _label), "Row “{}” removed"),
    "row_returned": Aspect("Row asked again", _entry("rows", _label), "Row “{}” asked again"),
    "fixed_changed": Aspect("“{}”", _held),
    "rows_moved": Aspect("Order of the rows", _listed("rows")),
    "option_added": Aspect("New option “{}”", _entry("options", _label)),
    "option_recoded": Aspect("Option with a new code, “{}”", _entry("options", _label)),
    "option_removed": Aspect("Option “{}” removed", _entry("options", _label)),
    "option_reworded": Aspect("Option “{}”", _entry("options", _label)),
    "exclusive_changed": Aspect(
        "Option “{}”",
        _entry("options", _when("exclusive", "goes with no other option", "goes with others")),
    ),
    "other_changed": Aspect(
        "Option “{}”",
        _entry("options", _when("other", "asks for words", "asks for no words")),
    ),
    "options_moved": Aspect("Order of the options", _listed("options")),
    "unit_changed": Aspect(
        "Unit", _of(lambda one: ", ".join(one.get("units", ())) or one.get("unit", "") or "none")
    ),
    "units_moved": Aspect("Order of the units", _of(lambda one: ", ".join(one.get("units", ())))),
    "range_changed": Aspect("Range of answers", _of(_range)),
    "rounding_changed": Aspect(
        "Rounding", _of(_when("whole", "whole numbers only", "also fractions"))
    ),
    "several_changed": Aspect(
        "How many may be chosen", _of(_when("multiple", "several options", "one option"))
    ),
    "limits_changed": Aspect("How many may be chosen", _of(_limits)),
    "places_changed": Aspect(
        "Places", _of(lambda one: f"the best {one['places']}" if one.get("places") else "all")
    ),
    "total_changed": Aspect("Total to share out", _key("total")),
    "order_changed": Aspect("Order", _of(_ORDER)),
    "field_changed": Aspect("Room for the answer", _of(_room)),
    "files_changed": Aspect("Files that are taken", _of(_files)),
    "required_changed": Aspect(
        "Whether an answer is needed", _of(_when("required", "needed", "may be left out"))
    ),
    "missing_codes_changed": Aspect("Also offered", _of(_missing)),
    "condition_changed": Aspect("When it is asked", _condition),
    "kpi_changed": Aspect(
        "Measures, together with others", _of(lambda one: one.get("kpi") or "nothing")
    ),
}
