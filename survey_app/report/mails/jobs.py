"""Sending the mails to users that wait, in the worker."""

from __future__ import annotations

from contextlib import closing

from flask import current_app

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.invite.delivering import open_post
from survey_app.jobs import every_minute
from survey_app.report.mails.sending import claim_mail, send_mail


@every_minute
def send_staff_mails() -> None:
    """Send the mails to users that are due, one after the other."""
    settings: Settings = current_app.config["SETTINGS"]
    with closing(open_post(settings)) as post:
        while (mail := claim_mail(utc_now())) is not None:
            # Only now is the mail this worker's own.
            db.session.commit()
            reachable = send_mail(post, mail, settings, utc_now())
            db.session.commit()
            if not reachable:
                return
    db.session.commit()
