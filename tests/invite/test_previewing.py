from __future__ import annotations

from flask import Flask

from survey_app.db import db
from survey_app.invite.composing import html_of, text_of
from survey_app.invite.models import InvitationToken
from survey_app.invite.previewing import hours_of, sample_letter
from tests.factories.campaigns import make_campaign, make_contact, make_version
from tests.factories.outbox import UTC_ZONE


def test_the_preview_is_the_mail_with_links_that_lead_nowhere(app: Flask) -> None:
    with app.app_context():
        mia = make_contact(language="de")
        campaign = make_campaign(first_question=True, reminders=1, reminder_subject="Still time")
        letter = sample_letter(campaign, mia)
        text = text_of(letter)
        assert text.startswith("Dear Mia,\n\nhow was it?\n")
        assert "How was it?\n1: http://127.0.0.1:8000/r/made-when-mail-is-sent?a.q1=1\n" in text
        # The words about opting out are in the contact's language.
        assert "Wenn Sie nicht mehr gefragt werden möchten" in text
        assert html_of(letter).count("/u/made-when-mail-is-sent") == 2
        assert sample_letter(campaign, mia, reminds=True).subject == "Still time"
        assert db.session.query(InvitationToken).count() == 0


def test_hours_are_told_in_words(app: Flask) -> None:
    with app.app_context():
        version = make_version()
        assert hours_of(make_campaign(version), UTC_ZONE) == "on every day"
        some = make_campaign(
            version, name="August", send_from=510, send_until=1440, send_days="1000010"
        )
        assert hours_of(some, UTC_ZONE) == "on Monday, Saturday, 08:30 to 24:00 (UTC)"
