"""The managers' pages of open links over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.invite.models import Campaign, Invitation, OpenLink
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import NOW, make_campaign
from tests.factories.open_links import add_open_link
from tests.factories.people import add_user, sign_in
from tests.factories.workplaces import make_workplace

TYPED = {
    "label": "Entrance",
    "kind": "kiosk",
    "unit": "leasing",
    "representative": "",
    "attributes": "place=entrance",
    "most_an_hour": "120",
}


@pytest.fixture
def client(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who sees the company."""
    client = signed_in("manager")
    with app.app_context():
        grant_sight(db.session.query(User).one(), make_workplace().company)
        db.session.commit()
    return client


@pytest.fixture
def campaign_id(app: Flask, client: FlaskClient) -> int:
    with app.app_context():
        campaign_id = make_campaign().id
        db.session.commit()
    return campaign_id


def test_a_link_is_made_printed_changed_and_withdrawn(
    app: Flask, client: FlaskClient, campaign_id: int
) -> None:
    listed = f"/invite/campaigns/{campaign_id}/open-links"
    assert listed in client.get(f"/invite/campaigns/{campaign_id}").text
    assert "No open link yet" in client.get(listed).text
    made = client.post(f"{listed}/new", data=TYPED)
    assert made.status_code == 302
    with app.app_context():
        link = db.session.query(OpenLink).one()
        key, link_id = link.key, link.id
        assert (link.kind, link.most_an_hour, link.attributes) == (
            "kiosk",
            120,
            {"place": "entrance"},
        )
    poster = client.get(made.location).text
    assert f"/p/{key}" in poster
    assert "How was your visit?" in poster
    assert "Example Ltd" in poster
    edit = f"/invite/open-links/{link_id}/edit"
    assert client.post(edit, data=TYPED | {"label": "Exit"}).location == listed
    assert "Exit" in client.get(listed).text
    revoke = f"/invite/open-links/{link_id}/revoke"
    assert "Withdraw Exit?" in client.get(revoke).text
    with app.app_context():
        assert db.session.query(OpenLink).one().revoked_at is None
    client.post(revoke)
    assert "withdrawn" in client.get(listed).text
    assert client.get(f"/p/{key}").status_code == 410


def test_what_is_wrong_is_told_beside_what_was_typed(
    app: Flask, client: FlaskClient, campaign_id: int
) -> None:
    address = f"/invite/campaigns/{campaign_id}/open-links/new"
    answer = client.post(address, data=TYPED | {"attributes": "entrance"})
    assert answer.status_code == 422
    assert "name=value" in answer.text
    assert 'value="Entrance"' in answer.text
    assert client.post(address, data=TYPED | {"most_an_hour": "many"}).status_code == 422
    with app.app_context():
        assert db.session.query(OpenLink).count() == 0


def test_the_code_comes_as_an_image_and_as_a_file(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        link_id = add_open_link().id
        db.session.commit()
    svg = client.get(f"/invite/open-links/{link_id}/code.svg")
    assert svg.mimetype == "image/svg+xml"
    assert ElementTree.fromstring(svg.data).tag == "{http://www.w3.org/2000/svg}svg"
    png = client.get(f"/invite/open-links/{link_id}/code.png")
    assert png.data.startswith(b"\x89PNG")
    assert "attachment" in png.headers["Content-Disposition"]


def test_the_list_counts_who_began_who_answered_and_who_was_turned_away(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        link = add_open_link(turned_away=7)
        for answered in (True, True, False):
            db.session.add(
                Invitation(
                    campaign_id=link.campaign_id,
                    open_link_id=link.id,
                    questionnaire_key="visit_feedback",
                    version_number=1,
                    attributes={},
                    created_at=NOW,
                    answered=answered,
                )
            )
        address = f"/invite/campaigns/{link.campaign_id}/open-links"
        db.session.commit()
    cells = [part.split("<")[0] for part in client.get(address).text.split('<td class="num')[1:]]
    assert [cell.split(">")[1] for cell in cells] == ["2", "3", "7"]


def test_a_campaign_is_opened_for_its_links_alone(
    app: Flask, client: FlaskClient, campaign_id: int
) -> None:
    listed = f"/invite/campaigns/{campaign_id}/open-links"
    assert "Open for open links only" in client.get(listed).text
    for _ in range(2):
        assert client.post(f"/invite/campaigns/{campaign_id}/open").location == listed
    assert "Open for open links only" not in client.get(listed).text
    with app.app_context():
        assert db.session.query(Campaign).one().launched_at is not None
    assert client.get(f"/invite/campaigns/{campaign_id}").status_code == 200


def test_links_out_of_sight_are_not_there(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        leasing, credit = unit_by_key("leasing"), unit_by_key("credit")
        grant_sight(add_user("manager", "part@example.org"), leasing)
        own = add_open_link(unit_id=leasing.id, label="Own")
        own.campaign.audience_unit_id = leasing.id
        others = OpenLink(
            campaign_id=own.campaign_id,
            key="others",
            kind="public",
            label="Others",
            unit_id=credit.id,
            attributes={},
            most_an_hour=60,
            created_at=NOW,
        )
        db.session.add(others)
        db.session.flush()
        listed, own_id, others_id = own.campaign_id, own.id, others.id
        db.session.commit()
    part = sign_in(app, "part@example.org")
    page = part.get(f"/invite/campaigns/{listed}/open-links").text
    assert "Own" in page
    assert "Others" not in page
    assert part.get(f"/invite/open-links/{own_id}").status_code == 200
    for path in ("", "/edit", "/revoke", "/code.svg", "/code.png"):
        assert part.get(f"/invite/open-links/{others_id}{path}").status_code == 404
