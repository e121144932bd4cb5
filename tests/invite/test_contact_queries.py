from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.invite import contact_queries
from survey_app.invite.contact_models import Contact
from survey_app.invite.contact_queries import (
    CONTACTS_A_PAGE,
    Asked,
    Wanted,
    find_contacts,
    invitations_of,
)
from survey_app.invite.inviting import launch
from survey_app.invite.models import Invitation, OutboxMail
from survey_app.invite.registering import opt_out, revise_contact
from survey_app.organisation.arranging import add_unit
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import NOW, make_campaign, make_contact, make_contacts


def found(words: str) -> list[str]:
    return [contact.email for contact in find_contacts(Wanted(words)).contacts]


@pytest.fixture(params=["by address", "by id"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two ways of SQLite to those whom a word finds: few, and very many."""
    if request.param == "by id":
        monkeypatch.setattr(contact_queries, "MOST_SORTED", 0)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("KELLER", "mia"),
        ("kell mi", "mia"),
        ("keller jo", ""),
        ("example.net", "jo"),
        ("xample", ""),
        ("C_1", "mia"),
        ("c 1", "mia jo"),
        ("100%", "jo"),
        ("m.k", "mia"),
        ("zoe", "jo"),
        ("Zo\u00eb", "jo"),
        ("Zoe\u0308", "jo"),
        ("nobody", ""),
        ("%", ""),
        # A word of the index's own language is a word like any other: 'org' begins with it.
        ("'\" OR *", "mia"),
    ],
)
def test_beginnings_of_words_find_address_name_and_external_id(
    words: str, who: str, app: Flask
) -> None:
    with app.app_context():
        make_contact("m.keller@example.org", "Mia Keller", external_id="C_1")
        make_contact("jo@example.net", "Jo 100% ZO\u00cb", external_id="CX1")
        addresses = {"mia": "m.keller@example.org", "jo": "jo@example.net"}
        assert sorted(found(words)) == sorted(addresses[one] for one in who.split())


def test_what_is_found_follows_every_change(app: Flask) -> None:
    with app.app_context():
        mia = make_contact("mia@example.org", "Mia Keller", external_id="C-7")
        revise_contact(mia, {"name": "Mia Berg", "external_id": ""})
        assert (found("keller"), found("c-7"), found("berg")) == ([], [], ["mia@example.org"])
        db.session.query(Contact).delete()
        assert found("mia") == []


@pytest.mark.usefixtures("way")
def test_pages_of_contacts_follow_each_other_without_gap_or_repeat(app: Flask) -> None:
    with app.app_context():
        make_contacts(CONTACTS_A_PAGE + 3)
        first = find_contacts(Wanted("person"))
        assert first.total == CONTACTS_A_PAGE + 3
        assert first.after is not None
        second = find_contacts(Wanted("person"), first.after)
        assert second.after is None
        seen = [contact.email for contact in [*first.contacts, *second.contacts]]
        assert len(seen) == len(set(seen)) == CONTACTS_A_PAGE + 3


def test_very_many_found_come_in_the_order_in_which_they_were_added_on_sqlite(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_queries, "MOST_SORTED", 2)
    with app.app_context():
        for name in ("zoe", "mia", "ann"):
            make_contact(f"{name}@example.org")
        page = find_contacts(Wanted("example"))
        on_sqlite = db.engine.dialect.name == "sqlite"
        assert page.by_address is not on_sqlite
        names = [one.email.split("@")[0] for one in page.contacts]
        assert names == (["zoe", "mia", "ann"] if on_sqlite else ["ann", "mia", "zoe"])
        assert [one.email[:3] for one in find_contacts(Wanted("ann")).contacts] == ["ann"]


def test_nobody_counts_further_than_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_queries, "MOST_COUNTED", 3)
    with app.app_context():
        make_contacts(3)
        assert (find_contacts(Wanted()).total, find_contacts(Wanted()).is_capped) == (3, False)
        make_contact()
        make_contact("jo@example.org")
        assert (find_contacts(Wanted()).total, find_contacts(Wanted()).is_capped) == (4, True)


def test_contacts_are_filtered_by_unit_and_by_who_may_be_asked(app: Flask) -> None:
    with app.app_context():
        company, _ = add_unit("company", "Example Ltd", None)
        leasing, _ = add_unit("leasing", "Leasing", company)
        add_unit("cars", "Cars", leasing)
        make_contact("cars@example.org", unit="cars")
        make_contact("company@example.org", unit="company")
        opt_out(make_contact("out@example.org", unit="leasing"), NOW)
        leasing_id = unit_by_key("leasing").id
        here = find_contacts(Wanted(unit_id=leasing_id))
        assert [one.email for one in here.contacts] == ["cars@example.org", "out@example.org"]
        asked = find_contacts(Wanted(unit_id=leasing_id, askable_at=NOW))
        assert [one.email for one in asked.contacts] == ["cars@example.org"]
        assert asked.total == 1
        part = find_contacts(Wanted("example"), "", {unit_by_key("cars").id})
        assert [one.email for one in part.contacts] == ["cars@example.org"]


def test_a_contact_tells_its_invitations_and_what_came_back(app: Flask) -> None:
    with app.app_context():
        mia = make_contact()
        make_contact("jo@example.org")
        launch(make_campaign(), NOW)
        invitation = db.session.query(Invitation).filter_by(contact_id=mia.id).one()
        invitation.answered = True
        mail = db.session.query(OutboxMail).filter_by(invitation_id=invitation.id).one()
        mail.sent_at = NOW + timedelta(minutes=1)
        mail.report, mail.report_detail = "soft", "452 full"
        db.session.flush()
        assert invitations_of(mia) == [
            Asked("July", NOW, NOW + timedelta(minutes=1), True, "soft", "452 full")
        ]
