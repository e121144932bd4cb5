from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.invite.contact_models import Suppression
from survey_app.invite.importing import import_contacts
from survey_app.invite.registering import opt_out, revise_contact
from survey_app.invite.suppressing import release, suppress
from tests.factories.campaigns import NOW, make_contact

LATER = NOW + timedelta(days=1)


def entry(email: str = "mia@example.org") -> tuple[str, object] | None:
    db.session.expire_all()
    found = db.session.get(Suppression, email)
    return (found.reason, found.at) if found else None


@pytest.mark.parametrize("weaker", ["listed", "soft_bounces", "hard_bounce"])
@pytest.mark.parametrize("word", ["opted_out", "complaint"])
def test_a_persons_own_word_is_kept_though_the_address_was_listed_before(
    app: Flask, weaker: str, word: str
) -> None:
    with app.app_context():
        assert suppress("mia@example.org", weaker, NOW)
        assert suppress("mia@example.org", word, LATER)
        assert entry() == (word, LATER)
        # A bounce afterwards does not take its place.
        assert not suppress("mia@example.org", weaker, LATER + timedelta(days=1))
        assert entry() == (word, LATER)


def test_what_stands_there_keeps_its_moment(app: Flask) -> None:
    with app.app_context():
        assert suppress("mia@example.org", "opted_out", NOW)
        assert not suppress("mia@example.org", "opted_out", LATER)
        assert not suppress("mia@example.org", "complaint", LATER)
        assert entry() == ("opted_out", NOW)
        assert release("mia@example.org")
        assert not release("mia@example.org")


def test_who_opted_out_has_done_so_at_a_new_address_too(app: Flask) -> None:
    with app.app_context():
        mia = make_contact(external_id="C-1")
        opt_out(mia, NOW)
        revise_contact(mia, {"email": "mia@example.net"})
        assert entry("mia@example.net") == ("opted_out", NOW)
        import_contacts(
            b"external_id,email\nC-1,mia@example.com\n", "a.csv", LATER, key="external_id"
        )
        assert entry("mia@example.com") == ("opted_out", NOW)


def test_a_bounce_stays_with_the_address(app: Flask) -> None:
    with app.app_context():
        mia = make_contact()
        suppress("mia@example.org", "hard_bounce", NOW)
        revise_contact(mia, {"email": "mia@example.net"})
        assert entry("mia@example.net") is None
