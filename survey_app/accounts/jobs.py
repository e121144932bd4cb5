"""Noting behind the requests when a token was last used: a request that reads writes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from survey_app.accounts.models import PersonalToken
from survey_app.db import db
from survey_app.jobs import job


@job
def note_token_use(token_id: int, moment: str) -> None:
    """Keep that the token was used at this moment (ISO 8601)."""
    db.session.execute(
        update(PersonalToken)
        .where(PersonalToken.id == token_id)
        .values(last_used_at=datetime.fromisoformat(moment))
    )
    db.session.commit()
