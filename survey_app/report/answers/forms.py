"""The form of a download: read from an address or from a post, and written into one again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.domain.problems import Problem
from survey_app.report.answers.choosing import FORMATS, SHAPES, Choice

FORMAT_WORDS = {
    "csv": "CSV",
    "parquet": "Parquet",
    "sav": "SPSS (.sav)",
}
SHAPE_WORDS = {
    "wide": "Wide: one row a response, a column for each value",
    "long": "Long: one row for each value, or for the reason why there is none",
}
FLAGS = ("complete", "package", "named", "texts")


def read_choice(key: str, given: Mapping[str, Any]) -> tuple[Choice | None, list[Problem]]:
    """A choice from the fields of a form or an address; what is left out is as it is by itself."""
    version = str(given.get("version") or "").strip()
    if version and not version.isdecimal():
        message = f"{version!r} is no version. Give the number of one, or leave it out for all."
        return None, [Problem("version", "version", message)]
    choice = Choice(
        key,
        (int(version),) if version else (),
        str(given.get("first") or "").strip(),
        str(given.get("last") or "").strip(),
        shape=str(given.get("shape") or SHAPES[0]),
        format=str(given.get("format") or FORMATS[0]),
        **{flag: bool(given.get(flag)) for flag in FLAGS},
    )
    problems = choice.problems()
    return (None, problems) if problems else (choice, [])


def address_fields(choice: Choice) -> dict[str, str]:
    """The fields that `read_choice` reads as this choice."""
    fields = {
        "version": _version(choice.versions),
        "first": choice.first,
        "last": choice.last,
        "shape": choice.shape,
        "format": choice.format,
    }
    fields |= {flag: "1" for flag in FLAGS if getattr(choice, flag)}
    return {name: value for name, value in fields.items() if value}


def _version(versions: Sequence[int]) -> str:
    return str(versions[0]) if versions else ""
