from __future__ import annotations

from datetime import timedelta

from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.invite.inviting import launch
from survey_app.invite.models import Campaign, OutboxMail
from survey_app.invite.pausing import go_on, pause, pause_where_mails_bounce
from tests.factories.campaigns import NOW, make_campaign, make_contacts
from tests.factories.outbox import send_due

LATER = NOW + timedelta(hours=1)


def half_sent(bounced: int, sent: int = 20) -> Campaign:
    """A campaign with so many mails sent, so many of them come back, and ten still waiting."""
    make_contacts(sent + 10)
    campaign = make_campaign()
    launch(campaign, NOW)
    assert len(send_due(NOW, most=sent)) == sent
    came_back = db.session.query(OutboxMail).filter_by(state="sent").limit(bounced)
    for mail in came_back:
        mail.report, mail.reported_at = "hard", NOW
    db.session.flush()
    return campaign


def looked_at(campaign: Campaign) -> Campaign:
    pause_where_mails_bounce(LATER)
    db.session.refresh(campaign)
    return campaign


def test_over_the_limit_a_campaign_pauses_and_sends_nothing_more(app: Flask) -> None:
    with app.app_context():
        # The limit is 5 %: 2 of 20 are 10 %.
        campaign = looked_at(half_sent(bounced=2))
        assert campaign.paused_at == LATER
        assert "2 of 20 mails" in campaign.pause_reason
        assert send_due(LATER) == []
        entry = db.session.query(AuditEntry).filter_by(action="campaign paused by bounces").one()
        assert entry.detail == {"bounced": 2, "tried": 20}


def test_at_the_limit_it_goes_on(app: Flask) -> None:
    with app.app_context():
        campaign = looked_at(half_sent(bounced=1))
        assert campaign.paused_at is None
        assert len(send_due(LATER)) == 10


def test_a_few_mails_are_not_judged(app: Flask) -> None:
    with app.app_context():
        assert looked_at(half_sent(bounced=5, sent=10)).paused_at is None


def test_mails_that_were_refused_for_good_count_like_those_that_came_back(app: Flask) -> None:
    with app.app_context():
        campaign = half_sent(bounced=0)
        for mail in db.session.query(OutboxMail).filter_by(state="queued").limit(2):
            mail.state, mail.report, mail.reported_at = "failed", "hard", NOW
        db.session.flush()
        assert "2 of 22 mails" in looked_at(campaign).pause_reason


def test_who_goes_on_is_not_stopped_by_the_same_bounces_again(app: Flask) -> None:
    with app.app_context():
        campaign = looked_at(half_sent(bounced=2))
        go_on(campaign, LATER)
        assert (campaign.paused_at, campaign.pause_reason) == (None, "")
        assert looked_at(campaign).paused_at is None
        assert len(send_due(LATER)) == 10


def test_by_hand_it_pauses_and_goes_on(app: Flask) -> None:
    with app.app_context():
        campaign = half_sent(bounced=0)
        pause(campaign, NOW)
        assert send_due(LATER) == []
        go_on(campaign, LATER)
        assert len(send_due(LATER)) == 10
        deeds = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
        assert deeds[-2:] == ["campaign paused", "campaign goes on"]
