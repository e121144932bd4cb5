"""A constant sum: a number of points shared out among options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from survey_app.domain.cells import read_whole
from survey_app.domain.definition_fields import (
    ListField,
    PartField,
    TextField,
    WholeField,
    WordField,
)
from survey_app.domain.digits import with_ascii_digits
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.question_types.options import (
    CODE_SEPARATOR,
    Option,
    OptionPart,
    check_options,
    draw_order,
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

# Between an option's code and its share, in a cell of an imported table.
SHARE_SIGN = "="


class ConstantSumPart(QuestionPart):
    """Definition of a constant sum."""

    options = ListField(PartField(OptionPart), most=30, load_default=())
    total = WholeField(load_default=100)
    unit = TextField(longest=100, load_default="")
    order = WordField(known=(RANDOM,), load_default="")


@dataclass(frozen=True, kw_only=True)
class ConstantSum(Question):
    """A question answered with whole shares that add up to `total`: {option code: share}.

    Options that get nothing have the share 0. A form has a field '<question>.<option code>' each.
    """

    type: ClassVar[str] = "constant_sum"
    definition: ClassVar[Definition] = ConstantSumPart

    options: tuple[Option, ...] = ()
    total: int = 100
    unit: str = ""
    order: str = ""

    @property
    def field_names(self) -> tuple[str, ...]:
        """See `Question.field_names`: one for each option."""
        return tuple(self.field_of(option) for option in self.options)

    def field_of(self, option: Option) -> str:
        """The field that holds the share of an option."""
        return f"{self.id}{ITEM_SIGN}{option.code}"

    def check(self) -> list[Problem]:
        """See `Question.check`: the options and the total."""
        problems = check_options(self.options, "option")
        if self.total < 1:
            message = f"{self.total} cannot be shared out. Set `total` to 1 or more, such as 100."
            problems.append(Problem("total", "bad_total", message))
        return problems

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`: texts of the form 'code=share'."""
        shares: dict[str, int] = {}
        given = [value.strip() for value in values if value.strip()]
        for value in given:
            code, _sign, share = (part.strip() for part in value.rpartition(SHARE_SIGN))
            if code in shares:
                return self.refuse_several([code, code])
            read = self._read_share(code, share)
            if isinstance(read, Problem):
                return read
            shares[code] = read
        return self._add_up(shares) if given else None

    def collect(self, posted: Posted) -> Answer | Problem | None:
        """See `Question.collect`: the share of each option."""
        shares: dict[str, int] = {}
        for option in self.options:
            given = self.read_single(posted.get(self.field_of(option), ()))
            if given is None:
                continue
            if isinstance(given, Problem):
                return given
            read = self._read_share(option.code, given)
            if isinstance(read, Problem):
                return read
            shares[option.code] = read
        return as_answer(self._add_up(shares)) if shares else None

    def _read_share(self, code: str, text: str) -> int | Problem:
        label = next((option.label for option in self.options if option.code == code), None)
        if label is None:
            return unknown_option(self.id, code, [option.code for option in self.options])
        share = read_whole(with_ascii_digits(text), self.id)
        if isinstance(share, Problem):
            return share
        if not 0 <= share <= self.total:
            return Problem.told(
                self.id,
                "share_outside",
                "{share} for {option} is outside 0 to {total}. Correct it.",
                share=share,
                option=quoted(label),
                total=self.total,
            )
        return share

    def _add_up(self, shares: dict[str, int]) -> dict[str, int] | Problem:
        total = sum(shares.values())
        if total != self.total:
            if total > self.total:
                return Problem.told(
                    self.id,
                    "wrong_total",
                    "Your numbers add up to {sum}: {difference} too many. They should make "
                    "{total}.",
                    sum=total,
                    total=self.total,
                    difference=total - self.total,
                )
            return Problem.told(
                self.id,
                "wrong_total",
                "Your numbers add up to {sum}: {difference} are left. They should make {total}.",
                sum=total,
                total=self.total,
                difference=self.total - total,
            )
        return {option.code: shares.get(option.code, 0) for option in self.options}

    def encode(self, value: Value) -> list[str]:
        """See `Question.encode`."""
        assert isinstance(value, dict)
        return [f"{code}{SHARE_SIGN}{share}" for code, share in value.items()]

    def spread(self, answer: Answer) -> dict[str, list[str]]:
        """See `Question.spread`."""
        return {
            f"{self.id}{ITEM_SIGN}{code}": [str(share)] for code, share in answer["value"].items()
        }

    def split_cell(self, cell: str) -> list[str]:
        """See `Question.split_cell`: 'code=share', parted by `|`."""
        return cell.split(CODE_SEPARATOR)

    def say(self, answer: Answer) -> str:
        """See `Question.say`: each option with its share."""
        value = answer["value"]
        return ", ".join(f"{option.label}: {value[option.code]}" for option in self.options)

    def arrange(self, seed: str) -> Question:
        """See `Question.arrange`."""
        if self.order != RANDOM:
            return self
        return replace(self, options=draw_order(self.options, seed, self.id))
