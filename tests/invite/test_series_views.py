from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import User
from survey_app.config import Settings
from survey_app.db import db, mark_of, utc_now
from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.invite.repeating import next_turns
from survey_app.invite.sending_series import send_turn
from survey_app.marks import show_moment
from survey_app.organisation.arranging import add_unit, grant_sight
from survey_app.organisation.models import Unit
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import make_campaign, make_contacts
from tests.factories.databases import make_settings
from tests.factories.people import add_user, sign_in
from tests.factories.series import ZURICH, make_series, monthly


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An organisation in Zurich."""
    return make_settings(tmp_path, database_url, time_zone="Europe/Zurich")


@pytest.fixture
def client(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who sees the company, in which there are two units."""
    client = signed_in("manager")
    with app.app_context():
        company, _ = add_unit("company", "Example Ltd", None)
        assert company is not None
        add_unit("leasing", "Leasing", company)
        add_unit("service", "Service", company)
        grant_sight(db.session.query(User).one(), company)
        db.session.commit()
    return client


@pytest.fixture
def pattern_id(app: Flask, client: FlaskClient) -> int:
    """A campaign for all three contacts."""
    with app.app_context():
        make_contacts(3)
        pattern_id = make_campaign(name="Pattern").id
        db.session.commit()
    return pattern_id


def typed(pattern_id: int, **fields: str) -> dict[str, str]:
    plan = {"name": "Pulse", "pattern": str(pattern_id), "at": "09:30", "open_days": "14"}
    return plan | {"day": "31"} | fields


def one_series() -> CampaignSeries:
    return db.session.query(CampaignSeries).one()


def test_a_monthly_series_is_planned_and_shows_its_next_three_turns(
    app: Flask, client: FlaskClient, pattern_id: int
) -> None:
    assert "Plan a monthly series" in client.get("/invite/series").text
    assert "Pattern" in client.get("/invite/series/new").text
    answer = client.post("/invite/series/new", data=typed(pattern_id), follow_redirects=True)
    assert "on the last day of each month, at 09:30" in answer.text
    assert "Nothing yet" in answer.text
    with app.app_context():
        series = one_series()
        assert (series.day, series.at, series.open_days) == (31, 570, 14)
        for turn in next_turns(series, ZURICH):
            assert show_moment(turn).endswith("09:30")
            assert show_moment(turn) in answer.text
    listed = client.get("/invite/series").text
    assert "Pulse" in listed
    assert "on the last day of each month, at 09:30" in listed


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"day": "32"}, "Choose a day from 1 to 31"),
        ({"at": "late"}, "Write a time like 09:30."),
        ({"open_days": ""}, "Fill this in."),
        ({"pattern": "999"}, "Choose one of those offered."),
    ],
)
def test_what_was_typed_wrongly_is_told_and_nothing_is_stored(
    fields: dict[str, str], told: str, app: Flask, client: FlaskClient, pattern_id: int
) -> None:
    answer = client.post("/invite/series/new", data=typed(pattern_id, **fields))
    assert answer.status_code == 422
    assert told in answer.text
    with app.app_context():
        assert db.session.query(CampaignSeries).count() == 0


def test_a_series_is_changed_only_as_it_was_seen(
    app: Flask, client: FlaskClient, pattern_id: int
) -> None:
    client.post("/invite/series/new", data=typed(pattern_id))
    with app.app_context():
        series = one_series()
        address, seen = f"/invite/series/{series.id}", mark_of(series)
    page = client.get(f"{address}/edit").text
    assert 'value="09:30"' in page
    assert 'value="31"' in page
    change = typed(pattern_id, day="5", seen=seen)
    assert client.post(f"{address}/edit", data=change).status_code == 302
    again = client.post(f"{address}/edit", data=change | {"day": "6"})
    assert again.status_code == 422
    assert "changed" in again.text
    with app.app_context():
        assert one_series().day == 5
    assert "on day 5 of each month" in client.get(address).text


