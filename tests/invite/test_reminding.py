from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.invite.inviting import launch
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.invite.registering import opt_out
from survey_app.invite.reminding import write_reminders
from tests.factories.campaigns import NOW, make_campaign, make_contact, make_contacts
from tests.factories.outbox import UTC_ZONE, send_due

WEEK = timedelta(days=7)


def sent_to(count: int, **planned: object) -> Campaign:
    """A campaign with two reminders, sent to so many at NOW."""
    make_contacts(count)
    campaign = make_campaign(**({"reminders": 2, "reminder_days": 7} | planned))  # type: ignore[arg-type]
    launch(campaign, NOW)
    assert len(send_due(NOW)) == count
    return campaign


def invitation(number: int) -> Invitation:
    return db.session.query(Invitation).order_by(Invitation.id).all()[number - 1]


def test_who_has_not_answered_is_reminded_so_often_and_so_many_days_apart(app: Flask) -> None:
    with app.app_context():
        sent_to(2)
        invitation(1).answered = True
        assert write_reminders(NOW + WEEK - timedelta(seconds=1), UTC_ZONE) == 0
        assert write_reminders(NOW + WEEK, UTC_ZONE) == 1
        # A second look, and one before it was sent, write nothing more.
        assert write_reminders(NOW + WEEK + timedelta(minutes=1), UTC_ZONE) == 0
        (mail,) = send_due(NOW + WEEK)
        assert mail.letter.to_address == "person2@example.org"
        assert write_reminders(NOW + 2 * WEEK, UTC_ZONE) == 1
        assert len(send_due(NOW + 2 * WEEK)) == 1
        assert write_reminders(NOW + 3 * WEEK, UTC_ZONE) == 0
        numbers = [mail.number for mail in db.session.query(OutboxMail).order_by(OutboxMail.id)]
        assert numbers == [0, 0, 1, 2]


def test_a_reminder_has_its_own_words_where_it_has_some(app: Flask) -> None:
    with app.app_context():
        sent_to(1, reminder_subject="Still time", reminder_message="Until Friday: {link}")
        write_reminders(NOW + WEEK, UTC_ZONE)
        (mail,) = send_due(NOW + WEEK)
        assert (mail.letter.subject, mail.letter.message) == ("Still time", "Until Friday: {link}")
        # Its link is another one, and both open the same invitation.
        assert mail.letter.mail_id != 0


@pytest.mark.parametrize(
    "reason", ["opted out", "bounced", "complained", "withdrawn", "by the mail’s link"]
)
def test_some_are_not_reminded(reason: str, app: Flask) -> None:
    with app.app_context():
        sent_to(2)
        one = invitation(1)
        mail = db.session.query(OutboxMail).filter_by(invitation_id=one.id).one()
        match reason:
            case "opted out":
                assert one.contact is not None
                opt_out(one.contact, NOW)
            case "bounced":
                mail.report = "hard"
            case "complained":
                mail.report = "complaint"
            case "withdrawn":
                one.revoked_at = NOW
            case _:
                one.opted_out_at = NOW
        assert write_reminders(NOW + WEEK, UTC_ZONE) == 1
        (sent,) = send_due(NOW + WEEK)
        assert sent.letter.to_address == "person2@example.org"


def test_who_answers_while_the_reminder_waits_does_not_get_it(app: Flask) -> None:
    with app.app_context():
        sent_to(1)
        assert write_reminders(NOW + WEEK, UTC_ZONE) == 1
        invitation(1).answered = True
        db.session.flush()
        assert send_due(NOW + WEEK) == []
        dropped = db.session.query(OutboxMail).filter_by(number=1).one()
        assert (dropped.state, dropped.error) == ("dropped", "Has answered since.")


@pytest.mark.parametrize("stop", ["enough", "paused", "closed", "quota"])
def test_a_campaign_that_has_what_it_wants_or_is_over_reminds_nobody(stop: str, app: Flask) -> None:
    with app.app_context():
        planned: dict[str, object] = {
            "enough": {"enough": 1},
            "paused": {},
            "closed": {"closes_at": NOW + WEEK},
            "quota": {"quotas": [{"attribute": "segment", "value": "private", "limit": 1}]},
        }[stop]
        make_contact("private1@example.org", segment="private")
        make_contact("private2@example.org", segment="private")
        campaign = make_campaign(reminders=1, reminder_days=7, **planned)
        launch(campaign, NOW)
        send_due(NOW)
        if stop in ("enough", "quota"):
            assert write_reminders(NOW + WEEK, UTC_ZONE) == 2
            db.session.query(OutboxMail).filter_by(number=1).delete()
            invitation(1).answered = True
        if stop == "paused":
            campaign.paused_at = NOW
        db.session.flush()
        assert write_reminders(NOW + WEEK, UTC_ZONE) == 0


def test_a_campaign_over_the_change_of_the_clocks_keeps_its_local_times(app: Flask) -> None:
    """Zurich, Friday 27 March 2026, 09:00 (UTC+1), to Thursday 2 April; on Sunday the 29th clocks
    go forward, so 09:00 is 08:00 UTC before and 07:00 UTC after."""
    zurich = ZoneInfo("Europe/Zurich")
    written = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
    opens = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
    closes = datetime(2026, 4, 2, 22, 0, tzinfo=UTC)
    with app.app_context():
        make_contacts(1)
        campaign = make_campaign(
            now=written,
            opens_at=opens,
            closes_at=closes,
            reminders=2,
            reminder_days=3,
            send_from=9 * 60,
            send_until=17 * 60,
        )
        launch(campaign, written)
        arrived: list[datetime] = []
        moment = opens - timedelta(hours=2)
        while moment < closes + timedelta(days=5):
            write_reminders(moment, zurich)
            arrived += [moment for _ in send_due(moment, zurich)]
            moment += timedelta(minutes=30)
        assert [one.astimezone(zurich).isoformat() for one in arrived] == [
            "2026-03-27T09:00:00+01:00",
            "2026-03-30T09:00:00+02:00",
            "2026-04-02T09:00:00+02:00",
        ]
        (expires,) = db.session.query(Invitation.expires_at).one()
        assert expires.astimezone(zurich).isoformat() == "2026-04-03T00:00:00+02:00"
