"""What is wrong with the lines of a field, each told with its number, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marshmallow import ValidationError
from wtforms import Field

from survey_app.design.question_forms.lines import NO_MARKS, numbered_options
from survey_app.domain.mapping_fields import AnchorsField
from survey_app.domain.problems import quoted
from survey_app.domain.question_types.options import Option, OptionPart, check_options

ANCHORS, KNOWN = AnchorsField(), OptionPart()


class SoundLines:
    """The check that each line of a field can be an option (or a row)."""

    def __init__(self, kind: str, marks: Mapping[str, str] = NO_MARKS) -> None:
        self.kind, self.marks = kind, marks

    def __call__(self, _form: Any, field: Field) -> None:
        """Add a sentence for all that is wrong."""
        options = numbered_options(field.data, self.marks)
        told = [(at, said) for at, one in options for said in self._flaws(one)]
        codes = ((at, one["code"]) for at, one in options)
        # Rows name columns, which are one in upper and lower case.
        told += _double(codes, fold=self.kind == "row")
        field.errors = [*field.errors, *_sentences(told)]

    def _flaws(self, option: Mapping[str, Any]) -> Iterator[str]:
        plain = {"code": option["code"], "label": option["label"]}
        for key, refusals in KNOWN.validate(plain).items():
            yield from (f"{key}: {refusal}" for refusal in refusals)
        for problem in check_options([Option(**plain)], self.kind, at_least=0):
            yield problem.message


def sound_points(_form: Any, field: Field) -> None:
    """Check that each line has words for a point of a scale, and that no point stands twice."""
    words = numbered_options(field.data)
    told = [(at, said) for at, one in words for said in _refused(one)]
    told += _double((at, one["code"]) for at, one in words)
    field.errors = [*field.errors, *_sentences(told)]


def _refused(word: Mapping[str, str]) -> list[str]:
    try:
        ANCHORS.deserialize({word["code"]: word["label"]})
    except ValidationError as error:
        return [str(said) for said in error.messages]
    return []


def _double(codes: Iterable[tuple[int, str]], fold: bool = False) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    for at, code in codes:
        name = code.lower() if fold else code
        if name in first:
            yield at, f"{quoted(code)} stands on line {first[name]} already. Keep one of the two."
        first.setdefault(name, at)


def _sentences(told: Iterable[tuple[int, str]]) -> list[str]:
    return [f"Line {at}: {said}" for at, said in sorted(told, key=lambda one: one[0])]
