from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db, mark_of
from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.organisation.models import UnitAccess
from tests.factories.campaigns import make_campaign
from tests.factories.series import make_series, monthly
from tests.factories.workplaces import let_see, make_process, make_workplace


@pytest.fixture
def client(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who sees the company; there are a process and a campaign that was not sent."""
    client = signed_in("manager")
    with app.app_context():
        make_workplace()
        let_see("manager@example.org", "company")
        make_process()
        make_campaign(name="Pattern")
        db.session.commit()
    return client


def typed(**fields: str) -> dict[str, str]:
    plan = {"name": "Thanks", "pattern": "1", "at": "09:00", "open_days": "14"}
    return plan | {"kind": "sales_visit", "days": "2"} | fields


def one_series() -> CampaignSeries:
    return db.session.query(CampaignSeries).one()


def test_it_is_planned_that_customers_are_asked_after_visits(
    app: Flask, client: FlaskClient
) -> None:
    assert "Sales Visit" in client.get("/visits/follow-ups/new").text
    answer = client.post("/visits/follow-ups/new", data=typed(), follow_redirects=True)
    assert "2 days after a visit (sales_visit) closes, at 09:00" in answer.text
    with app.app_context():
        series = one_series()
        assert (series.kind, series.process_key, series.days) == ("after_visit", "sales_visit", 2)
        assert series.since is not None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"days": "0"}, "Customers can be asked 1 to 90 days later."),
        ({"kind": "other"}, "Choose one of those offered."),
    ],
)
def test_what_was_typed_wrongly_is_told_and_nothing_is_stored(
    fields: dict[str, str], told: str, app: Flask, client: FlaskClient
) -> None:
    answer = client.post("/visits/follow-ups/new", data=typed(**fields))
    assert answer.status_code == 422
    assert told in answer.text
    with app.app_context():
        assert db.session.query(CampaignSeries).count() == 0


def test_it_is_changed_on_its_own_page_to_which_the_other_one_leads(
    app: Flask, client: FlaskClient
) -> None:
    client.post("/visits/follow-ups/new", data=typed())
    with app.app_context():
        series_id, seen = one_series().id, mark_of(one_series())
    led = client.get(f"/invite/series/{series_id}/edit")
    assert led.headers["Location"] == f"/visits/follow-ups/{series_id}/edit"
    assert 'value="2"' in client.get(led.headers["Location"]).text
    change = typed(days="3", seen=seen)
    assert client.post(led.headers["Location"], data=change).status_code == 302
    with app.app_context():
        assert one_series().days == 3


def test_a_monthly_series_is_changed_on_the_other_page(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        series_id = make_series(monthly(db.session.query(Campaign).one())).id
        db.session.commit()
    led = client.get(f"/visits/follow-ups/{series_id}/edit")
    assert led.headers["Location"] == f"/invite/series/{series_id}/edit"


def test_a_series_out_of_sight_cannot_be_changed(app: Flask, client: FlaskClient) -> None:
    client.post("/visits/follow-ups/new", data=typed())
    with app.app_context():
        series_id = one_series().id
        db.session.query(UnitAccess).delete()
        let_see("manager@example.org", "leasing")
        db.session.commit()
    address = f"/visits/follow-ups/{series_id}/edit"
    assert client.get(address).status_code == 404
    assert client.post(address, data=typed(days="9")).status_code == 404
    with app.app_context():
        assert one_series().days == 2
