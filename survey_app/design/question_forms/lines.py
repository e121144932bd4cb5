"""Options, rows and words at points as lines of a text field: `code = label`, one a line.

    shop = In the shop
    other = Somewhere else [other]
    none = None of these [alone]

What such a line cannot hold (an = within the code, a line end within the label) is written in
quotation marks, as in JSON: `"a=b" = "two\\nlines"`. So any definition can be shown and read back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from survey_app.domain.definition_fields import with_newlines

# What stands at the end of an option's line, and the key it stands for.
MARKS = {"other": "other", "alone": "exclusive"}
MARK = re.compile(r"(.*?)\s*\[(other|alone)\]", re.DOTALL)
_TEXT = r'"(?:[^"\\]|\\.)*"'
QUOTED = re.compile(rf"({_TEXT})\s*=\s*({_TEXT})")


def write_options(options: Iterable[Mapping[str, Any]], marked: bool = False) -> str:
    """Return options (or rows) as lines; with `marked`, also what is special about them."""
    return "\n".join(_write(option, marked) for option in options)


def read_options(text: str | None, marked: bool = False) -> list[dict[str, Any]]:
    """Return what `write_options` writes as such; a line without = is both code and label."""
    lines = with_newlines(text or "").split("\n")
    return [_read(line, marked) for line in lines if line.strip()]


def write_words(anchors: Mapping[str, str]) -> str:
    """Return the words at points as lines."""
    return write_options({"code": point, "label": word} for point, word in anchors.items())


def read_words(text: str | None) -> list[tuple[str, str]]:
    """Return (point as typed, word) of each line."""
    return [(line["code"], line["label"]) for line in read_options(text)]


def _write(option: Mapping[str, Any], marked: bool) -> str:
    code, label = option["code"], option["label"]
    marks = "".join(f" [{mark}]" for mark, key in MARKS.items() if marked and option.get(key))
    plain = f"{code} = {label}{marks}"
    given = {key: value for key, value in option.items() if value is not False}
    if "\n" not in plain and _read(plain, marked) == given:
        return plain
    return f"{_quote(code)} = {_quote(label)}{marks}"


def _read(line: str, marked: bool) -> dict[str, Any]:
    rest, marks = line.strip(), {}
    while marked and (found := MARK.fullmatch(rest)):
        rest, marks[MARKS[found[2]]] = found[1], True
    if found := QUOTED.fullmatch(rest):
        try:
            return {"code": json.loads(found[1]), "label": json.loads(found[2]), **marks}
        except ValueError:
            pass  # only looks like it
    code, sign, label = rest.partition("=")
    return {"code": code.strip(), "label": (label if sign else code).strip(), **marks}


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
