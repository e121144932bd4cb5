"""What describes a package of tables: ``datapackage.json`` (Frictionless v1) and ``README.txt``."""

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.about import About
from analysis.fields import Field

WIDTH = 88
# The standard allows these in the name of a package, and no capitals.
NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")
INTRODUCTION = (
    "One row of scores.csv is one KPI for one scope, period and window; its number stands with n, "
    "interval, target, score and verdict. Missing is not zero: an empty cell means that there is "
    "no number, and obs_status says why.",
    "All tables are CSV in UTF-8: comma, decimal point, quotes doubled, CRLF, ISO 8601 dates. A "
    "period includes its start and excludes its end. Durations are in seconds, shares from 0 to 1. "
    "A text that a spreadsheet would run as a formula begins with an apostrophe; numbers never do.",
    "datapackage.json gives the type and the bounds of every column for programs, and the size and "
    "SHA-256 of every file.",
)


@dataclass(frozen=True)
class Table:
    """A table of the package: its file, what a row is, its columns, keys and links.

    ``links`` are foreign keys: own columns, the other table, its columns.
    """

    name: str
    title: str
    fields: Sequence[Field]
    key: Sequence[str]
    links: Sequence[tuple[Sequence[str], str, Sequence[str]]] = ()

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.csv"

    def describe(self, size: int, sha256: str) -> dict[str, Any]:
        """The table as a Tabular Data Resource, its file of so many bytes and this hash."""
        return {
            "profile": "tabular-data-resource",
            "name": self.name,
            "path": self.file,
            "title": self.title,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": size,
            "hash": f"sha256:{sha256}",
            "dialect": {
                "delimiter": ",",
                "lineTerminator": "\r\n",
                "quoteChar": '"',
                "doubleQuote": True,
                "header": True,
            },
            "schema": {
                "fields": [field.describe() for field in self.fields],
                "missingValues": [""],
                "primaryKey": list(self.key),
                "foreignKeys": [
                    {
                        "fields": list(own),
                        "reference": {"resource": other, "fields": list(theirs)},
                    }
                    for own, other, theirs in self.links
                ],
            },
        }


def describe_package(about: About, resources: Sequence[dict[str, Any]]) -> bytes:
    """``datapackage.json`` of a run and its tables."""
    described = {
        "profile": "tabular-data-package",
        "name": f"scores-{NOT_IN_NAMES.sub('-', about.period_label.lower())}",
        "id": about.run_id,
        "title": f"Scores of {about.period_label}",
        "description": INTRODUCTION[0],
        "created": about.computed_at.isoformat(),
        "run": dict(about.lines()),
        "resources": list(resources),
    }
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()


def explain_package(about: About, tables: Sequence[Table]) -> bytes:
    """``README.txt``: what the package holds and what each column means, in words."""
    return ("\n".join(_lines(about, tables)) + "\n").encode()


def _lines(about: About, tables: Sequence[Table]) -> Iterator[str]:
    title = f"Scores of {about.period_label}"
    yield from (title, "=" * len(title), "")
    yield from (f"{name}: {value}" for name, value in about.lines())
    for paragraph in INTRODUCTION:
        yield from ("", *textwrap.wrap(paragraph, WIDTH))
    for table in tables:
        yield from ("", "", table.file, "-" * len(table.file), f"{table.title}.", "")
        for field in table.fields:
            yield from _explain(field)


def _explain(field: Field) -> Iterator[str]:
    notes = [field.kind.value, field.unit, "never empty" if field.required else ""]
    words = field.description
    if field.choices:
        words += f" One of: {', '.join(field.choices)}."
    yield f"{field.name} ({', '.join(filter(None, notes))})"
    yield from textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="  ")
