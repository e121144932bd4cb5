"""Finitely many values that stand for all that could be answered, or known of a contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from survey_app.domain.comparisons import CODES, WORDS, kind_of_answer
from survey_app.domain.condition_fields import leaves_of, operator_of
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.time import Time
from survey_app.domain.questionnaire import Condition, Question, Value
from survey_app.domain.routing import CALENDAR, PLAIN_NUMBER, compare

# ("question", item id) or ("contact", attribute).
Name: TypeAlias = tuple[str, str]
# Of several options, so many are told apart; the number of mixtures doubles with each.
MOST_CODES = 8
# Of items that are compared with each other, directly or through others, so many.
MOST_COMPARED = 4
MOST_CANDIDATES = 1000


class Unknown(Exception):
    """There is no small set of candidates; whoever asked has to say nothing."""


def sides_of(leaf: Condition) -> tuple[Name, str, Name | None]:
    """Return what a comparison looks at, its operator, and what else it looks at, if anything."""
    operator = operator_of(leaf)
    operand = leaf[operator]
    subject = "question" if "question" in leaf else "contact"
    other = ("question", operand["question"]) if isinstance(operand, Mapping) else None
    return (subject, leaf[subject]), operator, other


def can_be_skipped(item: Question) -> bool:
    """Whether an item that is asked may stay without a value."""
    return not item.required or bool(item.missing)


class Candidates:
    """The candidates of everything that some conditions look at, as far as these tell apart.

    A candidate is known by its position; 0 is the missing one.
    """

    def __init__(
        self,
        items: Mapping[str, Question],
        paths: Mapping[str, tuple[Condition, ...]],
        conditions: Iterable[Condition],
    ) -> None:
        self._items = items
        self._paths = paths
        self._constants: dict[Name, dict[Any, None]] = {}
        self._values: dict[Name, list[Value | None]] = {}
        self._all: dict[Name, frozenset[int]] = {}
        self._chosen: dict[int, frozenset[int]] = {}
        self._groups: dict[Name, list[Name]] = {}
        for condition in conditions:
            for leaf in leaves_of(condition):
                self._note(leaf)

    def values(self, name: Name) -> list[Value | None]:
        """The candidates, the missing one first; raises Unknown."""
        if name not in self._values:
            group = self._groups.get(name, [name])
            self._share(group)
            for one in group:
                probed = self._probe(one)
                if len(probed) > MOST_CANDIDATES:
                    raise Unknown
                self._values[one] = [None, *probed]
        return self._values[name]

    def all_of(self, name: Name) -> frozenset[int]:
        """The positions of what is possible at all; raises Unknown."""
        if name not in self._all:
            first = 0 if self._can_be_missing(name) else 1
            self._all[name] = frozenset(range(first, len(self.values(name))))
        return self._all[name]

    def answered(self, item_id: str) -> frozenset[int]:
        """The positions of an item's values; raises Unknown."""
        return self.all_of(("question", item_id)) - {0}

    def chosen_by(self, leaf: Condition) -> frozenset[int]:
        """The positions for which a comparison with a constant holds; raises Unknown."""
        if id(leaf) not in self._chosen:
            name, operator, _none = sides_of(leaf)
            self._chosen[id(leaf)] = frozenset(
                at
                for at, value in enumerate(self.values(name))
                if compare(value, operator, leaf[operator])
            )
        return self._chosen[id(leaf)]

    def _can_be_missing(self, name: Name) -> bool:
        subject, item_id = name
        if subject == "contact":
            return True
        return can_be_skipped(self._items[item_id]) or bool(self._paths[item_id])

    def _note(self, leaf: Condition) -> None:
        name, operator, other = sides_of(leaf)
        known = self._constants.setdefault(name, {})
        if other is not None:
            self._constants.setdefault(other, {})
            together = self._groups.get(name, [name])
            if other not in together:
                together = together + self._groups.get(other, [other])
                self._groups.update(dict.fromkeys(together, together))
        elif operator != "answered":
            operand = leaf[operator]
            known.update(dict.fromkeys(operand if operator == "one_of" else (operand,)))

    def _share(self, group: list[Name]) -> None:
        """Give what is compared with each other the same values, and as many more as it takes.

        Each round adds values around those there are; so many can be told apart one by one.
        """
        if len(group) == 1:
            return
        if len(group) > MOST_COMPARED:
            raise Unknown
        if any(self._kind(name) == WORDS for name in group):
            for name in group:
                self._constants[name].update(dict.fromkeys("abcd"))
        for _round in group[1:]:
            shared: dict[Any, None] = {}
            for name in group:
                shared.update(self._constants[name])
                for value in self._probe(name):
                    shared.update(dict.fromkeys(value if isinstance(value, list) else (value,)))
            if len(shared) > MOST_CANDIDATES:
                raise Unknown
            for name in group:
                self._constants[name].update(shared)

    def _kind(self, name: Name) -> str:
        subject, item_id = name
        return kind_of_answer(self._items[item_id]) if subject == "question" else ""

    def _probe(self, name: Name) -> list[Value]:
        constants = tuple(self._constants.get(name, ()))
        if name[0] == "contact":
            return probe_contact(constants)
        item = self._items[name[1]]
        if kind_of_answer(item) == CODES and len(constants) > MOST_CODES:
            raise Unknown
        probed = item.probe(constants)
        # A file or a constant sum is only asked whether it is there: any value will do.
        return probed or [item.id]


def probe_contact(constants: Iterable[int | float | str]) -> list[Value]:
    """Return texts that stand for all that could be known of a contact's attribute.

    Each constant, what lies before, between and after numbers, days and times, and something else.
    Numbers come in two spellings, as they are compared by value and as text.
    """
    given = list(constants)
    texts = dict.fromkeys(one for one in given if isinstance(one, str) and one)
    numbers = [
        float(one) for one in given if not isinstance(one, str) or PLAIN_NUMBER.fullmatch(one)
    ]
    if numbers:
        for number in Number(id="number").probe(numbers):
            text = f"{number:.15f}".rstrip("0").rstrip(".")
            texts.update(dict.fromkeys((text, f"{text}0" if "." in text else f"{text}.0")))
    moments = [one for one in texts if CALENDAR.fullmatch(one)]
    if moments:
        for probe in (Date(id="day").probe(moments), Time(id="time").probe(moments)):
            texts.update(dict.fromkeys(str(one) for one in probe))
    texts["x" * (1 + max(map(len, texts), default=0))] = None
    return list(texts)
