from __future__ import annotations

import pytest
from flask import Flask
from scipy.stats import binomtest

from survey_app.db import db
from survey_app.invite.inviting import launch
from survey_app.invite.models import Invitation, OutboxMail
from survey_app.invite.progress import Rate, measure_progress, rates_by
from tests.factories.campaigns import NOW, make_campaign, make_contact
from tests.factories.outbox import send_due


def test_people_are_counted_once_each_however_many_mails_they_got(app: Flask) -> None:
    with app.app_context():
        for number in range(6):
            make_contact(f"person{number}@example.org", segment="private" if number < 4 else "new")
        campaign = make_campaign(reminders=1)
        launch(campaign, NOW)
        send_due(NOW, most=5)
        one, two, three, *_ = db.session.query(Invitation).order_by(Invitation.id)
        one.started = one.answered = two.started = True
        three.opted_out_at = NOW
        mail = db.session.query(OutboxMail).filter_by(invitation_id=three.id).one()
        mail.report = "hard"
        reminder = OutboxMail(
            invitation_id=two.id,
            campaign_id=campaign.id,
            number=1,
            state="sent",
            not_before=NOW,
            sent_at=NOW,
        )
        db.session.add(reminder)
        db.session.flush()
        progress = measure_progress(campaign)
        assert (progress.invited, progress.sent, progress.bounced, progress.delivered) == (
            6,
            5,
            1,
            4,
        )
        assert (progress.started, progress.answered, progress.opted_out) == (2, 1, 1)
        assert (progress.reminders, progress.by_link) == (1, 0)
        # RR1: one of all four who were invited, the bounced one among them.
        assert rates_by(campaign, "segment") == [Rate("private", 4, 1), Rate("new", 2, 0)]
        assert rates_by(campaign, "") == [Rate("All", 6, 1)]
        assert rates_by(campaign, "unit") == [Rate("–", 6, 1)]


def test_a_withdrawn_invitation_is_in_no_count(app: Flask) -> None:
    with app.app_context():
        make_contact()
        campaign = make_campaign()
        launch(campaign, NOW)
        db.session.query(Invitation).one().revoked_at = NOW
        db.session.flush()
        assert measure_progress(campaign).invited == 0
        assert rates_by(campaign, "") == []


@pytest.mark.parametrize(("answered", "invited"), [(0, 10), (1, 4), (50, 100), (10, 10), (3, 2000)])
def test_the_interval_is_wilsons(answered: int, invited: int) -> None:
    expected = binomtest(answered, invited).proportion_ci(0.95, method="wilson")
    found = Rate("", invited, answered).interval
    assert found == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_nobody_invited_says_nothing() -> None:
    assert Rate("", 0, 0).interval == (0.0, 1.0)
