from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.invite.inviting import launch
from survey_app.invite.models import Campaign
from survey_app.invite.pacing import is_sending_time
from tests.factories.campaigns import NOW, make_campaign, make_contacts, make_version
from tests.factories.outbox import send_due

ZURICH = ZoneInfo("Europe/Zurich")
WORKDAYS = "1111100"


def test_mails_leave_in_the_hours_and_on_the_days_of_the_campaign_alone(app: Flask) -> None:
    with app.app_context():
        make_contacts(1)
        campaign = make_campaign(send_from=8 * 60, send_until=18 * 60, send_days=WORKDAYS)
        # In July Zurich is two hours ahead: from 06:00 to 16:00 UTC. The 3rd is a Friday.
        friday = datetime(2026, 7, 3, tzinfo=UTC)
        for hour, minute, expected in (
            (5, 59, False),
            (6, 0, True),
            (15, 59, True),
            (16, 0, False),
        ):
            moment = friday + timedelta(hours=hour, minutes=minute)
            assert is_sending_time(campaign, moment, ZURICH) is expected
        assert not is_sending_time(campaign, friday + timedelta(days=1, hours=9), ZURICH)
        launch(campaign, NOW)
        assert send_due(friday + timedelta(hours=5), ZURICH) == []
        assert len(send_due(friday + timedelta(hours=7), ZURICH)) == 1


def test_hours_are_of_the_clock_on_the_wall_before_and_after_it_is_put_forward() -> None:
    campaign = Campaign(send_from=9 * 60, send_until=10 * 60, send_days="1111111")
    # Clocks in Zurich go forward on 29 March 2026: 09:00 is 08:00 UTC before, 07:00 UTC after.
    assert is_sending_time(campaign, datetime(2026, 3, 28, 8, 0, tzinfo=UTC), ZURICH)
    assert not is_sending_time(campaign, datetime(2026, 3, 28, 7, 0, tzinfo=UTC), ZURICH)
    assert is_sending_time(campaign, datetime(2026, 3, 30, 7, 0, tzinfo=UTC), ZURICH)
    assert not is_sending_time(campaign, datetime(2026, 3, 30, 8, 0, tzinfo=UTC), ZURICH)


def test_nothing_leaves_before_the_first_moment(app: Flask) -> None:
    with app.app_context():
        make_contacts(2)
        launch(make_campaign(opens_at=NOW + timedelta(hours=5)), NOW)
        assert send_due(NOW + timedelta(hours=4, minutes=59)) == []
        assert len(send_due(NOW + timedelta(hours=5))) == 2


@pytest.mark.parametrize(
    ("pace", "minutes", "most"),
    [
        # 120 an hour are 12 in six minutes; 4 an hour are one in a quarter of an hour.
        (120, 6, 12),
        (4, 15, 1),
    ],
)
def test_the_pace_is_kept_in_every_piece_of_an_hour(
    app: Flask, pace: int, minutes: int, most: int
) -> None:
    with app.app_context():
        make_contacts(30)
        launch(make_campaign(pace=pace), NOW)
        assert len(send_due(NOW)) == most
        assert send_due(NOW + timedelta(minutes=minutes - 1)) == []
        assert len(send_due(NOW + timedelta(minutes=minutes, seconds=1))) == most


def test_a_small_campaign_does_not_wait_behind_a_large_one(app: Flask) -> None:
    with app.app_context():
        version = make_version()
        make_contacts(20)
        launch(make_campaign(version), NOW)
        small = make_campaign(version, name="August")
        launch(small, NOW + timedelta(seconds=1))
        first = send_due(NOW + timedelta(minutes=1), most=10)
        assert len(first) == 10
        of_small = db.session.query(Campaign).filter_by(name="August").one()
        from survey_app.invite.queries import mail_counts

        assert mail_counts([of_small.id])[of_small.id].sent == 5
