"""The columns of a download: what is made of each item over all the versions that were chosen.

Answers of two series never share a column, nor do answers of two kinds. The newest series of an
item has the item's own name, an earlier one `<item>__s<series>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from survey_app.domain.question_types.consent import GIVEN, Consent
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Rated
from survey_app.domain.question_types.yes_no import NO, YES
from survey_app.domain.questionnaire import MISSING_CODES, Question, Questionnaire
from survey_app.domain.series import FIRST
from survey_app.report.answers.stored import (
    BY_OPTION,
    CLOCK,
    CODED,
    DATE,
    DECIMAL,
    FREE,
    Cell,
    Stored,
    stored_items,
)

# A version that does not ask an item has no answer to it, which is not the same as not being shown.
NOT_ASKED = "not_asked"
CODES = (*MISSING_CODES, NOT_ASKED)

TEXT, INTEGER, NUMBER, DAY, TIME = "string", "integer", "number", "date", "time"

# What is known of a response beside its answers; no item's column is named so.
ABOUT = (
    *("response", "version", "month", "submitted_at", "customer", "unit", "representative"),
    *("representative_name", "language"),
)
LONGEST_NAME = 64
LONGEST_SUFFIX = 40
ODD = re.compile(r"[^A-Za-z0-9_]+", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """One published version: its number, its questionnaire, the series of its items."""

    number: int
    questionnaire: Questionnaire
    series: Mapping[str, int]


@dataclass(frozen=True)
class Column:
    """One column of the wide table; `role` is about, value, option, other or missing."""

    name: str
    role: str
    type: str
    item: str = ""
    option: Option | None = None


@dataclass(frozen=True)
class Item:
    """One item in one series: how each version stores it, and its columns.

    `cells` are the values of one that picks one, over all versions; `options` those of one that
    has a column for each. `item` is as the newest of the versions asks it, `question` the question
    that it is part of.
    """

    item: Question
    question: Question
    kind: str
    series: int
    stored: Mapping[int, Stored]
    cells: tuple[Cell, ...]
    options: tuple[Option, ...]
    columns: tuple[Column, ...] = field(default=())

    @property
    def values(self) -> tuple[Column, ...]:
        """The columns with values: one, or one for each option."""
        return tuple(one for one in self.columns if one.role in ("value", "option"))

    @property
    def missing(self) -> Column:
        """The column that says why there is no value."""
        return next(one for one in self.columns if one.role == "missing")

    def labels(self) -> dict[Cell, str]:
        """What values stand for, where they stand for something."""
        if isinstance(self.item, Rated):
            return dict(self.item.scale.anchors)
        if self.kind in BY_OPTION:
            return {}
        if isinstance(self.item, Consent):
            return {GIVEN: self.item.statement}
        if self.cells == (YES, NO):
            return {YES: "Yes", NO: "No"}
        return {option.code: option.label for option in self.options}


def plan_items(versions: Sequence[Asked], texts: bool, taken: Iterable[str] = ()) -> list[Item]:
    """The items in the order of the newest version, then those that it asks no more.

    Without `texts` no words that somebody typed have a column; `taken` are names of other columns.
    """
    gathered: dict[tuple[str, int, str], dict[int, tuple[Stored, Question]]] = {}
    for version in sorted(versions, key=lambda one: one.number, reverse=True):
        questions = {
            item.id: question
            for question in version.questionnaire.questions
            for item in question.items
        }
        for stored in stored_items(version.questionnaire):
            item_id = stored.item.id
            key = (item_id, version.series.get(item_id, FIRST), stored.kind)
            gathered.setdefault(key, {})[version.number] = (stored, questions[item_id])
    newest: dict[str, int] = {}
    for item_id, series, _kind in gathered:
        newest[item_id] = max(series, newest.get(item_id, series))
    names = _Names((*ABOUT, *taken))
    items = []
    for (item_id, series, kind), found in gathered.items():
        stored, question = next(iter(found.values()))
        by_version = {number: one for number, (one, _question) in found.items()}
        planned = Item(
            stored.item,
            question,
            kind,
            series,
            by_version,
            tuple(dict.fromkeys(cell for one in by_version.values() for cell in one.cells)),
            _union(by_version.values()),
        )
        base = item_id if series == newest[item_id] else f"{item_id}__s{series}"
        items.append(_with_columns(planned, names.take(base.replace("-", "_")), names, texts))
    return items


def _with_columns(item: Item, base: str, names: _Names, texts: bool) -> Item:
    columns = []

    def add(suffix: str, role: str, kind: str, option: Option | None = None) -> None:
        name = names.take(base, suffix) if suffix else base
        columns.append(Column(name, role, kind, item.item.id, option))

    if item.kind in BY_OPTION:
        for option in item.options:
            code = ODD.sub("_", option.code).strip("_") or "option"
            add(f".{code}", "option", INTEGER, option)
    elif item.kind not in FREE or texts:
        add("", "value", _type_of(item))
    if texts and any(one.has_other for one in item.stored.values()):
        add("__other", "other", TEXT)
    add("__missing", "missing", TEXT)
    return replace(item, columns=tuple(columns))


def _type_of(item: Item) -> str:
    if item.kind == CODED:
        return INTEGER if isinstance(item.cells[0], int) else TEXT
    if item.kind in FREE:
        return TEXT
    return {DECIMAL: NUMBER, DATE: DAY, CLOCK: TIME}.get(item.kind, INTEGER)


def _union(stored: Iterable[Stored]) -> tuple[Option, ...]:
    """The options of all versions by code, as the newest version words them."""
    options: dict[str, Option] = {}
    for one in stored:
        for option in one.options:
            options.setdefault(option.code, option)
    return tuple(options.values())


class _Names:
    """Names that every reader takes: of at most LONGEST_NAME characters, each once.

    SPSS takes upper and lower case for one.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.lower() for name in taken}

    def take(self, base: str, suffix: str = "") -> str:
        """The wanted name, or the next one that is free."""
        end, number = suffix[:LONGEST_SUFFIX], 2
        while (name := base[: LONGEST_NAME - len(end)] + end).lower() in self._taken:
            end, number = f"{suffix[:LONGEST_SUFFIX]}_{number}", number + 1
        self._taken.add(name.lower())
        return name
