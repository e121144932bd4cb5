from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import AuditEntry, User
from survey_app.db import db
from survey_app.invite.contact_models import Contact, ContactAttribute, Suppression, rules
from survey_app.organisation.arranging import add_unit, grant_sight
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import make_contact
from tests.factories.people import add_user, sign_in


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
    """A manager who sees the unit Leasing alone; there is also the unit Service."""
    with app.app_context():
        leasing, _ = add_unit("leasing", "Leasing", unit_by_key("company"))
        add_unit("service", "Service", unit_by_key("company"))
        assert leasing is not None
        grant_sight(add_user("manager", "part@example.org"), leasing)
        db.session.commit()
    return sign_in(app, "part@example.org")


def upload(client: FlaskClient, data: bytes) -> str:
    """Send a file; gives the address of its page."""
    form = {"file": (io.BytesIO(data), "contacts.csv"), "key": "email"}
    answer = client.post("/invite/contacts/import", data=form)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return str(answer.location)


def page_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def emails(app: Flask) -> list[str]:
    with app.app_context():
        return [one.email for one in db.session.query(Contact).order_by(Contact.email)]


def test_a_file_is_shown_before_it_is_imported_and_can_be_undone(
    app: Flask, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    data = b"email,name\nmia@example.org,Mia\njo@example.org,\n"
    address = upload(client, data)
    waiting = page_of(client, address)
    assert 'http-equiv="refresh"' in waiting
    assert f'<progress id="done" max="{len(data)}" value="0">' in waiting
    run_jobs()
    looked = page_of(client, address)
    assert 'http-equiv="refresh"' not in looked
    assert "Import these contacts" in looked
    assert re.search(r"Would be added</dt><dd>2<", looked)
    assert emails(app) == []
    # The second of two clicks changes nothing.
    assert client.post(f"{address}/store").location == client.post(f"{address}/store").location
    run_jobs()
    assert emails(app) == ["jo@example.org", "mia@example.org"]
    assert "Undo" in page_of(client, address)
    client.post(f"{address}/undo")
    run_jobs()
    assert emails(app) == []
    assert "was taken back" in page_of(client, address)
    assert "was taken back" in page_of(client, "/invite/contacts/imports")
    with app.app_context():
        deeds = [one.action for one in db.session.query(AuditEntry).order_by(AuditEntry.id)]
        assert deeds == ["contacts import confirmed", "contacts imported", "contacts import undone"]


def test_a_bad_file_is_refused_with_its_rows_and_nothing_stored(
    app: Flask, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    rows = upload(client, b"email,unit\nmia@example.org,leasng\nnone,\n")
    letters = upload(client, "email,name\nmia@example.org,Zo\u00eb\n".encode("latin-1"))
    run_jobs()
    told = page_of(client, rows)
    assert "row 2, column unit" in told
    assert "row 3, column email" in told
    assert "Import these contacts" not in told
    assert "CSV UTF-8" in page_of(client, letters)
    client.post(f"{rows}/store")
    run_jobs()
    assert emails(app) == []


def test_a_file_is_discarded(app: Flask, client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    address = upload(client, b"email\nmia@example.org\n")
    run_jobs()
    assert client.post(f"{address}/discard").status_code == 302
    assert client.get(address).status_code == 404
    assert "No imports yet" in page_of(client, "/invite/contacts/imports")
    assert emails(app) == []


def test_an_import_keeps_to_the_sight_of_who_imports_and_is_shown_to_them_alone(
    app: Flask, client: FlaskClient, part: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    foreign = upload(part, b"email,unit\nnew@example.org,service\n")
    own = upload(part, b"email,unit\nnew@example.org,leasing\n")
    theirs = upload(client, b"email,unit\nother@example.org,service\n")
    run_jobs()
    assert "You see no unit" in page_of(part, foreign)
    part.post(f"{own}/store")
    run_jobs()
    assert emails(app) == ["new@example.org"]
    for deed in ("", "/store", "/discard", "/undo"):
        method = part.post if deed else part.get
        assert method(theirs + deed).status_code == 404
    assert page_of(client, own)
    assert page_of(part, "/invite/contacts/imports").count("contacts.csv") == 2
    assert page_of(client, "/invite/contacts/imports").count("contacts.csv") == 3


def test_a_long_file_is_taken_from_who_is_signed_in_alone(app: Flask, client: FlaskClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100
    long = b"email\n" + b"mia@example.org\n" * 50
    assert upload(client, long)
    form = {"file": (io.BytesIO(long), "contacts.csv"), "key": "email"}
    assert app.test_client().post("/invite/contacts/import", data=form).status_code == 413
    assert client.post("/invite/contacts/new", data={"email": "x" * 2000}).status_code == 413


def test_an_empty_file_is_said(client: FlaskClient) -> None:
    form = {"file": (io.BytesIO(b""), "contacts.csv"), "key": "email"}
    answer = client.post("/invite/contacts/import", data=form)
    assert answer.status_code == 422
    assert "The file is empty" in answer.get_data(as_text=True)


def test_the_form_has_the_declared_attributes_and_those_of_the_contact(
    app: Flask, client: FlaskClient
) -> None:
    declared = {"name": "tier", "label": "Tier", "kind": "choice", "values": "gold\r\nsilver"}
    assert client.post("/invite/contacts/attributes/new", data=declared).status_code == 302
    assert client.post("/invite/contacts/attributes/new", data=declared).status_code == 422
    with app.app_context():
        contact_id = make_contact(tier="gold", shoe="42").id
        db.session.commit()
    address = f"/invite/contacts/{contact_id}"
    page = page_of(client, address)
    assert "Tier" in page
    assert 'value="42"' in page
    form = {"email": "mia@example.org", "name": "Mia", "unit": "", "representative": ""}
    wrong = form | {"consent": "yesterday"}
    assert "is not a date" in client.post(address, data=wrong).get_data(as_text=True)
    sent = form | {
        "attribute: tier": "silver",
        "attribute: shoe": "",
        "consent": "2026-03-01",
        "consent_source": "contract",
    }
    assert client.post(address, data=sent).status_code == 302
    assert 'value="2026-03-01"' in page_of(client, address)
    assert "2026-03-01" in page_of(client, "/invite/contacts")
    with app.app_context():
        mia = db.session.query(Contact).one()
        assert (mia.attributes, mia.consent_source) == ({"tier": "silver"}, "contract")
    edit = "/invite/contacts/attributes/edit?name=tier"
    kept = {"label": "Tier", "kind": "number", "values": ""}
    assert client.post(edit, data=kept).status_code == 302
    refused = client.post("/invite/contacts/new", data=form | {"attribute: tier": "x"})
    assert "is not a number" in refused.get_data(as_text=True)
    assert client.post("/invite/contacts/attributes/drop?name=tier").status_code == 302
    with app.app_context():
        assert db.session.get(ContactAttribute, "tier") is None


def test_addresses_are_listed_searched_and_released_on_the_record(
    app: Flask, client: FlaskClient
) -> None:
    address = "/invite/suppressions/new"
    wrong = client.post(address, data={"addresses": "mia@example.org\nnone", "note": ""})
    assert wrong.status_code == 422
    assert "line 2" in wrong.get_data(as_text=True)
    lines = "Mia@Example.org\r\n\r\njo@example.org\r\nmia@example.org"
    client.post(address, data={"addresses": lines, "note": "by letter"})
    with app.app_context():
        kept = db.session.query(Suppression).order_by(Suppression.email).all()
        assert [(one.email, one.reason, one.detail) for one in kept] == [
            ("jo@example.org", "listed", "by letter"),
            ("mia@example.org", "listed", "by letter"),
        ]
        make_contact()
        db.session.commit()
    assert "no: put on the list by hand" in page_of(client, "/invite/contacts")
    page = page_of(client, "/invite/suppressions?search=MIA")
    assert "mia@example.org" in page
    assert "jo@example.org" not in page
    release = "/invite/suppressions/release?email=mia@example.org"
    assert "put on record" in page_of(client, release)
    assert client.post(release).status_code == 302
    assert client.post(release).status_code == 404
    with app.app_context():
        assert [one.email for one in db.session.query(Suppression)] == ["jo@example.org"]
        entry = db.session.query(AuditEntry).filter_by(action="address released").one()
        assert (entry.subject, entry.detail["reason"]) == ("mia@example.org", "listed")


def test_the_rules_are_changed_by_the_first_of_two_tabs(app: Flask, client: FlaskClient) -> None:
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', page_of(client, "/invite/rules"))
    assert seen is not None
    form = {"seen": seen[1], "fatigue_days": "14", "bounce_limit": "2.5", "soft_bounces": "4"}
    for name, value in (("fatigue_days", "-1"), ("bounce_limit", "0"), ("soft_bounces", "0")):
        assert client.post("/invite/rules", data=form | {name: value}).status_code == 422
    assert client.post("/invite/rules", data=form | {"needs_consent": "y"}).status_code == 302
    assert client.post("/invite/rules", data=form).status_code == 422
    with app.app_context():
        kept = rules()
        assert (kept.fatigue_days, kept.needs_consent) == (14, True)
        assert (kept.bounce_limit, kept.soft_bounces) == (2.5, 4)
        entry = db.session.query(AuditEntry).one()
        assert entry.detail["before"]["fatigue_days"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "suppressions",
        "suppressions/new",
        "suppressions/release",
        "contacts/attributes",
        "contacts/attributes/new",
        "contacts/attributes/edit",
        "rules",
    ],
)
def test_what_holds_for_all_is_not_for_who_sees_a_part(address: str, part: FlaskClient) -> None:
    assert part.get(f"/invite/{address}").status_code == 403
