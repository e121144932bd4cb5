"""Who defines goals and KPIs, whose targets somebody may set, and whose they may read."""

from __future__ import annotations

from collections.abc import Collection

from survey_app.accounts.models import User
from survey_app.domain.problems import Forbidden
from survey_app.goals.queries import read_levels
from survey_app.organisation.models import Unit
from survey_app.organisation.queries import (
    keys_to_representatives,
    keys_to_units,
    units_in_order,
)
from survey_app.organisation.sight import sight_of

# (scope type, key) of those in sight; None is everybody.
Scopes = Collection[tuple[str, str]] | None


def scopes_in_sight(user: User) -> Scopes:
    """The units that the user sees and the representatives in them, or None for all."""
    within = sight_of(user)
    if within is None:
        return None
    units = {("unit", key) for key in keys_to_units(within)}
    return units | {("representative", key) for key in keys_to_representatives(within)}


def units_in_sight(seen: Scopes) -> list[tuple[int, Unit]]:
    """The units whose targets somebody sets, with their depth in the tree."""
    return [
        (depth, unit)
        for depth, unit in units_in_order()
        if seen is None or ("unit", unit.key) in seen
    ]


def may_read(seen: Scopes) -> Scopes:
    """Whose targets may be read: those in sight, and those above them, whose targets hold too."""
    if seen is None:
        return None
    levels_above = read_levels()
    return {level for scope in seen for level in levels_above(*scope)}


def require_company(user: User) -> None:
    """Raise Forbidden for who sees a part only: goals and KPIs measure everybody."""
    if sight_of(user) is not None:
        raise Forbidden(
            "Goals and KPIs are the whole company's, and you see a part of it. Ask somebody who "
            "sees all of it, or an administrator for sight of it."
        )
