from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import User
from survey_app.config import Settings
from survey_app.db import db
from survey_app.invite.bounces.fetching import end_fetching
from survey_app.invite.bounces.reading import Report
from survey_app.invite.bounces.recording import record_report
from survey_app.organisation.arranging import add_unit, grant_sight
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import NOW
from tests.factories.people import add_user, sign_in
from tests.factories.sent_mails import make_sent


@pytest.fixture
def client(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who sees the company; another one sees Leasing only."""
    client = signed_in("manager")
    with app.app_context():
        company, _ = add_unit("company", "Example Ltd", None)
        assert company is not None
        grant_sight(db.session.query(User).one(), company)
        leasing, _ = add_unit("leasing", "Leasing", unit_by_key("company"))
        add_unit("service", "Service", unit_by_key("company"))
        assert leasing is not None
        grant_sight(add_user("manager", "part@example.org"), leasing)
        db.session.commit()
    return client


def come_back(app: Flask) -> None:
    """A bounce in Leasing, and a complaint a day later in Service."""
    with app.app_context():
        mia = make_sent("mia@example.org", unit="leasing")
        leo = make_sent("leo@example.org", unit="service")
        make_sent("kim@example.org", unit="leasing")
        record_report(Report("hard", mia.id, (), "5.1.1 <b>unknown</b>"), NOW)
        record_report(Report("complaint", leo.id, (), "Complaint: abuse"), NOW + timedelta(days=1))
        db.session.commit()


def test_what_came_back_is_listed_newest_first_with_the_reason(
    app: Flask, client: FlaskClient
) -> None:
    come_back(app)
    page = client.get("/invite/bounces").text
    assert page.index("leo@example.org") < page.index("mia@example.org")
    assert "5.1.1 &lt;b&gt;unknown&lt;/b&gt;" in page
    assert "bounced: the address takes no mail" in page
    assert "complained" in page
    assert "kim@example.org" not in page
    assert 'href="/invite/campaigns/1"' in page


def test_who_sees_a_part_reads_of_contacts_in_it_only(app: Flask, client: FlaskClient) -> None:
    come_back(app)
    page = sign_in(app, "part@example.org").get("/invite/bounces").text
    assert "mia@example.org" in page
    assert "leo@example.org" not in page
    # The campaign went to the whole company, whose page is not theirs.
    assert 'href="/invite/campaigns/1"' not in page


def test_the_page_says_what_to_set_up(client: FlaskClient) -> None:
    page = client.get("/invite/bounces").text
    for name in ("SOUNDINGS_BOUNCE_MAILDIR", "SOUNDINGS_BOUNCE_IMAP", "SOUNDINGS_BOUNCE_ADDRESS"):
        assert name in page
    assert "Nothing has come back" in page


def test_the_page_says_where_bounces_come_from_and_when_that_last_worked(
    app: Flask, settings: Settings, client: FlaskClient
) -> None:
    app.config["SETTINGS"] = replace(
        settings,
        bounce_address="bounces@example.org",
        bounce_imap="imaps://anna:hunter2@mail.example.org/INBOX",
    )
    assert "never yet" in client.get("/invite/bounces").text
    with app.app_context():
        end_fetching("", NOW)
        db.session.commit()
    page = client.get("/invite/bounces").text
    assert "INBOX of anna at mail.example.org:993" in page
    assert "never yet" not in page
    assert "hunter2" not in page
    assert "cannot be fetched" not in page


def test_trouble_is_shown_until_it_is_over(
    app: Flask, settings: Settings, client: FlaskClient, tmp_path: Path
) -> None:
    app.config["SETTINGS"] = replace(settings, bounce_maildir=str(tmp_path / "mail"))
    with app.app_context():
        end_fetching("The folder is away.", NOW)
        db.session.commit()
    page = client.get("/invite/bounces").text
    assert "Bounces cannot be fetched since" in page
    assert "The folder is away." in page
    with app.app_context():
        end_fetching("", NOW)
        db.session.commit()
    assert "cannot be fetched" not in client.get("/invite/bounces").text


def test_the_list_of_campaigns_leads_to_the_page(client: FlaskClient) -> None:
    assert 'href="/invite/bounces"' in client.get("/invite/").text


def test_the_page_is_for_managers(signed_in: Callable[[str], FlaskClient]) -> None:
    assert signed_in("analyst").get("/invite/bounces").status_code == 403
