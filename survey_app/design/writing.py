"""A definition as YAML that people like to read and edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Lists stand indented below their key; text of several lines is written as lines."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    lines = text.split("\n")
    style = "|" if len(lines) > 1 else None
    # Other line ends (NEL and the like) and what does not print survive as escapes only.
    if not all(line.isprintable() for line in lines):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent_text)


def write_yaml(definition: Mapping[str, Any]) -> str:
    """Return the definition as YAML; `reading.read_document` reads the same definition from it."""
    return yaml.dump(
        _with_points(definition), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )


def _with_points(value: Any, key: str = "") -> Any:
    """JSON turns the points of a scale into text; people write them as numbers."""
    if isinstance(value, Mapping):
        return {
            int(name) if key == "anchors" else name: _with_points(entry, name)
            for name, entry in value.items()
        }
    if isinstance(value, list):
        return [_with_points(entry) for entry in value]
    return value
