"""Options of a choice, rows of a matrix: what is stored, what is shown, in which order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from marshmallow import post_load

from survey_app.domain.definition_fields import FlagField, Part, TextField
from survey_app.domain.places import entry_place
from survey_app.domain.problems import Problem, nearest, quoted
from survey_app.domain.questionnaire import MISSING_PREFIX, SUFFIXES
from survey_app.domain.routing import draw_place

# Parts the codes of several options in one cell of an imported table.
CODE_SEPARATOR = "|"
# Of as many codes all mixtures are tried.
MOST_MIXED = 8
ROW_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option: what is stored and what is shown.

    `other` asks for words beside it; `exclusive` goes together with no other option. Both keep
    their place where the order is random, and so does what is `fixed`.
    """

    code: str
    label: str
    other: bool = False
    exclusive: bool = False
    fixed: bool = False

    @property
    def is_held(self) -> bool:
        """Whether it keeps its place where the order is random."""
        return self.fixed or self.other or self.exclusive


class OptionPart(Part):
    """Definition of one option without more than its label."""

    code = TextField(longest=64, required=True)
    label = TextField(longest=500, required=True)
    fixed = FlagField(load_default=False)

    @post_load
    def _make(self, loaded: dict[str, Any], **_options: Any) -> Option:
        return Option(**loaded)


class ChoiceOptionPart(OptionPart):
    """Definition of one option of a choice."""

    other = FlagField(load_default=False)
    exclusive = FlagField(load_default=False)


def check_options(options: Sequence[Option], kind: str, at_least: int = 2) -> list[Problem]:
    """Return what is wrong: too few, a code twice or unfit to be stored, a label that is empty.

    `kind` is "option" or "row". Codes of rows name items, so they are as plain as ids.
    """
    problems = []
    if len(options) < at_least:
        wanted = "two options" if at_least == 2 else f"one {kind}"
        problems.append(
            Problem(
                f"{kind}s",
                f"too_few_{kind}s",
                f"It needs {wanted} or more; there are {len(options)}. Add some.",
            )
        )
    for number, option in enumerate(options, start=1):
        place = entry_place(kind, number, option.code)
        if not _is_sound(option.code, kind):
            problems.append(_bad_code(place, kind))
        if not option.label.strip():
            problems.append(
                Problem(place, "no_label", f"The {kind} has no label. Write what people see.")
            )
    problems += [
        Problem(
            f"{kind}s",
            "duplicate_code",
            f"{count} {kind}s have the code {quoted(code)}. Give each its own.",
        )
        for code, count in Counter(_as_named(option.code, kind) for option in options).items()
        if count > 1
    ]
    return problems


def unknown_option(place: str, given: str, codes: Sequence[str]) -> Problem:
    """Return the problem of a code that no option has."""
    option, near = quoted(given), nearest(given, codes)
    known = ", ".join(quoted(code) for code in codes[:20])
    if near:
        return Problem.told(
            place,
            "unknown_option",
            "There is no option {option}. Did you mean {near}? Choose from {known}.",
            option=option,
            near=quoted(near),
            known=known,
        )
    return Problem.told(
        place,
        "unknown_option",
        "There is no option {option}. Choose from {known}.",
        option=option,
        known=known,
    )


def draw_order(options: Sequence[Option], seed: str, question_id: str) -> tuple[Option, ...]:
    """Return the options in random order; those that are held keep their places."""
    drawn = iter(
        sorted(
            (option for option in options if not option.is_held),
            key=lambda option: draw_place(seed, question_id, option.code),
        )
    )
    return tuple(option if option.is_held else next(drawn) for option in options)


def mixtures(codes: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Return all mixtures of codes; of many: none, each alone, all but one, all."""
    count = len(codes)
    for size in range(count + 1) if count <= MOST_MIXED else (0, 1, count - 1, count):
        yield from combinations(codes, size)


def _as_named(code: str, kind: str) -> str:
    # Rows name columns, and databases take q1.A and q1.a for one.
    return code.lower() if kind == "row" else code


def _is_sound(code: str, kind: str) -> bool:
    if kind == "row":
        return bool(ROW_CODE.fullmatch(code)) and not code.endswith(SUFFIXES)
    return (
        bool(code)
        and code == code.strip()
        and code.isprintable()
        and CODE_SEPARATOR not in code
        and not code.startswith(MISSING_PREFIX)
    )


def _bad_code(place: str, kind: str) -> Problem:
    rule = (
        "A code needs at least one character, all of them visible, no space at its ends, no "
        f"{CODE_SEPARATOR} and no {MISSING_PREFIX} at its beginning."
    )
    if kind == "row":
        rule = (
            "The code of a row names an item in results: letters (a to z), digits, underscores and "
            f"hyphens only, and none of the endings {', '.join(SUFFIXES)}."
        )
    return Problem(place, "bad_code", f"{rule} Change the code; the label may stay.")
