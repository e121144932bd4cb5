from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db
from survey_app.invite.contact_models import Suppression
from survey_app.invite.models import Invitation
from survey_app.invite.tokens import Keys, issue_keys
from tests.factories.campaigns import NOW, make_invitation


@pytest.fixture
def keys(app: Flask) -> Keys:
    with app.app_context():
        invitation, _ = make_invitation()
        (keys,) = issue_keys([invitation.id], NOW)
        db.session.commit()
    return keys


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def suppressed(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(one.email, one.reason) for one in db.session.query(Suppression)]


def test_opening_the_link_changes_nothing(app: Flask, keys: Keys, client: FlaskClient) -> None:
    page = client.get(f"/u/{keys.unsubscribe}")
    assert page.status_code == 200
    assert "Do not ask me again" in page.text
    assert suppressed(app) == []


def test_a_mail_programs_one_click_opts_out_without_a_page_before_it(
    app: Flask, keys: Keys, client: FlaskClient
) -> None:
    # RFC 8058: this body, no cookies, no token of a form.
    answer = client.post(f"/u/{keys.unsubscribe}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert suppressed(app) == [("mia@example.org", "opted_out")]
    with app.app_context():
        assert db.session.query(Invitation).one().opted_out_at is not None


def test_a_second_click_changes_nothing_more(app: Flask, keys: Keys, client: FlaskClient) -> None:
    client.post(f"/u/{keys.unsubscribe}")
    with app.app_context():
        before = db.session.query(Suppression).one().at
        db.session.rollback()
    assert client.post(f"/u/{keys.unsubscribe}").status_code == 200
    assert "You will not be asked again" in client.get(f"/u/{keys.unsubscribe}").text
    with app.app_context():
        assert db.session.query(Suppression).one().at == before


def test_the_key_for_opting_out_opens_no_questionnaire_and_the_other_way_round(
    app: Flask, keys: Keys, client: FlaskClient
) -> None:
    assert client.get(f"/r/{keys.unsubscribe}").status_code == 404
    assert client.post(f"/u/{keys.token}").status_code == 404
    assert suppressed(app) == []


def test_the_page_speaks_the_browsers_language(keys: Keys, client: FlaskClient) -> None:
    page = client.get(f"/u/{keys.unsubscribe}", headers={"Accept-Language": "de"})
    assert 'lang="de"' in page.text
    assert "Do not ask me again" not in page.text
