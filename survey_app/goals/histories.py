"""Which targets are only told again: a scope's history that an exported file holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey_app.goals.models import Target
from survey_app.goals.wanted import WantedTarget, says


def repeated_targets(
    wanted: Sequence[WantedTarget], earlier: Mapping[tuple[str, str, str], Sequence[Target]]
) -> dict[WantedTarget, Target]:
    """The targets that are only told again: a scope's history, in its order up to the latest.

    A file that was exported holds all of it, replaced targets too; none of them is set anew. What
    the file adds behind the history is new.
    """
    by_scope: dict[tuple[str, str, str], list[WantedTarget]] = {}
    for one in wanted:
        by_scope.setdefault(one.scope, []).append(one)
    found: dict[WantedTarget, Target] = {}
    for scope, told in by_scope.items():
        for length in range(len(told), 0, -1):
            if matched := _told_again(told[:length], earlier.get(scope, [])):
                found |= matched
                break
    return found


def _told_again(
    told: Sequence[WantedTarget], history: Sequence[Target]
) -> dict[WantedTarget, Target]:
    """The targets of a history that these repeat in its order, ending with its last; else none."""
    if not history or not says(history[-1], told[-1]):
        return {}
    left = list(history)
    matched: dict[WantedTarget, Target] = {}
    for one in reversed(told):
        while left and not says(left[-1], one):
            left.pop()
        if not left:
            return {}
        matched[one] = left.pop()
    return matched


def said_already(wanted: WantedTarget, earlier: Sequence[Target]) -> Target | None:
    """The target that says the same (whatever its note), unless a later one replaced it."""
    for target in reversed(earlier):
        if says(target, wanted):
            return target
        if (target.valid_to is None or wanted.valid_from < target.valid_to) and (
            wanted.valid_to is None or target.valid_from < wanted.valid_to
        ):
            return None
    return None
