from __future__ import annotations

from flask import Flask

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.inviting import launch
from survey_app.invite.models import OutboxMail
from survey_app.invite.queries import (
    CONTACTS_A_PAGE,
    delays,
    find_contacts,
    mail_counts,
)
from tests.factories.campaigns import (
    NOW,
    make_campaign,
    make_contact,
    make_contacts,
)


def test_contacts_are_found_by_part_of_address_name_or_external_id(app: Flask) -> None:
    with app.app_context():
        make_contact("mia@example.org", "Mia Keller", external_id="C_1")
        make_contact("jo@example.net", "Jo 100% Baker", external_id="CX1")

        def found(words: str) -> list[str]:
            return [contact.email for contact in find_contacts(words, "").contacts]

        assert found("KELLER") == ["mia@example.org"]
        assert found("example.net") == ["jo@example.net"]
        assert found("C_1") == ["mia@example.org"]
        assert found("100%") == ["jo@example.net"]
        assert found("nobody") == []


def test_pages_of_contacts_follow_each_other_without_gap_or_repeat(app: Flask) -> None:
    with app.app_context():
        make_contacts(CONTACTS_A_PAGE + 3)
        first = find_contacts("", "")
        assert first.total == CONTACTS_A_PAGE + 3
        assert first.after is not None
        second = find_contacts("", first.after)
        assert second.after is None
        seen = [contact.email for contact in [*first.contacts, *second.contacts]]
        assert len(seen) == len(set(seen)) == CONTACTS_A_PAGE + 3


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
        assert (counts[other.id].sent, counts[other.id].total) == (0, 3)
        assert [(one.reason, one.count, one.next_try) for one in delays(campaign)] == [
            ("Try later.", 1, NOW)
        ]
        assert delays(other) == []
