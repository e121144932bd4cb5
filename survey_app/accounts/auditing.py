"""The audit trail: one line for each deed that changes what others rely on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import has_request_context
from flask_login import current_user

from survey_app.accounts.models import AuditEntry
from survey_app.db import db


def acting_user_id() -> int | None:
    """The signed-in user's id, or None for the command line and the worker."""
    if has_request_context() and current_user.is_authenticated:
        return int(current_user.id)
    return None


def record(action: str, subject: str, now: datetime, **detail: Any) -> None:
    """Note who did what; it is stored with the deed or not at all."""
    # A long file name is cut rather than refused: the deed matters more than its label.
    entry = AuditEntry(
        at=now, user_id=acting_user_id(), action=action, subject=subject[:200], detail=detail
    )
    db.session.add(entry)
