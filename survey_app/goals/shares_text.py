"""A population's shares as lines of text: `segment: small = 50 %, large = 50 %`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import Any

from survey_app.domain.problems import Problem, quoted
from survey_app.goals.amounts import read_amount, write_amount


def read_shares(text: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The margins of a KPI as in a scorebook, one dimension a line, and what is wrong with them.

    A category with a comma in it stands, with its share, in quotation marks.
    """
    margins: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        dimension, colon, rest = line.partition(":")
        shares: dict[str, float] = {}
        for part in next(csv.reader([rest.strip()], skipinitialspace=True), []):
            category, sign, share = part.rpartition("=")
            value = read_amount(share, "share", f"line {number}")
            if not sign or not category.strip():
                message = f"{quoted(part)} is no category with its share. Write small = 50 %."
                problems.append(Problem(f"line {number}", "form", message))
            elif isinstance(value, Problem):
                problems.append(value)
            else:
                shares[category.strip()] = value
        if not colon or not dimension.strip():
            message = "Begin with the dimension and a colon, like segment: small = 50 %, …"
            problems.append(Problem(f"line {number}", "form", message))
        margins.append({"dimension": dimension.strip(), "shares": shares})
    return margins, problems


def write_shares(margins: Iterable[Mapping[str, Any]]) -> str:
    """The lines that `read_shares` reads back."""
    lines = []
    for margin in margins:
        parts = [
            _in_one_piece(f"{category} = {write_amount(share, 'share')}")
            for category, share in margin["shares"].items()
        ]
        lines.append(f"{margin['dimension']}: {', '.join(parts)}")
    return "\n".join(lines)


def _in_one_piece(part: str) -> str:
    if "," not in part and '"' not in part:
        return part
    doubled = part.replace('"', '""')
    return f'"{doubled}"'
