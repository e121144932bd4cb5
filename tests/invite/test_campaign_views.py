from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import User
from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.inviting import launch
from survey_app.invite.models import ANONYMOUS, Campaign, Invitation
from survey_app.invite.outbox import list_mails
from survey_app.organisation.arranging import add_unit, grant_sight
from tests.conftest import free_port, make_settings
from tests.factories.campaigns import make_campaign, make_contact, make_contacts, make_version
from tests.factories.outbox import send_due

TYPED = {
    "name": "July",
    "version": "visit_feedback/1",
    "mode": "identified",
    "audience": "",
    "attributes": "segment: private",
    "sample_size": "20",
    "subject": "How was it?",
    "message": "Dear {name},\r\n{link}\r\n",
    "first_question": "y",
    "opens_at": "2099-03-27T09:00",
    "last_day": "2099-04-30",
    "send_from": "08:00",
    "send_until": "18:30",
    "send_days": ["0", "1", "2", "3", "4"],
    "pace": "500",
    "reminders": "2",
    "reminder_days": "5",
    "reminder_subject": "Still time",
    "reminder_message": "",
    "enough": "100",
    "quotas": "segment: private = 50",
}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(tmp_path, database_url, time_zone="Europe/Zurich")


@pytest.fixture
def client(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who sees the company; there is a published questionnaire."""
    client = signed_in("manager")
    with app.app_context():
        company, _ = add_unit("company", "Example Ltd", None)
        assert company is not None
        grant_sight(db.session.query(User).one(), company)
        make_version()
        db.session.commit()
    return client


def test_all_that_is_typed_is_kept_and_shown_again(app: Flask, client: FlaskClient) -> None:
    assert client.post("/invite/campaigns/new", data=TYPED).status_code == 302
    with app.app_context():
        campaign = db.session.query(Campaign).one()
        # In Zurich, 27 March 2099 is before the change of the clocks: one hour ahead of UTC.
        assert campaign.opens_at == datetime(2099, 3, 27, 8, 0, tzinfo=UTC)
        assert campaign.closes_at == datetime(2099, 4, 30, 22, 0, tzinfo=UTC)
        assert (campaign.send_from, campaign.send_until) == (480, 1110)
        assert campaign.send_days == "1111100"
        assert campaign.audience_filter == {"segment": ["private"]}
        assert campaign.quotas == [{"attribute": "segment", "value": "private", "limit": 50}]
        assert (campaign.sample_size, campaign.pace, campaign.enough) == (20, 500, 100)
        assert (campaign.reminders, campaign.reminder_days) == (2, 5)
        assert campaign.first_question
        address = f"/invite/campaigns/{campaign.id}/edit"
    page = client.get(address).text
    for shown in ("2099-03-27T09:00", "2099-04-30", "08:00", "18:30", "segment: private = 50"):
        assert shown in page
    # Sending the form back as it is changes nothing.
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', page)
    assert seen is not None
    client.post(address, data={**TYPED, "seen": seen.group(1)})
    with app.app_context():
        again = db.session.query(Campaign).one()
        assert (again.opens_at, again.send_days) == (
            datetime(2099, 3, 27, 8, tzinfo=UTC),
            "1111100",
        )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"attributes": "segmnet: private"}, "Did you mean &#34;segment&#34;?"),
        ({"quotas": "segment: private"}, "Write it like: segment: private = 50"),
        ({"send_until": "07:00"}, "from an hour of the day to a later one"),
        ({"send_days": []}, "at least one day of the week"),
        ({"opens_at": "2099-05-01T09:00"}, "after the last day for answers"),
        ({"opens_at": "2020-05-01T09:00"}, "in the past"),
        ({"sample_size": "0"}, "a whole number from 1"),
        ({"reminders": "6"}, "a whole number from 0 to 5"),
        ({"reminder_message": "No link"}, "no {link}"),
        ({"mode": ANONYMOUS, "answers_may_change": "y"}, "cannot be changed once they are sent"),
        ({"mode": ANONYMOUS, "last_day": "", "opens_at": ""}, "needs a last day"),
    ],
)
def test_what_cannot_be_meant_is_told_and_nothing_is_stored(
    change: dict[str, object], sentence: str, app: Flask, client: FlaskClient
) -> None:
    answer = client.post("/invite/campaigns/new", data={**TYPED, **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        assert db.session.query(Campaign).count() == 0


def test_the_page_before_sending_tells_who_is_left_out_and_why(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        for number in range(4):
            make_contact(f"person{number}@example.org", f"Person {number}", segment="private")
        make_contact("other@example.org")
        db.session.commit()
    client.post("/invite/campaigns/new", data={**TYPED, "sample_size": "3"})
    with app.app_context():
        campaign_id = db.session.query(Campaign).one().id
        db.session.rollback()
    page = client.get(f"/invite/campaigns/{campaign_id}").text
    assert "Send 3 invitations" in page
    assert re.search(r"Contacts of the audience</th><td[^>]*>4<", page)
    assert re.search(r"not drawn for the sample</th><td[^>]*>−1<", page)
    assert "Still time" in page
    assert "on Monday, Tuesday, Wednesday, Thursday, Friday, 08:00 to 18:30" in page


def test_a_launched_campaign_shows_people_rates_and_quotas(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        for number in range(4):
            segment = "private" if number else "new"
            make_contact(f"person{number}@example.org", segment=segment)
        campaign = make_campaign(
            db.session.query(QuestionnaireVersion).one(),
            quotas=[{"attribute": "segment", "value": "private", "limit": 1}],
        )
        launch(campaign, utc_now())
        send_due(utc_now())
        db.session.query(Invitation).order_by(Invitation.id.desc()).first().answered = True  # type: ignore[union-attr]
        campaign_id = campaign.id
        db.session.commit()
    page = client.get(f"/invite/campaigns/{campaign_id}?by=segment").text
    assert re.search(r"private</th><td[^>]*>33 %</td><td[^>]*>1</td><td[^>]*>3<", page)
    # Wilson's interval of 1 of 3: 6 to 79 %.
    assert "6 to 79 %" in page
    assert re.search(r"segment: private</th><td[^>]*>1</td><td[^>]*>1</td><td>full<", page)
    assert client.get(f"/invite/campaigns/{campaign_id}?by=nothing").status_code == 200


def test_a_campaign_under_way_is_paused_and_goes_on(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make_contacts(2)
        campaign = make_campaign(db.session.query(QuestionnaireVersion).one())
        launch(campaign, utc_now())
        campaign_id = campaign.id
        db.session.commit()
    address = f"/invite/campaigns/{campaign_id}"
    assert 'http-equiv="refresh"' in client.get(address).text
    page = client.post(f"{address}/pause", follow_redirects=True).text
    assert "Paused: no mails leave." in page
    assert 'http-equiv="refresh"' not in page
    with app.app_context():
        assert send_due(utc_now()) == []
        db.session.rollback()
    client.post(f"{address}/go-on")
    with app.app_context():
        assert len(send_due(utc_now() + timedelta(seconds=1))) == 2


def test_a_test_mail_goes_to_the_signed_in_user_alone(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    with app.app_context():
        make_contact()
        campaign_id = make_campaign(db.session.query(QuestionnaireVersion).one()).id
        db.session.commit()
    answer = client.post(f"/invite/campaigns/{campaign_id}/test", follow_redirects=True)
    assert "The test mail to manager@example.org has left." in answer.text
    (mail,), _ = list_mails(tmp_path / "outbox", 1)
    assert (mail.to, mail.subject) == ("Mia <manager@example.org>", "Test: How was your visit?")


def test_a_test_mail_that_cannot_leave_says_why(
    app: Flask, client: FlaskClient, settings: Settings, database_url: str
) -> None:
    with app.app_context():
        campaign_id = make_campaign(db.session.query(QuestionnaireVersion).one()).id
        db.session.commit()
    app.config["SETTINGS"] = make_settings(
        settings.home, database_url, smtp_host="127.0.0.1", smtp_port=free_port()
    )
    answer = client.post(f"/invite/campaigns/{campaign_id}/test")
    assert answer.status_code == 422
    assert "The test mail did not leave." in answer.text
    assert "cannot be reached" in answer.text
