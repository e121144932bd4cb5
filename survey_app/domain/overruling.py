"""A manager who knows better overrules the kind of a change, and says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from survey_app.domain.changes import KINDS, Change
from survey_app.domain.problems import Problem, quoted

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Overrule:
    """Another kind than the rule's for one change, with the reason in somebody's own words."""

    kind: str
    note: str


def apply_overrules(
    changes: Iterable[Change], overruled: Mapping[str, Overrule]
) -> tuple[list[Change], list[Problem]]:
    """Return the changes with the kinds they are given by their keys, and what is wrong with these.

    One that gives the kind that the rule gives overrules nothing and needs no note.
    """
    by_key = {change.key: change for change in changes}
    problems = [
        Problem(
            key,
            "unknown_change",
            "There is no such change between the last version and this draft. Open the page anew.",
        )
        for key in overruled
        if key not in by_key
    ]
    for key, overrule in overruled.items():
        if key not in by_key or overrule.kind == by_key[key].kind:
            continue
        if problem := _check(by_key[key], overrule):
            problems.append(problem)
        by_key[key] = replace(by_key[key], kind=overrule.kind)
    return list(by_key.values()), problems


def _check(change: Change, overrule: Overrule) -> Problem | None:
    if overrule.kind not in KINDS:
        known = ", ".join(KINDS)
        message = f"{quoted(overrule.kind)} is no kind of change. Use one of {known}."
        return Problem(change.place, "unknown_kind", message)
    if not overrule.note.strip():
        return Problem(
            change.place,
            "no_note",
            f"This change is {change.kind} by rule. Say in the note why it is {overrule.kind}, for "
            "everybody who reads the numbers later.",
        )
    if len(overrule.note) > LONGEST_NOTE:
        message = f"The note is longer than {LONGEST_NOTE} characters. Shorten it."
        return Problem(change.place, "too_long", message)
    return None
