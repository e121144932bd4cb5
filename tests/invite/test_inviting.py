from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.models import AuditEntry
from survey_app.db import db, mark_of
from survey_app.invite import inviting
from survey_app.invite.audience import AudienceCount, count_audience
from survey_app.invite.campaigning import Plan, revise_campaign
from survey_app.invite.contact_models import Contact
from survey_app.invite.inviting import launch, resend_failed
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.invite.registering import opt_out
from survey_app.organisation.arranging import add_unit
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import (
    NOW,
    make_campaign,
    make_contact,
    make_contacts,
    make_invitation,
)

PLAN = Plan("July", "visit_feedback", 1, "How was it?", "Dear {name},\n{link}\n")
T = TypeVar("T")


def test_everybody_gets_one_invitation_and_one_queued_mail(app: Flask) -> None:
    with app.app_context():
        make_contacts(3)
        campaign = make_campaign(closes_at=NOW + timedelta(days=7))
        assert launch(campaign, NOW) == (3, [])
        invitations = db.session.query(Invitation).order_by(Invitation.id).all()
        assert [one.contact.email for one in invitations] == [
            f"person{number}@example.org" for number in (1, 2, 3)
        ]
        assert {one.expires_at for one in invitations} == {NOW + timedelta(days=7)}
        assert {one.created_at for one in invitations} == {NOW}
        mails = db.session.query(OutboxMail).all()
        assert [(mail.state, mail.attempts, mail.not_before) for mail in mails] == [
            ("queued", 0, NOW)
        ] * 3
        assert campaign.launched_at == NOW


def test_an_invitation_keeps_what_was_known_at_sending(app: Flask) -> None:
    with app.app_context():
        unit, _ = add_unit("company", "Example Ltd", None)
        assert unit is not None
        contact = make_contact(unit="company", segment="private")
        campaign = make_campaign()
        launch(campaign, NOW)
        contact.unit_id, contact.attributes = None, {"segment": "business"}
        db.session.flush()
        invitation = db.session.query(Invitation).one()
        assert invitation.unit_id == unit.id
        assert invitation.attributes == {"segment": "private"}
        assert (invitation.questionnaire_key, invitation.version_number) == ("visit_feedback", 1)


def test_a_unit_as_audience_stands_for_all_below_it(app: Flask) -> None:
    with app.app_context():
        company, _ = add_unit("company", "Example Ltd", None)
        leasing, _ = add_unit("leasing", "Leasing", company)
        add_unit("cars", "Cars", leasing)
        make_contact("company@example.org", unit="company")
        make_contact("leasing@example.org", unit="leasing")
        make_contact("cars@example.org", unit="cars")
        make_contact("none@example.org")
        campaign = make_campaign(audience=leasing)
        assert count_audience(campaign, NOW).invited == 2
        assert launch(campaign, NOW) == (2, [])
        invited = {one.contact.email for one in db.session.query(Invitation)}
        assert invited == {"leasing@example.org", "cars@example.org"}


def test_who_opted_out_is_not_invited(app: Flask) -> None:
    with app.app_context():
        one, two = make_contacts(2)
        opt_out(two, NOW)
        db.session.flush()
        assert launch(make_campaign(), NOW) == (1, [])
        assert db.session.query(Invitation).one().contact_id == one.id


def test_a_second_launch_sends_nothing(app: Flask) -> None:
    with app.app_context():
        make_contacts(2)
        campaign = make_campaign()
        launch(campaign, NOW)
        make_contact("late@example.org")
        count, problems = launch(campaign, NOW)
        assert count is None
        assert [problem.code for problem in problems] == ["launched"]
        assert db.session.query(OutboxMail).count() == 2


def test_two_launches_at_the_same_moment_send_once(app: Flask) -> None:
    with app.app_context():
        make_contacts(20)
        campaign_id = make_campaign().id
        db.session.commit()
    start = threading.Barrier(2)
    counts: list[int | None] = []

    def click() -> None:
        with app.app_context():
            start.wait()
            campaign = db.session.get_one(Campaign, campaign_id)
            count, _ = launch(campaign, NOW)
            db.session.commit()
            counts.append(count)

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(counts, key=str) == [20, None]
    with app.app_context():
        assert db.session.query(Invitation).count() == 20
        assert db.session.query(OutboxMail).count() == 20


