"""Attributes and their values as the lines of a form, such as 'segment: private = 50'."""

from __future__ import annotations

from typing import Any

from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.invite.queries import known_attributes

LONGEST_LINE = 500
MOST_LINES = 20


def read_filter(text: str) -> tuple[dict[str, list[str]], list[Problem]]:
    """What the lines of an audience name: attribute to the values that it may have."""
    found: dict[str, list[str]] = {}
    lines, problems = _lines(text, "attributes")
    known = known_attributes()
    for number, line in lines:
        name, colon, values = (part.strip() for part in line.partition(":"))
        wanted = [value.strip() for value in values.split(",") if value.strip()]
        if not colon or not name or not wanted:
            told = f"{quoted(line)} is no such line. Write it like: segment: private, business"
            problems.append(Problem(f"attributes, line {number}", "no_line", told))
        elif problem := _unknown(name, known, f"attributes, line {number}"):
            problems.append(problem)
        else:
            values_of = found.setdefault(name, [])
            values_of += [one for one in dict.fromkeys(wanted) if one not in values_of]
    return found, problems


def write_filter(audience_filter: dict[str, list[str]]) -> str:
    """The lines of an audience, as `read_filter` takes them."""
    return "\n".join(f"{name}: {', '.join(values)}" for name, values in audience_filter.items())


def read_quotas(text: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """What the lines of quotas name: documents {"attribute", "value", "limit"}."""
    quotas: list[dict[str, Any]] = []
    lines, problems = _lines(text, "quotas")
    known = {*known_attributes(), "unit"}
    for number, line in lines:
        place = f"quotas, line {number}"
        left, _equals, limit = (part.strip() for part in line.rpartition("="))
        name, _colon, value = (part.strip() for part in left.partition(":"))
        if not name or not value or not limit.isdecimal() or not 0 < int(limit) < 10**9:
            told = f"{quoted(line)} is no such line. Write it like: segment: private = 50"
            problems.append(Problem(place, "no_line", told))
        elif problem := _unknown(name, known, place):
            problems.append(problem)
        elif any((one["attribute"], one["value"]) == (name, value) for one in quotas):
            told = (
                f"There is a quota for {quoted(f'{name}: {value}')} already. Keep one of the two."
            )
            problems.append(Problem(place, "twice", told))
        else:
            quotas.append({"attribute": name, "value": value, "limit": int(limit)})
    return quotas, problems


def write_quotas(quotas: list[dict[str, Any]]) -> str:
    """The lines of quotas, as `read_quotas` takes them."""
    return "\n".join(f"{one['attribute']}: {one['value']} = {one['limit']}" for one in quotas)


def attribute_problems(
    audience_filter: dict[str, list[str]], quotas: list[dict[str, Any]]
) -> list[Problem]:
    """Attributes that no contact has, where no lines were typed."""
    known = known_attributes()
    named = [("audience_filter", name, known) for name in audience_filter]
    named += [("quotas", quota["attribute"], {*known, "unit"}) for quota in quotas]
    found = [_unknown(name, among, place) for place, name, among in named]
    # The form shows values in one line, parted by commas.
    found += [
        Problem("audience_filter", "comma", f"{quoted(value)} has a comma or a line break.")
        for values in audience_filter.values()
        for value in values
        if "," in value or "\n" in value
    ]
    return [problem for problem in found if problem is not None]


def _lines(text: str, what: str) -> tuple[list[tuple[int, str]], list[Problem]]:
    """The lines with something in them, with their numbers, and what is too much of them."""
    numbered = enumerate(text.splitlines(), start=1)
    lines = [(number, line.strip()) for number, line in numbered if line.strip()]
    problems = [
        Problem(
            f"{what}, line {number}",
            "too_long",
            f"The line has {len(line):,} characters; shorten it to {LONGEST_LINE}.",
        )
        for number, line in lines
        if len(line) > LONGEST_LINE
    ]
    if len(lines) > MOST_LINES:
        told = f"There are {len(lines)} lines; write at most {MOST_LINES}."
        problems.append(Problem(what, "too_many", told))
    return lines, problems


def _unknown(name: str, known: set[str], place: str) -> Problem | None:
    if name in known:
        return None
    shown = ", ".join(sorted(known))
    told = (
        f"No contact has an attribute {quoted(name)}.{did_you_mean(name, known)} There are {shown}."
    )
    return Problem(place, "unknown_attribute", told)
