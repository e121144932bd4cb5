"""What this library answers to the checks of the reference cases, one module a topic.

A function marked with ``answers`` takes the case and gives the expected object with the library's
own numbers, and beside it, for a check with a table, that table's rows. Leaves that the library
does not offer are named with the reason; all others must be there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.reference.cases import Case


@dataclass(frozen=True)
class Answer:
    """How one check is answered; ``not_offered`` gives the reason by path, such as ``"a.b"``."""

    find: Callable[[Case], Any]
    not_offered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WithTable:
    """An answer with the rows that the check keeps in a table, in the table's order."""

    expected: Any
    rows: list[dict[str, Any]]


ANSWERS: dict[tuple[str, str], Answer] = {}


def answers(
    case: str, *checks: str, not_offered: Mapping[str, str] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function as the answer to a check; with several checks it is given the check too."""

    def register(find: Callable[..., Any]) -> Callable[..., Any]:
        for check in checks:
            answer = find if len(checks) == 1 else _bound(find, check)
            ANSWERS[case, check] = Answer(answer, not_offered or {})
        return find

    return register


def _bound(find: Callable[..., Any], check: str) -> Callable[[Case], Any]:
    return lambda case: find(case, check)
