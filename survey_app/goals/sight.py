"""Who defines goals and KPIs, whose targets somebody may set, and whose they may read."""

from __future__ import annotations

from collections.abc import Collection

from survey_app.accounts.models import User
from survey_app.domain.problems import Forbidden
from survey_app.goals.queries import levels_above
from survey_app.organisation.queries import (
    keys_to_representatives,
    keys_to_units,
    sees_company,
    visible_unit_ids,
)

# (scope type, key) of those in sight; None is everybody.
Sight = Collection[tuple[str, str]] | None


def sight_of(user: User) -> Sight:
    """The units that the user sees and the representatives in them, or None for all."""
    if sees_company(user):
        return None
    unit_ids = visible_unit_ids(user)
    units = {("unit", key) for key in keys_to_units(unit_ids)}
    return units | {("representative", key) for key in keys_to_representatives(unit_ids)}


def may_read(within: Sight) -> Sight:
    """Whose targets may be read: those in sight, and those above them, whose targets hold too."""
    if within is None:
        return None
    return {("all", "")} | {level for scope in within for level in levels_above(*scope)}


def require_company(user: User) -> None:
    """Raise Forbidden for who sees a part only: goals and KPIs measure everybody."""
    if not sees_company(user):
        raise Forbidden(
            "Goals and KPIs are the whole company's, and you see a part of it. Ask somebody who "
            "sees all of it, or an administrator for sight of it."
        )