def at_the_same_moment(
    app: Flask,
    campaign_id: int,
    first: Callable[[Campaign], object],
    second: Callable[[Campaign], T],
) -> T:
    """What `second` gives when it has read the campaign before `first` is committed."""
    done, read = threading.Event(), threading.Event()
    given: list[T] = []

    def begin() -> None:
        with app.app_context():
            first(db.session.get_one(Campaign, campaign_id))
            db.session.flush()
            done.set()
            # On SQLite the other one waits for the lock already before it reads.
            read.wait(0.5)
            db.session.commit()

    def follow() -> None:
        with app.app_context():
            done.wait()
            campaign = db.session.get_one(Campaign, campaign_id)
            read.set()
            given.append(second(campaign))
            db.session.commit()

    threads = [threading.Thread(target=run) for run in (begin, follow)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return given[0]


def test_a_campaign_cannot_be_changed_while_it_is_launched(app: Flask) -> None:
    with app.app_context():
        make_contacts(2)
        campaign_id = make_campaign().id
        db.session.commit()
    revised, problems = at_the_same_moment(
        app,
        campaign_id,
        lambda campaign: launch(campaign, NOW),
        lambda campaign: revise_campaign(campaign, replace(PLAN, subject="Other"), NOW),
    )
    assert revised is None
    assert [problem.code for problem in problems] == ["launched"]
    with app.app_context():
        assert db.session.get_one(Campaign, campaign_id).subject == "How was your visit?"


def test_a_launch_sends_the_campaign_as_it_was_changed_at_the_same_moment(app: Flask) -> None:
    with app.app_context():
        company, _ = add_unit("company", "Example Ltd", None)
        add_unit("leasing", "Leasing", company)
        make_contacts(3)
        make_contact("leasing@example.org", unit="leasing")
        campaign_id = make_campaign().id
        db.session.commit()
    count, _ = at_the_same_moment(
        app,
        campaign_id,
        lambda campaign: revise_campaign(
            campaign, replace(PLAN, audience=unit_by_key("leasing")), NOW
        ),
        lambda campaign: launch(campaign, NOW),
    )
    assert count == 1


def test_the_number_told_is_of_those_who_were_invited(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted_too_early(campaign: Campaign, now: datetime) -> AudienceCount:
        count = count_audience(campaign, now)
        make_contact("late@example.org")
        return count

    monkeypatch.setattr(inviting, "count_audience", counted_too_early)
    with app.app_context():
        make_contacts(2)
        assert launch(make_campaign(), NOW) == (3, [])
        assert db.session.query(OutboxMail).count() == 3
        entry = db.session.query(AuditEntry).filter_by(action="campaign sent").one()
        assert entry.detail == {"invitations": 3}


def test_the_database_refuses_a_second_invitation_of_a_contact(app: Flask) -> None:
    with app.app_context():
        invitation, _ = make_invitation()
        with pytest.raises(IntegrityError):
            make_invitation(invitation.campaign, invitation.contact)


@pytest.mark.parametrize(
    ("contacts", "expected", "days", "code"),
    [
        (0, None, 1, "no_recipients"),
        (2, 1, 1, "audience_changed"),
        (2, 2, -1, "closed"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_can_be_sent_later(
    contacts: int, expected: int | None, days: int, code: str, app: Flask
) -> None:
    with app.app_context():
        make_contacts(contacts)
        campaign = make_campaign(closes_at=NOW + timedelta(days=days))
        count, problems = launch(campaign, NOW, expected)
        assert count is None
        assert [problem.code for problem in problems] == [code]
        assert campaign.launched_at is None
        assert db.session.query(Invitation).count() == 0


def test_failed_mails_alone_are_queued_again(app: Flask) -> None:
    with app.app_context():
        make_contacts(3)
        campaign = make_campaign()
        launch(campaign, NOW)
        failed, sent, _ = db.session.query(OutboxMail).order_by(OutboxMail.id)
        failed.state, failed.attempts, failed.error = "failed", 8, "Mailbox unknown."
        sent.state = "sent"
        db.session.flush()
        later = NOW + timedelta(hours=1)
        assert resend_failed(campaign, later) == 1
        db.session.expire_all()
        assert (failed.state, failed.attempts, failed.error) == ("queued", 0, "")
        assert failed.not_before == later
        assert sent.state == "sent"
        assert resend_failed(campaign, later) == 0


def test_a_contact_that_was_invited_cannot_vanish(app: Flask) -> None:
    with app.app_context():
        invitation, _ = make_invitation()
        with pytest.raises(IntegrityError):
            db.session.query(Contact).filter_by(id=invitation.contact_id).delete()


def test_only_the_mail_that_was_seen_is_sent(app: Flask) -> None:
    with app.app_context():
        make_contacts(2)
        campaign = make_campaign()
        seen = mark_of(campaign)
        revise_campaign(campaign, replace(PLAN, subject="Other"), NOW)
        count, problems = launch(campaign, NOW, 2, seen)
        assert count is None
        assert [problem.code for problem in problems] == ["changed_meanwhile"]
        assert db.session.query(Invitation).count() == 0
        assert launch(campaign, NOW, 2, mark_of(campaign)) == (2, [])
