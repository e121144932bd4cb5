"""What the worker does for answers: clear away files that came with a form and were never sent."""

from __future__ import annotations

from datetime import timedelta

from survey_app.db import utc_now
from survey_app.jobs import every_minute
from survey_app.respond.queries import named_files
from survey_app.respond.uploading import clear_unnamed, invitations_with_files


@every_minute
def clear_uploads() -> None:
    """Once an hour: delete files, two days old or more, that no answer and no draft names."""
    now = utc_now()
    if now.minute == 0:
        clear_unnamed(named_files(invitations_with_files()), now - timedelta(days=2))
