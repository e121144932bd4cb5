from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from survey_app.db import db, utc_now
from survey_app.invite.inviting import launch
from survey_app.invite.models import Campaign
from tests.command_line.conftest import Told
from tests.factories.campaigns import make_campaign, make_contacts, make_version
from tests.factories.outbox import send_due


def test_campaigns_are_listed_with_their_mails(app: Flask, soundings: Callable[..., Told]) -> None:
    with app.app_context():
        make_contacts(3)
        campaign = make_campaign()
        launch(campaign, utc_now())
        send_due(utc_now(), most=2)
        number = campaign.id
        db.session.commit()
    told = soundings("campaigns", "list")
    assert told.code == 0
    line = f"{number}  July: 3 invited, mails: 2 sent, 1 waiting, 0 failed"
    assert line in told.out.splitlines()


def test_watching_ends_when_no_mail_waits_any_more(
    app: Flask, soundings: Callable[..., Told]
) -> None:
    with app.app_context():
        make_contacts(3)
        campaign = make_campaign()
        launch(campaign, utc_now())
        send_due(utc_now())
        number = campaign.id
        db.session.commit()
    told = soundings("campaigns", "watch", str(number))
    assert told.out.splitlines()[-1] == "3 invited, 3 sent, 0 bounced, 0 answered."


def test_watching_a_paused_campaign_says_why_nothing_moves(
    app: Flask, soundings: Callable[..., Told]
) -> None:
    with app.app_context():
        make_contacts(2)
        campaign = make_campaign()
        launch(campaign, utc_now())
        campaign.paused_at, campaign.pause_reason = utc_now(), "Too many bounced."
        number = campaign.id
        db.session.commit()
    told = soundings("campaigns", "watch", str(number))
    assert "The campaign is paused, with 2 mails waiting. Too many bounced." in told.out


def test_a_campaign_without_mails_cannot_be_watched(
    app: Flask, soundings: Callable[..., Told]
) -> None:
    with app.app_context():
        number = make_campaign(make_version()).id
        db.session.commit()
    told = soundings("campaigns", "watch", str(number))
    assert told.code == 2
    assert "Launch it first" in told.err
    assert soundings("campaigns", "watch", "4711").code == 2
    with app.app_context():
        assert db.session.get_one(Campaign, number).launched_at is None
