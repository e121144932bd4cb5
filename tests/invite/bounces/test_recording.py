from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.invite.bounces.reading import Report
from survey_app.invite.bounces.recording import GUESSED_WITHIN, SETTLES, record_report
from survey_app.invite.contact_models import Contact, Suppression, rules
from survey_app.invite.models import OutboxMail
from tests.factories.campaigns import NOW, make_contact
from tests.factories.sent_mails import make_sent

DAY = timedelta(days=1)


def about(mail: OutboxMail, kind: str, detail: str = "5.1.1 no") -> Report:
    """A report that proves to be about this mail."""
    return Report(kind, mail.id, (), detail)


def unproven(kind: str, address: str) -> Report:
    """A report that has nothing but an address."""
    return Report(kind, None, (address,) if address else (), "5.1.1 no")


def reason_of(contact: Contact) -> str | None:
    entry = db.session.get(Suppression, contact.email)
    return None if entry is None else entry.reason


@pytest.mark.parametrize(
    ("kind", "reason"), [("hard", "hard_bounce"), ("complaint", "complaint"), ("soft", None)]
)
def test_a_report_is_noted_on_its_mail_and_suppresses_the_address(
    app: Flask, kind: str, reason: str | None
) -> None:
    with app.app_context():
        mail, other = make_sent("mia@example.org"), make_sent("leo@example.org")
        assert record_report(about(mail, kind), NOW + DAY)
        db.session.commit()
        assert (mail.report, mail.reported_at, mail.report_detail) == (kind, NOW + DAY, "5.1.1 no")
        assert (other.report, other.reported_at) == ("", None)
        assert reason_of(mail.invitation.contact) == reason
        entries = db.session.query(AuditEntry).filter_by(action="address suppressed").all()
        assert [(one.subject, one.detail) for one in entries] == (
            [("mia@example.org", {"reason": reason, "mail": mail.id})] if reason else []
        )
        if reason:
            entry = db.session.get_one(Suppression, "mia@example.org")
            assert (entry.at, entry.detail) == (NOW + DAY, "5.1.1 no")


@pytest.mark.parametrize("kind", ["hard", "complaint", "soft"])
def test_the_same_report_twice_changes_nothing(app: Flask, kind: str) -> None:
    with app.app_context():
        mail = make_sent()
        assert record_report(about(mail, kind), NOW)
        assert not record_report(about(mail, kind, "another"), NOW + DAY)
        assert (mail.reported_at, mail.report_detail) == (NOW, "5.1.1 no")


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("soft", "hard", "hard"),
        ("hard", "soft", "hard"),
        ("soft", "complaint", "complaint"),
        ("hard", "complaint", "complaint"),
        ("complaint", "hard", "complaint"),
        ("complaint", "soft", "complaint"),
    ],
)
def test_what_is_recorded_only_gets_worse(app: Flask, first: str, second: str, kept: str) -> None:
    with app.app_context():
        mail = make_sent()
        record_report(about(mail, first), NOW)
        assert record_report(about(mail, second), NOW + DAY) == (second == kept)
        assert mail.report == kept


def test_a_complaint_is_kept_as_the_reason_though_the_address_bounced_before(app: Flask) -> None:
    with app.app_context():
        mail = make_sent()
        record_report(about(mail, "hard"), NOW)
        assert reason_of(mail.invitation.contact) == "hard_bounce"
        record_report(about(mail, "complaint"), NOW + DAY)
        db.session.expire_all()
        assert reason_of(mail.invitation.contact) == "complaint"


def test_a_report_about_a_mail_that_is_gone_changes_nothing(app: Flask) -> None:
    with app.app_context():
        make_sent()
        assert not record_report(Report("hard", 9999, ("mia@example.org",), ""), NOW)
        assert db.session.query(Suppression).count() == 0


