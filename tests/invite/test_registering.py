from __future__ import annotations

from flask import Flask

from survey_app.db import db
from survey_app.invite.contact_models import Contact
from survey_app.invite.registering import add_contact, opt_in, opt_out, revise_contact
from tests.factories.campaigns import NOW, make_contact


def test_an_address_is_kept_in_small_letters_and_once(app: Flask) -> None:
    with app.app_context():
        first, _ = add_contact({"email": " Mia@Example.ORG "}, NOW)
        assert first is not None
        assert first.email == "mia@example.org"
        second, problems = add_contact({"email": "mia@example.org"}, NOW)
        assert second is None
        assert [one.code for one in problems] == ["taken"]
        assert db.session.query(Contact).count() == 1


def test_a_refused_change_leaves_the_contact_as_it_was(app: Flask) -> None:
    with app.app_context():
        make_contact("jo@example.org", external_id="C-1")
        mia = make_contact()
        _, problems = revise_contact(mia, {"email": "mia@example.org", "external_id": "C-1"})
        assert [one.code for one in problems] == ["taken"]
        _, problems = revise_contact(mia, {"email": "mia", "name": "Other"})
        assert [(one.place, one.code) for one in problems] == [("email", "email")]
        db.session.expire_all()
        assert (mia.name, mia.external_id) == ("Mia", None)


def test_a_change_keeps_the_attributes_that_it_does_not_name(app: Flask) -> None:
    with app.app_context():
        mia = make_contact(segment="private", size="small")
        revise_contact(mia, {"email": "mia@example.org", "size": ""})
        db.session.expire_all()
        assert mia.attributes == {"segment": "private"}


def test_an_opt_out_keeps_its_first_moment_until_it_is_taken_back(app: Flask) -> None:
    with app.app_context():
        mia = make_contact()
        opt_out(mia, NOW)
        opt_out(mia, NOW.replace(year=2027))
        assert mia.suppression.at == NOW
        opt_in(mia, NOW)
        assert mia.suppression is None
