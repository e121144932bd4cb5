"""Options, rows and words at points as lines of a text field: `code = label`, one a line.

    shop = In the shop
    other = Somewhere else [other]
    none = None of these [alone]
    all = All of it [fixed]

What such a line cannot hold (an = within the code, a line end within the label) is written in
quotation marks, as in JSON: `"a=b" = "two\\nlines"`. So any definition can be shown and read back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from survey_app.domain.definition_fields import with_newlines

# What stands at the end of a line, and the key it stands for: of all lists, and of a choice.
PLAIN_MARKS = {"fixed": "fixed"}
CHOICE_MARKS = {"other": "other", "alone": "exclusive", **PLAIN_MARKS}
NO_MARKS: Mapping[str, str] = MappingProxyType({})
MARK = re.compile(r"(.*?)\s*\[([a-z]+)\]", re.DOTALL)
_TEXT = r'"(?:[^"\\]|\\.)*"'
QUOTED = re.compile(rf"({_TEXT})\s*=\s*({_TEXT})")


def write_options(options: Iterable[Mapping[str, Any]], marks: Mapping[str, str] = NO_MARKS) -> str:
    """Return options (or rows) as lines; `marks` say what may be special about them."""
    return "\n".join(_write(option, marks) for option in options)


def read_options(text: str | None, marks: Mapping[str, str] = NO_MARKS) -> list[dict[str, Any]]:
    """Return what `write_options` writes as such; a line without = is both code and label."""
    return [option for _number, option in numbered_options(text, marks)]


def numbered_options(
    text: str | None, marks: Mapping[str, str] = NO_MARKS
) -> list[tuple[int, dict[str, Any]]]:
    """Return what is on each line that is not empty, with the line's number from 1."""
    lines = with_newlines(text or "").split("\n")
    return [(at, _read(line, marks)) for at, line in enumerate(lines, start=1) if line.strip()]


def write_words(anchors: Mapping[str, str]) -> str:
    """Return the words at points as lines."""
    return write_options({"code": point, "label": word} for point, word in anchors.items())


def read_words(text: str | None) -> list[tuple[str, str]]:
    """Return (point as typed, word) of each line."""
    return [(line["code"], line["label"]) for line in read_options(text)]


def _write(option: Mapping[str, Any], marks: Mapping[str, str]) -> str:
    code, label = option["code"], option["label"]
    ends = "".join(f" [{mark}]" for mark, key in marks.items() if option.get(key))
    plain = f"{code} = {label}{ends}"
    given = {key: value for key, value in option.items() if value is not False}
    if "\n" not in plain and _read(plain, marks) == given:
        return plain
    return f"{_quote(code)} = {_quote(label)}{ends}"


def _read(line: str, marks: Mapping[str, str]) -> dict[str, Any]:
    rest, flags = line.strip(), {}
    while (found := MARK.fullmatch(rest)) and found[2] in marks:
        rest, flags[marks[found[2]]] = found[1], True
    if found := QUOTED.fullmatch(rest):
        try:
            return {"code": json.loads(found[1]), "label": json.loads(found[2]), **flags}
        except ValueError:
            pass  # only looks like it
    code, sign, label = rest.partition("=")
    return {"code": code.strip(), "label": (label if sign else code).strip(), **flags}


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
