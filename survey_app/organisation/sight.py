"""Which units somebody looks after: what they may read, change, import and send is bound by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, true

from survey_app.accounts.models import User
from survey_app.organisation.queries import sees_company, visible_unit_ids

# Ids of units; None is everything, also what belongs to no unit.
Sight = set[int] | None


def sight_of(user: User) -> Sight:
    """The units that the user sees, or None for who sees the whole company."""
    return None if sees_company(user) else visible_unit_ids(user)


def is_in_sight(unit_id: Any, within: Sight) -> ColumnElement[bool]:
    """The condition that a row's column with the id of its unit is in sight."""
    condition: ColumnElement[bool] = true() if within is None else unit_id.in_(within)
    return condition


def in_sight(unit_id: int | None, within: Sight) -> bool:
    """Whether what belongs to this unit, or to none, is in sight."""
    return within is None or unit_id in within
