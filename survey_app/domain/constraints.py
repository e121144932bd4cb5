"""Rules between answers: which item decides one, and whether it is broken."""

from __future__ import annotations

from collections.abc import Mapping

from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import NOT_SHOWN, Answer, Constraint, Questionnaire
from survey_app.domain.routing import Contact, holds, items_in


def ends_of(questionnaire: Questionnaire) -> list[tuple[str, str, Constraint]]:
    """Each constraint with the last item it names, which decides it, and its problem's place."""
    order = {item.id: number for number, item in enumerate(questionnaire.items)}
    ends = []
    for constraint in questionnaire.constraints:
        named = [name for name in items_in(constraint.must) if name in order]
        if named:
            last = max(named, key=lambda name: order[name])
            ends.append((last, constraint.at or last, constraint))
    return ends


def broken(
    last: str,
    place: str,
    constraint: Constraint,
    answers: Mapping[str, Answer],
    contact: Contact,
) -> Problem | None:
    """Return the problem of a constraint that does not hold; None while an answer is missing.

    It is told at `place`, or at the `last` item that it names where that is off the path.
    """
    if any("value" not in answers.get(item_id, {}) for item_id in items_in(constraint.must)):
        return None
    if holds(constraint.must, lambda item_id: answers[item_id]["value"], contact):
        return None
    off_path = answers.get(place, {}).get("missing") == NOT_SHOWN
    return Problem(last if off_path else place, "constraint", constraint.message)
