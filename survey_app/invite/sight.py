"""Whose contacts, campaigns and mails somebody may see and change."""

from __future__ import annotations

from survey_app.accounts.models import User
from survey_app.domain.problems import Forbidden, Problem
from survey_app.organisation.queries import sees_company, visible_unit_ids

# Ids of units; None is everything, also contacts that belong to no unit.
Sight = set[int] | None


def sight_of(user: User) -> Sight:
    """The units whose contacts the user keeps, or None for who sees the whole company."""
    return None if sees_company(user) else visible_unit_ids(user)


def in_sight(unit_id: int | None, within: Sight) -> bool:
    """Whether what belongs to this unit, or to none, is in sight."""
    return within is None or unit_id in within


def unit_problem(unit_id: int | None, within: Sight) -> Problem | None:
    """What is wrong with keeping a contact in this unit."""
    if in_sight(unit_id, within):
        return None
    text = "You see a part of the company. Give the contact the key of a unit that you see."
    return Problem("unit", "out_of_sight", text)


def require_everything(within: Sight) -> None:
    """Raise Forbidden for who sees a part only: the outbox has the mails of all campaigns."""
    if within is not None:
        raise Forbidden(
            "The outbox has the mails and links of the whole company, and you see a part of it. "
            "Ask somebody who sees all of it, or an administrator for sight of it."
        )