def test_a_series_is_stopped_after_a_question_and_goes_on_again(
    app: Flask, client: FlaskClient, pattern_id: int
) -> None:
    client.post("/invite/series/new", data=typed(pattern_id))
    with app.app_context():
        address = f"/invite/series/{one_series().id}"
    assert "Stop Pulse?" in client.get(f"{address}/stop").text
    with app.app_context():
        assert one_series().stopped_at is None
    answer = client.post(f"{address}/stop", follow_redirects=True)
    assert "nothing more is sent" in answer.text
    assert "stopped" in client.get("/invite/series").text
    with app.app_context():
        assert one_series().next_at is None
    client.post(f"{address}/resume")
    with app.app_context():
        assert one_series().next_at is not None


def test_the_campaigns_that_were_sent_stand_on_the_page_of_the_series(
    app: Flask, client: FlaskClient, pattern_id: int
) -> None:
    client.post("/invite/series/new", data=typed(pattern_id))
    with app.app_context():
        series = one_series()
        assert series.next_at is not None
        sent = send_turn(series, ZURICH, series.next_at)
        assert sent is not None
        name, address = sent.name, f"/invite/series/{series.id}"
        db.session.commit()
    page = client.get(address).text
    assert name in page
    assert '<td class="num">3</td>' in page


def test_without_a_campaign_to_copy_the_page_leads_to_the_campaigns(client: FlaskClient) -> None:
    page = client.get("/invite/series").text
    assert "Write one first" in page
    assert "Plan a monthly series" not in page


def test_who_sees_a_part_sees_and_plans_series_of_that_part_alone(
    app: Flask, client: FlaskClient, pattern_id: int
) -> None:
    with app.app_context():
        grant_sight(add_user("manager", "part@example.org"), unit_by_key("leasing"))
        version = db.session.get_one(Campaign, pattern_id)
        everybodys = make_series(monthly(version, name="Everybody's")).id
        own = copy_for(version, "Own pattern", unit_by_key("leasing"))
        others = copy_for(version, "Their pattern", unit_by_key("service"))
        theirs = make_series(monthly(others, name="Theirs")).id
        ours = make_series(monthly(own, name="Ours")).id
        own_id = own.id
        db.session.commit()
    part = sign_in(app, "part@example.org")
    listed = part.get("/invite/series").text
    assert "Ours" in listed
    assert "Theirs" not in listed
    assert "Everybody" not in listed
    assert part.get(f"/invite/series/{ours}").status_code == 200
    for hidden in (everybodys, theirs):
        address = f"/invite/series/{hidden}"
        assert part.get(address).status_code == 404
        assert part.get(f"{address}/edit").status_code == 404
        assert part.post(f"{address}/edit", data=typed(own_id)).status_code == 404
        assert part.post(f"{address}/stop").status_code == 404
        assert part.post(f"{address}/resume").status_code == 404
    assert "Their pattern" not in part.get("/invite/series/new").text
    refused = part.post("/invite/series/new", data=typed(pattern_id))
    assert refused.status_code == 422
    with app.app_context():
        assert db.session.query(CampaignSeries).count() == 3


def copy_for(campaign: Campaign, name: str, unit: Unit) -> Campaign:
    """A campaign that was not sent, for the contacts of a unit."""
    made = Campaign(
        name=name,
        questionnaire_key=campaign.questionnaire_key,
        version_number=campaign.version_number,
        audience_unit=unit,
        subject=campaign.subject,
        message=campaign.message,
        created_at=utc_now() - timedelta(days=1),
    )
    db.session.add(made)
    db.session.flush()
    return made


def test_analysts_have_nothing_to_do_with_it(
    client: FlaskClient, signed_in: Callable[[str], FlaskClient]
) -> None:
    assert signed_in("analyst").get("/invite/series").status_code == 403
