"""A choice among declared options: one of them, or several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import post_load

from survey_app.domain.definition_fields import FlagField, ListField, Part, PartField, TextField
from survey_app.domain.places import option_place
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.questionnaire import (
    MISSING_PREFIX,
    Definition,
    Question,
    QuestionPart,
    Value,
)

# Parts the codes of a multiple choice in one cell of an imported table.
CODE_SEPARATOR = "|"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option: what is stored and what is shown."""

    code: str
    label: str


class OptionPart(Part):
    """Definition of one option."""

    code = TextField(longest=64, required=True)
    label = TextField(longest=500, required=True)

    @post_load
    def _make(self, loaded: dict[str, Any], **_options: Any) -> Option:
        return Option(**loaded)


class ChoicePart(QuestionPart):
    """Definition of a choice question."""

    options = ListField(PartField(OptionPart), most=500, load_default=())
    multiple = FlagField(load_default=False)


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """A question answered with the code of an option; if `multiple`, with a list of codes."""

    type: ClassVar[str] = "choice"
    definition: ClassVar[Definition] = ChoicePart

    options: tuple[Option, ...] = ()
    multiple: bool = False

    @property
    def picks_one(self) -> bool:
        """See `Question.picks_one`."""
        return not self.multiple

    def check(self) -> list[Problem]:
        """See `Question.check`: enough options, each with its own sound code and a label."""
        problems = []
        if len(self.options) < 2:
            problems.append(
                Problem(
                    "options",
                    "too_few_options",
                    f"A choice needs two options or more; there are {len(self.options)}. Add some.",
                )
            )
        for number, option in enumerate(self.options, start=1):
            place = option_place(number, option.code)
            if not _is_sound_code(option.code):
                problems.append(_bad_code(place))
            if not option.label.strip():
                problems.append(
                    Problem(place, "no_label", "The option has no label. Write what people see.")
                )
        problems += [
            Problem(
                "options",
                "duplicate_code",
                f"{count} options have the code {quoted(code)}. Give each its own.",
            )
            for code, count in Counter(option.code for option in self.options).items()
            if count > 1
        ]
        return problems

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`; several codes come in the order of the options, each once."""
        given = {value.strip() for value in values if value.strip()}
        if not given:
            return None
        codes = [option.code for option in self.options]
        if unknown := sorted(given.difference(codes)):
            shown = ", ".join(quoted(code) for code in codes[:20])
            return Problem(
                self.id,
                "unknown_option",
                f"There is no option {quoted(unknown[0])}.{did_you_mean(unknown[0], codes)} "
                f"Choose from {shown}.",
            )
        chosen = [code for code in codes if code in given]
        if self.multiple:
            return chosen
        return self.refuse_several(chosen) or chosen[0]

    def encode(self, value: Value) -> list[str]:
        """See `Question.encode`."""
        return list(value) if isinstance(value, list) else [str(value)]

    def split_cell(self, cell: str) -> list[str]:
        """See `Question.split_cell`: several codes are parted by `|`."""
        return cell.split(CODE_SEPARATOR) if self.multiple else [cell]


def _is_sound_code(code: str) -> bool:
    return (
        bool(code)
        and code == code.strip()
        and code.isprintable()
        and CODE_SEPARATOR not in code
        and not code.startswith(MISSING_PREFIX)
    )


def _bad_code(place: str) -> Problem:
    return Problem(
        place,
        "bad_code",
        "A code needs at least one character, all of them visible, no space at its ends, no "
        f"{CODE_SEPARATOR} and no {MISSING_PREFIX} at its beginning. "
        "Change the code; the label may stay.",
    )
