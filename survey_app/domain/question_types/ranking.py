"""A ranking: options put into order, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from survey_app.domain.definition_fields import ListField, PartField, WholeField, WordField
from survey_app.domain.digits import with_ascii_digits
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.question_types.options import (
    CODE_SEPARATOR,
    Option,
    OptionPart,
    check_options,
    draw_order,
    mixtures,
    unknown_option,
)
from survey_app.domain.questionnaire import (
    ITEM_SIGN,
    RANDOM,
    Answer,
    Definition,
    Posted,
    Question,
    QuestionPart,
    Value,
    as_answer,
)


class RankingPart(QuestionPart):
    """Definition of a ranking question."""

    options = ListField(PartField(OptionPart), most=30, load_default=())
    places = WholeField(load_default=None)
    order = WordField(known=(RANDOM,), load_default="")


@dataclass(frozen=True, kw_only=True)
class Ranking(Question):
    """A question answered with the codes of options, the first place first.

    `places` is how many places are given away; None ranks all options. A form has a field for
    each option, '<question>.<option code>', that holds its place.
    """

    type: ClassVar[str] = "ranking"
    definition: ClassVar[Definition] = RankingPart

    options: tuple[Option, ...] = ()
    places: int | None = None
    order: str = ""

    @property
    def place_count(self) -> int:
        """How many places are given away."""
        return len(self.options) if self.places is None else self.places

    @property
    def field_names(self) -> tuple[str, ...]:
        """See `Question.field_names`: one for each option."""
        return tuple(self.field_of(option) for option in self.options)

    def field_of(self, option: Option) -> str:
        """The field that holds the place of an option."""
        return f"{self.id}{ITEM_SIGN}{option.code}"

    def check(self) -> list[Problem]:
        """See `Question.check`: the options, and as many places as can be filled."""
        problems = check_options(self.options, "option")
        if self.places is not None and not 1 <= self.places <= len(self.options):
            message = (
                f"{self.places} places cannot be filled from {len(self.options)} options. Set "
                "`places` between 1 and their number, or leave it out."
            )
            problems.append(Problem("places", "bad_places", message))
        return problems

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`: codes, the first place first."""
        given = [value.strip() for value in values if value.strip()]
        if not given:
            return None
        codes = [option.code for option in self.options]
        for code in given:
            if code not in codes:
                return unknown_option(self.id, code, codes)
        if len(set(given)) < len(given):
            twice = next(code for code in given if given.count(code) > 1)
            return Problem.told(
                self.id,
                "ranked_twice",
                "{option} has two places. Keep one of them.",
                option=quoted(self._label(twice)),
            )
        if len(given) != self.place_count:
            return Problem.told(
                self.id,
                "places_left",
                "You have given {count} of {places} places. Give away each of them once.",
                count=len(given),
                places=self.place_count,
            )
        return given

    def collect(self, posted: Posted) -> Answer | Problem | None:
        """See `Question.collect`: the place of each option."""
        by_place: dict[int, str] = {}
        for option in self.options:
            given = self.read_single(posted.get(self.field_of(option), ()))
            if given is None:
                continue
            if isinstance(given, Problem):
                return given
            place = _read_place(with_ascii_digits(given))
            if place is None or not 1 <= place <= self.place_count:
                return Problem.told(
                    self.id,
                    "no_place",
                    "{place} is no place. Choose one from 1 to {places} for {option}.",
                    place=quoted(given),
                    places=self.place_count,
                    option=quoted(option.label),
                )
            if place in by_place:
                return Problem.told(
                    self.id,
                    "same_place",
                    "{first} and {second} have the same place, {place}. Give each its own.",
                    first=quoted(self._label(by_place[place])),
                    second=quoted(option.label),
                    place=place,
                )
            by_place[place] = option.code
        return as_answer(self.read([by_place[place] for place in sorted(by_place)]))

    def spread(self, answer: Answer) -> dict[str, list[str]]:
        """See `Question.spread`."""
        return {
            f"{self.id}{ITEM_SIGN}{code}": [str(place)]
            for place, code in enumerate(answer["value"], start=1)
        }

    def split_cell(self, cell: str) -> list[str]:
        """See `Question.split_cell`: the codes in their order, parted by `|`."""
        return cell.split(CODE_SEPARATOR)

    def say(self, answer: Answer) -> str:
        """See `Question.say`: the labels, the first place first."""
        return ", ".join(self._label(code) for code in answer["value"])

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`: whether an option has a place is all that can be asked."""
        codes = [option.code for option in self.options]
        rest = [code for code in codes if code not in constants]
        probes: list[Value] = []
        for mixture in mixtures([code for code in codes if code in constants]):
            lacking = self.place_count - len(mixture)
            if 0 <= lacking <= len(rest) and self.place_count:
                probes.append([*mixture, *rest[:lacking]])
        return probes

    def arrange(self, seed: str) -> Question:
        """See `Question.arrange`."""
        if self.order != RANDOM:
            return self
        return replace(self, options=draw_order(self.options, seed, self.id))

    def _label(self, code: str) -> str:
        return next(option.label for option in self.options if option.code == code)


def _read_place(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 4 else None
