"""YAML or JSON from people's files and text fields, to plain data; what is wrong has its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from survey_app.domain.definition_fields import find_flaw
from survey_app.domain.problems import Problem, quoted

LARGEST_DOCUMENT = 1024 * 1024
DEEPEST = 30
# Aliases let a few lines of YAML stand for billions of entries; written out, it may be so many.
MOST_ENTRIES = 100_000
LARGEST_NUMBER = 10**15
MERGE = "tag:yaml.org,2002:merge"
TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Trouble(Exception):
    """A problem on its way out of the parsers below; never leaves this file."""

    def __init__(self, place: str, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(place, code, message)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Only plain data; a key given twice is refused, a date stays the text it was written as."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        lines: dict[tuple[str, str], int] = {}
        for key, _value in node.value:
            name = (key.tag, str(key.value))
            if key.tag != MERGE and isinstance(key, yaml.ScalarNode) and name in lines:
                raise _duplicate(key.value, _place(key.start_mark), lines[name])
            lines[name] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != TIMESTAMP]
    for sign, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def read_document(source: bytes | str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Read one mapping written in YAML or JSON (UTF-8, at most 1 MB).

    Returns plain JSON data (text, numbers, true/false, null, lists, mappings with text keys), or
    None and what is wrong, with line and column. Runs no code and builds no objects.
    """
    try:
        text = _decode(source)
        data = _plain(_parse(text), "")
    except _Trouble as trouble:
        return None, [trouble.problem]
    if not isinstance(data, dict):
        return None, [
            Problem(
                "line 1",
                "not_a_mapping",
                "The text must consist of keys with values, like `title: How was your visit?`.",
            )
        ]
    return data, []


def _decode(source: bytes | str) -> str:
    size = len(source) if isinstance(source, bytes) else len(source.encode(errors="replace"))
    if size > LARGEST_DOCUMENT:
        raise _Trouble(
            "file",
            "file_too_large",
            f"It has {size:,} bytes; at most {LARGEST_DOCUMENT:,} are read. Shorten it.",
        )
    if isinstance(source, str):
        text = source.removeprefix("\ufeff")
    elif source.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Trouble("file", "wrong_encoding", "The file is UTF-16. Save it as UTF-8.")
    else:
        try:
            text = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = source[: error.start].count(b"\n") + 1
            raise _Trouble(
                f"line {line}",
                "wrong_encoding",
                f"Byte {error.start + 1} (in line {line}) is not UTF-8. Save the file as UTF-8.",
            ) from error
    if not text.strip():
        raise _Trouble("file", "empty_file", "There is nothing in it. Write or choose a file.")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _Trouble(f"line {line}", "nul", "There is a NUL character. Remove it.")
    return text


def _parse(text: str) -> Any:
    """JSON where it looks like JSON, else YAML (of which `{a: b}` is a part)."""
    if not re.match(r'\s*\{\s*"', text):
        return _parse_yaml(text)
    try:
        return json.loads(text, object_pairs_hook=_unique_pairs)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _Trouble(place, "syntax", f"The JSON breaks off here: {error.msg}.") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise _too_large() from error


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _duplicate(twice, "JSON", None)
    return mapping


def _parse_yaml(text: str) -> Any:
    try:
        _refuse_depth(text)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _refuse_bomb(node)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        # The parser has a limit of its own, which it may reach before events tell the depth.
        if "nesting depth" in str(error.problem):
            raise _too_deep() from error
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise _Trouble(
            _place(mark) if mark else "file",
            "syntax",
            f"The YAML cannot be read here: {said}. Check the indentation and the quotation marks.",
        ) from error
    except yaml.YAMLError as error:
        raise _Trouble(
            "file", "syntax", f"The YAML cannot be read: {quoted(str(error))}. Correct it."
        ) from error
    except ValueError as error:
        raise _too_large() from error


def _refuse_depth(text: str) -> None:
    """Events come one by one; only what follows them (nodes) is built by recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _too_deep()


def _refuse_bomb(root: yaml.Node) -> None:
    sizes: dict[int, int | None] = {}

    def measure(node: yaml.Node) -> int:
        known = sizes.get(id(node), 0)
        if known is None:
            raise _Trouble(_place(node.start_mark), "alias", "An alias here stands for itself.")
        if known:
            return known
        sizes[id(node)] = None
        size = 1 + sum(measure(child) for child in _children(node))
        if size > MOST_ENTRIES:
            raise _Trouble(
                _place(node.start_mark),
                "too_many_entries",
                f"With its aliases written out, this has more than {MOST_ENTRIES:,} entries.",
            )
        sizes[id(node)] = size
        return size

    measure(root)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _plain(value: Any, place: str, depth: int = 0) -> Any:
    """The value as JSON can hold it: whole numbers as keys become their digits."""
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, dict):
        mapping = {
            _key(key, place): _plain(entry, f"{place}, {key}".removeprefix(", "), depth + 1)
            for key, entry in value.items()
        }
        if len(mapping) < len(value):
            raise _Trouble(place, "duplicate_key", "A number and its digits are both keys here.")
        return mapping
    if isinstance(value, list):
        return [_plain(entry, place, depth + 1) for entry in value]
    if isinstance(value, str):
        if flaw := find_flaw(value):
            raise _Trouble(place, "bad_character", flaw)
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        # Written so that NaN is refused too.
        if not abs(value) <= LARGEST_NUMBER:
            raise _too_large(place)
        return value
    raise _Trouble(
        place, "not_plain", f"A value of type {type(value).__name__} cannot stand here. Use text."
    )


def _key(key: Any, place: str) -> str:
    if isinstance(key, str):
        if flaw := find_flaw(key):
            raise _Trouble(place, "bad_character", flaw)
        return key
    if isinstance(key, int) and not isinstance(key, bool) and abs(key) <= LARGEST_NUMBER:
        return str(key)
    raise _Trouble(
        place,
        "bad_key",
        "A key must be text. Put it into quotation marks; yes and no are not text in YAML.",
    )


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"


def _duplicate(key: str, place: str, line: int | None) -> _Trouble:
    before = f" (first in line {line})" if line else ""
    return _Trouble(
        place, "duplicate_key", f"The key {quoted(key)} is given twice{before}. Keep one of them."
    )


def _too_deep() -> _Trouble:
    return _Trouble(
        "file", "too_deep", f"It is nested more than {DEEPEST} levels deep. Flatten it."
    )


def _too_large(place: str = "file") -> _Trouble:
    return _Trouble(place, "too_large", "A number in it is too large to be kept. Correct it.")
