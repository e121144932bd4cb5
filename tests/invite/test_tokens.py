from __future__ import annotations

import re

from flask import Flask

from survey_app.db import db
from survey_app.invite.models import InvitationToken
from survey_app.invite.tokens import hash_of, issue_token, personal_link
from tests.factories.campaigns import NOW, invitation_of, make_invitation


def test_a_token_has_128_random_bits_and_only_its_hash_is_kept(app: Flask) -> None:
    with app.app_context():
        _, token = make_invitation()
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token)
        kept = db.session.query(InvitationToken).one()
        assert kept.token_hash == hash_of(token)
        assert len(kept.token_hash) == 64


def test_a_second_token_opens_the_same_invitation_as_the_first(app: Flask) -> None:
    with app.app_context():
        invitation, first = make_invitation()
        second = issue_token(invitation.id, NOW)
        assert first != second
        assert invitation_of(first) is invitation
        assert invitation_of(second) is invitation


def test_the_link_leads_to_the_page_that_asks(app: Flask) -> None:
    with app.app_context():
        _, token = make_invitation()
        assert personal_link(token) == f"http://127.0.0.1:8000/r/{token}"
        db.session.commit()
    assert app.test_client().get(f"/r/{token}").status_code == 200
