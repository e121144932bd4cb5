from __future__ import annotations

from flask import Flask

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.inviting import launch
from survey_app.invite.models import OutboxMail
from survey_app.invite.queries import delays, mail_counts
from tests.factories.campaigns import NOW, make_campaign, make_contacts


def test_counts_and_reasons_are_those_of_the_campaign_alone(app: Flask) -> None:
    with app.app_context():
        make_contacts(3)
        campaign = make_campaign()
        other = make_campaign(version=db.session.query(QuestionnaireVersion).one(), name="Other")
        launch(campaign, NOW)
        launch(other, NOW)
        one, two, _ = db.session.query(OutboxMail).order_by(OutboxMail.id).limit(3)
        one.state = "sent"
        two.error = "Try later."
        db.session.flush()
        counts = mail_counts([campaign.id, other.id])
        assert (counts[campaign.id].sent, counts[campaign.id].waiting) == (1, 2)
        assert (counts[other.id].sent, counts[other.id].queued) == (0, 3)
        assert [(one.reason, one.count, one.next_try) for one in delays(campaign)] == [
            ("Try later.", 1, NOW)
        ]
        assert delays(other) == []
