from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.organisation.arranging import add_representative, add_unit, grant_sight
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import make_campaign, make_contact, make_contacts, make_version
from tests.factories.people import add_user, sign_in

MESSAGE = "Dear {name},\r\n{link}\r\n"


@pytest.fixture
def client(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who sees the company."""
    client = signed_in("manager")
    with app.app_context():
        company, _ = add_unit("company", "Example Ltd", None)
        assert company is not None
        grant_sight(db.session.query(User).one(), company)
        db.session.commit()
    return client


@pytest.fixture
def part(app: Flask, client: FlaskClient) -> FlaskClient:
    """A manager who sees the unit Leasing and what is below it; there is also the unit Service."""
    with app.app_context():
        leasing, _ = add_unit("leasing", "Leasing", unit_by_key("company"))
        service, _ = add_unit("service", "Service", unit_by_key("company"))
        assert leasing is not None
        assert service is not None
        add_unit("cars", "Cars", leasing)
        add_representative("sam", "Sam Service", service)
        grant_sight(add_user("manager", "part@example.org"), leasing)
        make_contact("cars@example.org", "Carla", unit="cars", representative="sam")
        make_contact("service@example.org", "Serge", unit="service", external_id="S-1")
        make_contact("nobodys@example.org", "Noa")
        make_version()
        db.session.commit()
    return sign_in(app, "part@example.org")


@pytest.fixture
def campaign_id(app: Flask) -> int:
    """A campaign for three contacts."""
    with app.app_context():
        make_contacts(3)
        campaign_id = make_campaign().id
        db.session.commit()
    return campaign_id


def typed(**changes: str) -> dict[str, object]:
    return {
        "name": "July",
        "version": "visit_feedback/1",
        "mode": "identified",
        "send_days": [str(day) for day in range(7)],
        "audience": "",
        "subject": "How was it?",
        "message": MESSAGE,
        "last_day": "",
        **changes,
    }


def test_from_contacts_to_mails_read_in_the_outbox(
    app: Flask, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        make_version()
        db.session.commit()
        make_contact("mia@example.org", "<b>Mia</b>")
        make_contact("jo@example.org", "")
        db.session.commit()
    answer = client.post("/invite/campaigns/new", data=typed())
    page = client.get(answer.location).get_data(as_text=True)
    assert "Send 2 invitations" in page
    assert "&lt;b&gt;Mia&lt;/b&gt;" in page
    assert "<b>Mia" not in page
    assert client.post(f"{answer.location}/launch", data={"expected": 2}).status_code == 302
    page = client.get(answer.location).get_data(as_text=True)
    assert '<progress id="sent" max="2" value="0">' in page
    assert 'http-equiv="refresh"' in page
    run_jobs()
    page = client.get(answer.location).get_data(as_text=True)
    assert '<progress id="sent" max="2" value="2">' in page
    assert 'http-equiv="refresh"' not in page
    outbox = client.get("/invite/outbox").get_data(as_text=True)
    (address,) = re.findall(r'href="(/invite/outbox/[^"]+)">&#34;?[^<]*mia@example.org', outbox)
    mail = client.get(address).get_data(as_text=True)
    assert "Dear &lt;b&gt;Mia&lt;/b&gt;," in mail
    (link,) = re.findall(r'<a href="http://127\.0\.0\.1:8000(/r/[^"]+)"', mail)
    assert app.test_client().get(link).status_code == 200


def test_a_double_click_sends_once_and_ends_on_the_same_page(
    app: Flask, client: FlaskClient, campaign_id: int
) -> None:
    address = f"/invite/campaigns/{campaign_id}"
    first = client.post(f"{address}/launch", data={"expected": 3})
    second = client.post(f"{address}/launch", data={"expected": 3})
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location == address
    with app.app_context():
        assert db.session.query(OutboxMail).count() == 3


def test_an_audience_that_changed_behind_the_page_is_not_sent_to(
    app: Flask, client: FlaskClient, campaign_id: int
) -> None:
    with app.app_context():
        make_contact("late@example.org")
        db.session.commit()
    answer = client.post(f"/invite/campaigns/{campaign_id}/launch", data={"expected": 3})
    assert answer.status_code == 422
    assert "Send 4 invitations" in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.query(Invitation).count() == 0


def test_looking_at_a_preview_makes_no_link(
    app: Flask, client: FlaskClient, campaign_id: int
) -> None:
    page = client.get(f"/invite/campaigns/{campaign_id}").get_data(as_text=True)
    assert "Dear Person 1," in page
    (link,) = re.findall(r"http://127\.0\.0\.1:8000(/r/[\w-]+)", page)
    assert app.test_client().get(link).status_code == 404
    with app.app_context():
        assert db.session.query(Invitation).count() == 0


def test_what_was_typed_stays_when_a_campaign_is_refused(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make_version()
        db.session.commit()
    answer = client.post("/invite/campaigns/new", data=typed(message="Dear {nmae}"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Dear {nmae}" in page
    assert "Did you mean &#34;name&#34;?" in page
    with app.app_context():
        assert db.session.query(Campaign).count() == 0


def test_a_campaign_is_changed_and_its_last_day_ends_at_midnight(
    app: Flask, client: FlaskClient, campaign_id: int
) -> None:
    address = f"/invite/campaigns/{campaign_id}"
    answer = client.post(f"{address}/edit", data=typed(name="August", last_day="2099-08-31"))
    assert answer.status_code == 302
    with app.app_context():
        campaign = db.session.get_one(Campaign, campaign_id)
        assert campaign.name == "August"
        assert campaign.closes_at is not None
        assert campaign.closes_at.isoformat() == "2099-09-01T00:00:00+00:00"
    assert "2099-08-31" in client.get(address).get_data(as_text=True)
    assert 'value="2099-08-31"' in client.get(f"{address}/edit").get_data(as_text=True)


def test_failed_mails_are_shown_with_their_reason_and_sent_again(
    app: Flask, client: FlaskClient, campaign_id: int, run_jobs: Callable[[], int]
) -> None:
    address = f"/invite/campaigns/{campaign_id}"
    client.post(f"{address}/launch", data={"expected": 3})
    run_jobs()
    with app.app_context():
        mail = db.session.query(OutboxMail).first()
        assert mail is not None
        mail.state, mail.error = "failed", "The mail server answered: 550 <unknown>."
        db.session.commit()
    page = client.get(address).get_data(as_text=True)
    assert "550 &lt;unknown&gt;" in page
    client.post(f"{address}/resend")
    run_jobs()
    assert "550 &lt;unknown&gt;" not in client.get(address).get_data(as_text=True)


def test_a_contact_is_added_changed_and_opted_out(app: Flask, client: FlaskClient) -> None:
    added = {"email": "mia@example.org", "name": "Mia", "unit": "company", "representative": ""}
    assert client.post("/invite/contacts/new", data=added).status_code == 302
    assert client.post("/invite/contacts/new", data=added).status_code == 422
    with app.app_context():
        contact_id = db.session.query(Contact).one().id
    address = f"/invite/contacts/{contact_id}"
    page = client.get(address).get_data(as_text=True)
    assert 'selected value="company"' in page
    client.post(address, data={**added, "name": "Mia Keller"})
    client.post(f"{address}/opt-out")
    assert "no: opted out" in client.get("/invite/contacts").get_data(as_text=True)
    client.post(f"{address}/opt-in")
    with app.app_context():
        contact = db.session.query(Contact).one()
        assert (contact.name, contact.suppression) == ("Mia Keller", None)


def test_a_search_shows_whom_it_finds_and_keeps_its_words(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make_contacts(3)
        db.session.commit()
    page = client.get("/invite/contacts?search=person2").get_data(as_text=True)
    assert "person2@example.org" in page
    assert "person1@example.org" not in page
    assert 'value="person2"' in page
    assert "Nobody is found" in client.get("/invite/contacts?search=zz").get_data(as_text=True)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/invite/", "Publish one first"),
        ("/invite/contacts", "Import contacts"),
        ("/invite/outbox", "The outbox is empty"),
    ],
)
def test_an_empty_page_offers_the_next_step(address: str, words: str, client: FlaskClient) -> None:
    assert words in client.get(address).get_data(as_text=True)


@pytest.mark.parametrize(
    "address", ["/invite/campaigns/99", "/invite/contacts/99", "/invite/outbox/99"]
)
def test_what_is_not_there_is_said_in_a_sentence(address: str, client: FlaskClient) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is no such" in answer.get_data(as_text=True)


def contact_id_of(app: Flask, email: str) -> int:
    with app.app_context():
        return db.session.query(Contact).filter_by(email=email).one().id


def test_who_sees_a_part_sees_its_contacts_alone(
    app: Flask, client: FlaskClient, part: FlaskClient
) -> None:
    page = part.get("/invite/contacts").get_data(as_text=True)
    assert "cars@example.org" in page
    assert "1 contact" in page
    for email in ("service@example.org", "nobodys@example.org"):
        assert email not in page
        address = f"/invite/contacts/{contact_id_of(app, email)}"
        assert client.get(address).status_code == 200
        assert part.get(address).status_code == 404
        assert part.post(address, data={"email": email, "unit": "cars"}).status_code == 404
        assert part.post(f"{address}/opt-out").status_code == 404
        assert part.post(f"{address}/opt-in").status_code == 404
    everybody = client.get("/invite/contacts").get_data(as_text=True)
    assert "3 contacts" in everybody


def test_who_sees_a_part_adds_and_changes_contacts_of_its_units_alone(
    app: Flask, part: FlaskClient
) -> None:
    page = part.get("/invite/contacts/new").get_data(as_text=True)
    assert 'value="cars"' in page
    assert 'value="service"' not in page
    assert 'value="sam"' not in page
    for unit, status in (("service", 422), ("", 422), ("leasing", 302)):
        new = {"email": "new@example.org", "name": "", "unit": unit, "representative": ""}
        assert part.post("/invite/contacts/new", data=new).status_code == status
    address = f"/invite/contacts/{contact_id_of(app, 'cars@example.org')}"
    changed = {"email": "cars@example.org", "name": "Carla", "unit": "service"}
    assert part.post(address, data=changed).status_code == 422
    # Without a unit the contact would follow its representative out of sight.
    followed = {**changed, "unit": "", "representative": "sam"}
    assert part.post(address, data=followed).status_code == 422
    kept = {**changed, "name": "Carla Berg", "unit": "cars", "representative": "sam"}
    assert part.post(address, data=kept).status_code == 302
    with app.app_context():
        carla = db.session.query(Contact).filter_by(email="cars@example.org").one()
        assert carla.name == "Carla Berg"
        assert carla.representative is not None
        assert carla.representative.key == "sam"


def test_who_sees_a_part_writes_campaigns_for_its_units_alone(
    app: Flask, part: FlaskClient
) -> None:
    page = part.get("/invite/campaigns/new").get_data(as_text=True)
    assert "All contacts" not in page
    for audience, status in (("", 422), ("service", 422), ("company", 422), ("leasing", 302)):
        answer = part.post("/invite/campaigns/new", data=typed(audience=audience))
        assert answer.status_code == status
    assert "Send 1 invitation<" in part.get(answer.location).get_data(as_text=True)
    assert part.post(f"{answer.location}/edit", data=typed(audience="")).status_code == 422


def test_campaigns_out_of_sight_are_not_there(
    app: Flask, client: FlaskClient, part: FlaskClient
) -> None:
    client.post("/invite/campaigns/new", data=typed(name="For all"))
    client.post("/invite/campaigns/new", data=typed(name="For Service", audience="service"))
    client.post("/invite/campaigns/new", data=typed(name="For Cars", audience="cars"))
    page = part.get("/invite/").get_data(as_text=True)
    assert "For Cars" in page
    assert "For all" not in page
    assert "For Service" not in page
    with app.app_context():
        hidden = [one.id for one in db.session.query(Campaign) if one.name != "For Cars"]
    for campaign_id in hidden:
        address = f"/invite/campaigns/{campaign_id}"
        assert part.get(address).status_code == 404
        assert part.post(f"{address}/edit", data=typed(audience="cars")).status_code == 404
        assert part.post(f"{address}/launch", data={"expected": 3}).status_code == 404
        assert part.post(f"{address}/resend").status_code == 404


def test_the_outbox_is_for_who_sees_the_company(client: FlaskClient, part: FlaskClient) -> None:
    assert client.get("/invite/outbox").status_code == 200
    assert part.get("/invite/outbox").status_code == 403
    assert part.get("/invite/outbox/1").status_code == 403
    assert "/invite/outbox" in client.get("/invite/").get_data(as_text=True)
    assert "/invite/outbox" not in part.get("/invite/").get_data(as_text=True)


def test_who_sees_nothing_is_told_whom_to_ask(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        add_user("manager", "new@example.org")
        make_version()
        db.session.commit()
    blind = sign_in(app, "new@example.org")
    for address in ("/invite/", "/invite/contacts"):
        assert "An administrator can give you sight" in blind.get(address).get_data(as_text=True)


def test_of_two_tabs_the_second_is_told_and_may_then_save(
    app: Flask, client: FlaskClient, campaign_id: int
) -> None:
    address = f"/invite/campaigns/{campaign_id}"
    page = client.get(f"{address}/edit").get_data(as_text=True)
    mark = re.search(r'name="seen"[^>]*value="(\w+)"', page)
    assert mark is not None
    other = typed(subject="Theirs") | {"seen": mark[1]}
    assert client.post(f"{address}/edit", data=other).status_code == 302
    mine = typed(name="Mine") | {"seen": mark[1]}
    answer = client.post(f"{address}/edit", data=mine)
    assert answer.status_code == 422
    told = answer.get_data(as_text=True)
    assert "Somebody else has changed this" in told
    assert 'value="Mine"' in told
    again = re.search(r'name="seen"[^>]*value="(\w+)"', told)
    assert again is not None
    assert again[1] != mark[1]
    # The preview of the first tab sends nothing that it did not show.
    launched = client.post(f"{address}/launch", data={"expected": 3, "seen": mark[1]})
    assert launched.status_code == 422
    assert "has changed the campaign since you looked" in launched.get_data(as_text=True)
    assert client.post(f"{address}/edit", data=mine | {"seen": again[1]}).status_code == 302


def test_a_contact_that_was_changed_meanwhile_is_not_overwritten(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        make_contact("mia@example.org", "Mia")
        db.session.commit()
    address = f"/invite/contacts/{contact_id_of(app, 'mia@example.org')}"
    mark = re.search(r'name="seen"[^>]*value="(\w+)"', client.get(address).get_data(as_text=True))
    assert mark is not None
    form = {"email": "mia@example.org", "unit": "", "representative": "", "seen": mark[1]}
    assert client.post(address, data=form | {"name": "Mia Berg"}).status_code == 302
    assert client.post(address, data=form | {"name": "Mia Bohn"}).status_code == 422
    with app.app_context():
        assert db.session.query(Contact).one().name == "Mia Berg"


def test_an_outbox_whose_mails_are_still_to_be_written_says_so(
    client: FlaskClient, campaign_id: int, run_jobs: Callable[[], int]
) -> None:
    client.post(f"/invite/campaigns/{campaign_id}/launch", data={"expected": 3})
    waiting = client.get("/invite/outbox").get_data(as_text=True)
    assert "3 mails are still to be written" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "The outbox is empty" not in waiting
    run_jobs()
    assert "still to be written" not in client.get("/invite/outbox").get_data(as_text=True)
