"""A choice among declared options: one of them, or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from survey_app.domain.definition_fields import (
    FlagField,
    ListField,
    PartField,
    WholeField,
    WordField,
    refuse_flaw,
    with_newlines,
)
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.question_types.options import (
    CODE_SEPARATOR,
    ChoiceOptionPart,
    Option,
    check_options,
    draw_order,
    mixtures,
    unknown_option,
)
from survey_app.domain.questionnaire import (
    OTHER_SUFFIX,
    RANDOM,
    Answer,
    Definition,
    Posted,
    Question,
    QuestionPart,
    Value,
)

LONGEST_OTHER = 500


class ChoicePart(QuestionPart):
    """Definition of a choice question."""

    options = ListField(PartField(ChoiceOptionPart), most=500, load_default=())
    multiple = FlagField(load_default=False)
    least = WholeField(load_default=None)
    most = WholeField(load_default=None)
    order = WordField(known=(RANDOM,), load_default="")


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """A question answered with the code of an option; if `multiple`, with a list of codes.

    Of several, `least` to `most` are wanted, if these are set. Words written beside the option
    `other` are kept beside the value.
    """

    type: ClassVar[str] = "choice"
    definition: ClassVar[Definition] = ChoicePart

    options: tuple[Option, ...] = ()
    multiple: bool = False
    least: int | None = None
    most: int | None = None
    order: str = ""

    @property
    def picks_one(self) -> bool:
        """See `Question.picks_one`."""
        return not self.multiple

    @property
    def other(self) -> Option | None:
        """The option that asks for words beside it."""
        return next((option for option in self.options if option.other), None)

    @property
    def field_names(self) -> tuple[str, ...]:
        """See `Question.field_names`."""
        return (self.id, self.id + OTHER_SUFFIX) if self.other else (self.id,)

    def check(self) -> list[Problem]:
        """See `Question.check`: enough options, each with its own sound code and a label."""
        problems = check_options(self.options, "option")
        others = [option.code for option in self.options if option.other]
        if len(others) > 1:
            problems.append(
                Problem(
                    "options",
                    "several_others",
                    f"{len(others)} options ask for words of one's own. Keep one of them.",
                )
            )
        exclusive = [option.code for option in self.options if option.exclusive]
        if exclusive and not self.multiple:
            problems.append(
                Problem(
                    "options",
                    "exclusive_of_one",
                    f"{quoted(exclusive[0])} is exclusive, but only one option can be chosen "
                    "anyway. Remove `exclusive`, or let several be chosen; `fixed` keeps it in its "
                    "place.",
                )
            )
        return [*problems, *self._check_limits(len(self.options) - len(exclusive))]

    def _check_limits(self, together: int) -> list[Problem]:
        least, most = self.least or 0, together if self.most is None else self.most
        if self.least is None and self.most is None:
            return []
        if not self.multiple:
            message = "`least` and `most` are for choices of several. Remove them."
            return [Problem("least" if self.least is not None else "most", "limits", message)]
        if least < 0 or most < 1 or least > min(most, together):
            message = (
                f"From {least} to {most} of {together} options cannot be chosen. Correct `least` "
                "and `most`."
            )
            return [Problem("least" if self.least is not None else "most", "limits", message)]
        return []

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`; several codes come in the order of the options, each once."""
        given = {value.strip() for value in values if value.strip()}
        if not given:
            return None
        codes = [option.code for option in self.options]
        if unknown := sorted(given.difference(codes)):
            return unknown_option(self.id, unknown[0], codes)
        chosen = [code for code in codes if code in given]
        if self.multiple:
            return self._refuse_together(chosen) or chosen
        return self.refuse_several(chosen) or chosen[0]

    def _refuse_together(self, chosen: list[str]) -> Problem | None:
        alone = [one for one in self.options if one.exclusive and one.code in chosen]
        if alone and len(chosen) > 1:
            return Problem.told(
                self.id,
                "exclusive_with_others",
                "{option} does not go together with other answers. Choose it alone, or remove it.",
                option=quoted(alone[0].label),
            )
        if alone:
            return None
        if self.least is not None and len(chosen) < self.least:
            return Problem.told(
                self.id,
                "too_few_chosen",
                "Chosen so far: {count}. Choose {least} or more.",
                count=len(chosen),
                least=self.least,
            )
        if self.most is not None and len(chosen) > self.most:
            return Problem.told(
                self.id,
                "too_many_chosen",
                "Chosen: {count}. Choose {most} at most.",
                count=len(chosen),
                most=self.most,
            )
        return None

    def collect(self, posted: Posted) -> Answer | Problem | None:
        """See `Question.collect`: words at "other" choose it, where nothing else is chosen."""
        chosen = list(posted.get(self.id, ()))
        other = self.other
        words = [
            with_newlines(text) for text in posted.get(self.id + OTHER_SUFFIX, ()) if text.strip()
        ]
        if other is None or not words:
            value = self.read(chosen)
            return value if value is None or isinstance(value, Problem) else {"value": value}
        if flaw := self._flaw_of_words(words):
            return flaw
        if other.code not in (code.strip() for code in chosen):
            # Also where "no answer" is what was chosen.
            if not self.multiple and chosen:
                return Problem.told(
                    self.id,
                    "other_not_chosen",
                    "You wrote something beside {option}, but chose another answer. Choose "
                    "{option}, or remove what you wrote.",
                    option=quoted(other.label),
                )
            chosen.append(other.code)
        value = self.read(chosen)
        if value is None or isinstance(value, Problem):
            return value
        return {"value": value, "other": words[0]}

    def _flaw_of_words(self, words: list[str]) -> Problem | None:
        if len(words) > 1:
            return self.refuse_several(words)
        if flaw := refuse_flaw(words[0], self.id):
            return flaw
        if len(words[0]) > LONGEST_OTHER:
            return Problem.told(
                self.id,
                "too_long",
                "The text has {count} characters. Shorten it to {longest} or fewer.",
                count=len(words[0]),
                longest=LONGEST_OTHER,
            )
        return None

    def spread(self, answer: Answer) -> dict[str, list[str]]:
        """See `Question.spread`."""
        fields = super().spread(answer)
        if "other" in answer:
            fields[self.id + OTHER_SUFFIX] = [answer["other"]]
        return fields

    def split_cell(self, cell: str) -> list[str]:
        """See `Question.split_cell`: several codes are parted by `|`."""
        return cell.split(CODE_SEPARATOR) if self.multiple else [cell]

    def say(self, answer: Answer) -> str:
        """See `Question.say`: the labels; in the place of "other", what was written."""
        codes = answer["value"] if self.multiple else [answer["value"]]
        return ", ".join(
            answer["other"] if option.other and "other" in answer else option.label
            for option in self.options
            if option.code in codes
        )

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`: each option, or every mixture of those that are compared with."""
        codes = [option.code for option in self.options]
        if not self.multiple:
            return list(codes)
        compared = [code for code in codes if code in constants]
        alone = [one.code for one in self.options if one.exclusive]
        # Of the others any stand for all: whether one is there does not matter to anybody.
        rest = [code for code in codes if code not in compared and code not in alone]
        least = max(self.least or 1, 1)
        tried = [alone[:1]]
        for mixture in mixtures(compared):
            lacking = 0 if set(mixture) & set(alone) else max(least - len(mixture), 0)
            tried.append([*mixture, *rest[:lacking]])
        ordered = ([code for code in codes if code in chosen] for chosen in tried)
        return [chosen for chosen in ordered if chosen and not self._refuse_together(chosen)]

    def arrange(self, seed: str) -> Question:
        """See `Question.arrange`."""
        if self.order != RANDOM:
            return self
        return replace(self, options=draw_order(self.options, seed, self.id))
