"""The suppression list: addresses that are never invited, each with the reason and the moment."""

from __future__ import annotations

from datetime import datetime

from survey_app.db import db
from survey_app.invite.contact_models import Suppression


def suppress(email: str, reason: str, now: datetime, detail: str = "") -> bool:
    """Put an address on the list (see `contact_models.REASONS`); gives whether it is new there.

    What stands there already stays as it is. `email` is in lower case.
    """
    # The row is looked at under the database's own key: two reports at once leave one entry.
    with db.session.no_autoflush:
        if db.session.get(Suppression, email) is not None:
            return False
    db.session.add(Suppression(email=email, reason=reason, detail=detail, at=now))
    db.session.flush()
    return True


def release(email: str) -> bool:
    """Take an address off the list; gives whether it stood there."""
    entry = db.session.get(Suppression, email)
    if entry is None:
        return False
    db.session.delete(entry)
    db.session.flush()
    return True
