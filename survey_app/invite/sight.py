"""What somebody's sight means for contacts and mails."""

from __future__ import annotations

from survey_app.domain.problems import Forbidden, Problem
from survey_app.organisation.sight import Sight, in_sight


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


def require_company(within: Sight) -> None:
    """Raise Forbidden for who sees a part only: what holds for all contacts is everybody's."""
    if within is not None:
        raise Forbidden(
            "This holds for the contacts of the whole company, and you see a part of it. Ask "
            "somebody who sees all of it, or an administrator for sight of it."
        )
