"""What the worker does for answers: unseal anonymous ones, clear away what was never sent."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.jobs import every_minute
from survey_app.respond.drafting import clear_anonymous_drafts
from survey_app.respond.queries import named_files
from survey_app.respond.unsealing import campaigns_with_sealed, unseal
from survey_app.respond.uploading import clear_unnamed, invitations_with_files


@every_minute
def unseal_responses() -> None:
    """Move the anonymous responses that have enough others beside them, campaign by campaign."""
    settings: Settings = current_app.config["SETTINGS"]
    waiting = campaigns_with_sealed()
    # No lock is held from one campaign to the next.
    db.session.rollback()
    for campaign_id in waiting:
        unseal(campaign_id, utc_now(), settings.zone)
        db.session.commit()


@every_minute
def clear_drafts() -> None:
    """Once an hour: forget anonymous drafts that nobody goes on with."""
    now = utc_now()
    if now.minute == 0:
        clear_anonymous_drafts(now)
        db.session.commit()


@every_minute
def clear_uploads() -> None:
    """Once an hour: delete files, two days old or more, that no answer and no draft names."""
    now = utc_now()
    if now.minute == 0:
        clear_unnamed(named_files(invitations_with_files()), now - timedelta(days=2))
