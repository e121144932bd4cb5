"""The fields of a questionnaire's definition: marshmallow fields that refuse in plain sentences.

A definition may come from any file, so each field takes exactly its type and nothing near it:
`true` is no number, `1` is no text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    post_dump,
    validates_schema,
)

from survey_app.domain.problems import Problem, did_you_mean, quoted

LARGEST_POINT = 1_000_000
LARGEST_NUMBER = 1e15
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)


class Refusal(str):
    """A sentence about one field, with the code of the problem it will become."""

    code: str

    def __new__(cls, code: str, sentence: str) -> Refusal:
        """Make the sentence and keep its code beside it."""
        refusal = super().__new__(cls, sentence)
        refusal.code = code
        return refusal


def refuse(code: str, sentence: str) -> ValidationError:
    """Return the error to raise for one field."""
    # In a list, because marshmallow keeps what a list holds as it is.
    return ValidationError([Refusal(code, sentence)])


_PART_MESSAGES: dict[str, str] = {
    "type": Refusal("not_a_mapping", "Keys with values are wanted here, like `id: visit`.")
}
_FIELD_MESSAGES: dict[str, Any] = {
    "required": [Refusal("missing_key", "This key is missing. Add it.")],
    "null": [Refusal("no_value", "The key has no value. Fill it in, or remove the key.")],
}


class Part(Schema):
    """A mapping within a definition: unknown keys are refused, empty optional keys not written."""

    class Meta:
        """Unknown keys are refused by `_refuse_unknown_keys`, which can suggest the right one."""

        unknown = EXCLUDE

    error_messages = _PART_MESSAGES

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _refuse_unknown_keys(self, _data: Any, original: Any, **_options: Any) -> None:
        if not isinstance(original, Mapping):
            return
        unknown = [key for key in original if key not in self.fields]
        if unknown:
            raise ValidationError([self._unknown_key(key) for key in unknown[:20]])

    def _unknown_key(self, key: object) -> Refusal:
        # The text form of a key that is not text may be endless; its type says enough.
        name = quoted(key) if isinstance(key, str) else f"({kind_of(key)})"
        near = did_you_mean(key, self.fields) if isinstance(key, str) else ""
        known = ", ".join(self.fields)
        return Refusal(
            "unknown_key",
            f"The key {name} is not known here.{near} Correct or remove it; known keys: {known}.",
        )

    @post_dump
    def _leave_out_empty(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Without empty optional keys a definition keeps its hash when another key is added."""
        return {
            key: value
            for key, value in data.items()
            if not (_is_empty(value) and _is_empty(self._default_of(key)))
        }

    def _default_of(self, key: str) -> object:
        """What a missing key is read as; a required one has no default, which is not empty."""
        default = self.fields[key].load_default
        return default() if callable(default) else default


def _is_empty(value: object) -> bool:
    # Not plain falsehood: the number 0 says something.
    return value is None or value is False or value in ("", (), [], {})


class PlainField(fields.Field[Any]):
    """A field that refuses in sentences with codes."""

    default_error_messages = _FIELD_MESSAGES


class TextField(PlainField):
    """Text of at most `longest` characters; line ends become newlines, all else stays."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> str:
        if not isinstance(value, str):
            raise refuse(
                "not_text",
                f"Text is wanted here, not {kind_of(value)}. Put it into quotation marks.",
            )
        if len(value) > self.longest:
            raise refuse(
                "too_long",
                f"The text has {len(value)} characters. Shorten it to {self.longest} or fewer.",
            )
        if flaw := find_flaw(value):
            raise refuse("bad_character", flaw)
        return with_newlines(value)


class WordField(PlainField):
    """One word of a closed list."""

    def __init__(self, *, known: tuple[str, ...], **options: Any) -> None:
        super().__init__(**options)
        self.known = known

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> str:
        use = f"Use one of: {', '.join(self.known)}."
        if not isinstance(value, str):
            raise refuse("not_text", f"A word is wanted here, not {kind_of(value)}. {use}")
        if value not in self.known:
            near = did_you_mean(value, self.known)
            raise refuse("unknown_word", f"{quoted(value)} is not known here.{near} {use}")
        return value


class WholeField(PlainField):
    """A whole number of a scale or a size, within a million either way."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse(
                "not_whole",
                f"A whole number is wanted here, not {kind_of(value)}. Write digits only, like 5.",
            )
        if abs(value) > LARGEST_POINT:
            raise refuse("too_large", f"The number is beyond {LARGEST_POINT}. Choose a nearer one.")
        return value


class NumberField(PlainField):
    """A finite number."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            raise refuse(
                "not_a_number",
                f"A number is wanted here, not {kind_of(value)}. Write it with a decimal point, "
                "like 0.5.",
            )
        if abs(value) > LARGEST_NUMBER:
            raise refuse(
                "too_large", f"The number is beyond {LARGEST_NUMBER:.0f}. Choose a nearer one."
            )
        return float(value) + 0.0

    def _serialize(self, value: Any, *_rest: Any, **_options: Any) -> float | int | None:
        # 600 and 600.0 are one number: one form, so that they have one hash.
        return int(value) if value is not None and float(value).is_integer() else value


class FlagField(PlainField):
    """true or false."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("not_a_flag", f"Write true or false here, not {kind_of(value)}.")
        return value


class PartField(PlainField):
    """A mapping with its own schema."""

    def __init__(self, part: type[Part], **options: Any) -> None:
        super().__init__(**options)
        self.part = part

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> Any:
        return _schema_of(self.part).load(value)

    def _serialize(self, value: Any, *_rest: Any, **_options: Any) -> Any:
        return _schema_of(self.part).dump(value)


@functools.cache
def _schema_of(part: type[Part]) -> Part:
    return part()


class ListField(PlainField):
    """A list of at most `most` entries, each read by `inner`; in Python a tuple."""

    def __init__(self, inner: fields.Field[Any], *, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.inner = inner
        self.most = most

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise refuse(
                "not_a_list",
                f"A list is wanted here, not {kind_of(value)}. Begin entries with `- `.",
            )
        if len(value) > self.most:
            raise refuse(
                "too_many", f"The list has {len(value)} entries. Use {self.most} or fewer."
            )
        entries: list[Any] = []
        refused: dict[int, Any] = {}
        for index, entry in enumerate(value):
            try:
                entries.append(self.inner.deserialize(entry))
            except ValidationError as error:
                refused[index] = error.messages
        if refused:
            raise ValidationError(refused)
        return tuple(entries)

    def _serialize(self, value: Any, *_rest: Any, **_options: Any) -> list[Any]:
        return [self.inner._serialize(entry, None, None) for entry in value]


def find_flaw(text: str) -> str:
    """Return a sentence about the first character that no database or file can keep, or ''."""
    flaw = refuse_flaw(text, "")
    return flaw.message if flaw else ""


def refuse_flaw(text: str, place: str) -> Problem | None:
    """Return the problem of the first character that no database or file can keep."""
    if "\0" in text:
        return Problem.told(place, "bad_character", "The text has a NUL character. Remove it.")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        return Problem.told(
            place,
            "bad_character",
            "The text has half of a character (a lone surrogate). Type that character again.",
        )
    return None


def with_newlines(text: str) -> str:
    """Return the text with each line end (CR LF, or CR alone) made a newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def kind_of(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text"}
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "keys with values"
    if isinstance(value, (list, tuple)):
        return "a list"
    return kinds.get(type(value), f"a {type(value).__name__}")