def sent_in_turn(*kinds: str, every: timedelta = 10 * DAY) -> list[OutboxMail]:
    """Mails to Mia, `every` so much; '' is one of which nothing came back."""
    mails = []
    for number, kind in enumerate(kinds):
        at = NOW + number * every
        mail = make_sent(at=at, campaign_name=f"Campaign {number}")
        if kind:
            record_report(about(mail, kind), at)
        mails.append(mail)
    return mails


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        (["soft", "soft"], None),
        (["soft", "soft", "soft"], "soft_bounces"),
        (["soft", "soft", "", "soft"], None),
        (["soft", "soft", "", "soft", "soft"], None),
        (["soft", "", "soft", "soft", "soft"], "soft_bounces"),
        (["", "", "soft", "soft", "soft"], "soft_bounces"),
        (["soft", "soft", "complaint"], "complaint"),
    ],
)
def test_so_many_soft_bounces_with_no_delivery_between_suppress_an_address(
    app: Flask, kinds: list[str], reason: str | None
) -> None:
    with app.app_context():
        assert rules().soft_bounces == 3
        mails = sent_in_turn(*kinds)
        assert reason_of(mails[0].invitation.contact) == reason


def test_the_limit_is_that_of_the_rules(app: Flask) -> None:
    with app.app_context():
        rules().soft_bounces = 1
        assert reason_of(sent_in_turn("soft")[0].invitation.contact) == "soft_bounces"


def test_a_mail_that_may_still_bounce_is_no_delivery(app: Flask) -> None:
    with app.app_context():
        [first, _second, _waiting, fourth] = sent_in_turn("soft", "soft", "", "", every=DAY)
        # A day after it was sent, nobody knows yet what becomes of the third.
        record_report(about(fourth, "soft"), NOW + 4 * DAY)
        assert reason_of(first.invitation.contact) == "soft_bounces"


def test_a_mail_that_nothing_came_back_of_for_days_was_delivered(app: Flask) -> None:
    with app.app_context():
        [first, _second, third, fourth] = sent_in_turn("soft", "soft", "", "", every=DAY)
        assert third.sent_at is not None
        record_report(about(fourth, "soft"), third.sent_at + SETTLES)
        assert reason_of(first.invitation.contact) is None


def test_bounces_of_others_do_not_count(app: Flask) -> None:
    with app.app_context():
        for number in range(3):
            record_report(about(make_sent(f"person{number}@example.org"), "soft"), NOW)
        assert db.session.query(Suppression).count() == 0


def test_a_soft_bounce_that_comes_late_is_counted_where_it_was_sent(app: Flask) -> None:
    with app.app_context():
        mails = sent_in_turn("", "soft", "soft")
        record_report(about(mails[0], "soft"), NOW + 30 * DAY)
        assert reason_of(mails[0].invitation.contact) == "soft_bounces"


def test_without_a_proof_a_bounce_is_a_soft_one_of_the_newest_mail_to_its_address(
    app: Flask,
) -> None:
    with app.app_context():
        older = make_sent()
        newer = make_sent(at=NOW + DAY, campaign_name="August")
        told = unproven("hard", "mia@example.org")
        assert record_report(told, NOW + 2 * DAY)
        assert (older.report, newer.report) == ("", "soft")
        assert db.session.query(Suppression).count() == 0
        assert not record_report(told, NOW + 2 * DAY)


@pytest.mark.parametrize(
    ("kind", "address", "at"),
    [
        ("complaint", "mia@example.org", NOW + DAY),
        ("hard", "leo@example.org", NOW + DAY),
        ("hard", "", NOW + DAY),
        ("hard", "mia@example.org", NOW + GUESSED_WITHIN),
    ],
)
def test_without_a_proof_nothing_else_is_taken_from_a_report(
    app: Flask, kind: str, address: str, at: datetime
) -> None:
    with app.app_context():
        mail = make_sent()
        make_contact("leo@example.org")
        assert not record_report(unproven(kind, address), at)
        assert mail.report == ""
        assert db.session.query(Suppression).count() == 0
