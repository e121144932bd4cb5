from __future__ import annotations

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.db import db, loosely_written
from survey_app.invite.inviting import launch
from survey_app.invite.mailing import (
    CLAIM_HOLDS,
    ClaimedMail,
    claim_mails,
    postpone,
    record_failed,
    record_sent,
    release,
    somebody_sends,
)
from survey_app.invite.models import Invitation, OutboxMail
from survey_app.invite.registering import opt_out
from tests.factories.campaigns import NOW, invitation_of, make_campaign, make_contacts

ZONE = ZoneInfo("UTC")


def prepare(count: int) -> None:
    make_contacts(count)
    launch(make_campaign(closes_at=NOW + timedelta(days=30)), NOW)


def only_mail() -> OutboxMail:
    db.session.expire_all()
    return db.session.query(OutboxMail).one()


def claim_one() -> ClaimedMail:
    (mail,) = claim_mails(1, NOW, ZONE)
    return mail


def test_a_claimed_mail_has_all_that_sending_needs(app: Flask) -> None:
    with app.app_context():
        prepare(1)
        letter = claim_one().letter
        assert (letter.to_name, letter.to_address) == ("Person 1", "person1@example.org")
        assert letter.subject == "How was your visit?"
        token = letter.link.rpartition("/")[2]
        found = invitation_of(token)
        assert found is not None
        assert found.contact.email == "person1@example.org"
        assert only_mail().state == "sending"


def test_mails_are_claimed_in_order_and_once(app: Flask) -> None:
    with app.app_context():
        prepare(5)
        first = claim_mails(3, NOW, ZONE)
        second = claim_mails(3, NOW, ZONE)
        assert [mail.letter.to_name for mail in first + second] == [
            f"Person {number}" for number in range(1, 6)
        ]
        assert claim_mails(3, NOW, ZONE) == []


def test_workers_at_the_same_moment_claim_different_mails(app: Flask) -> None:
    with app.app_context():
        prepare(40)
        db.session.commit()
    start = threading.Barrier(4)
    claimed: list[int] = []

    def work() -> None:
        with app.app_context():
            start.wait()
            while mails := claim_mails(5, NOW, ZONE):
                db.session.commit()
                claimed.extend(mail.id for mail in mails)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(claimed) == len(set(claimed)) == 40


def test_a_dead_workers_mails_are_claimed_again_after_ten_minutes(app: Flask) -> None:
    with app.app_context():
        prepare(1)
        claim_one()
        assert claim_mails(1, NOW + CLAIM_HOLDS, ZONE) == []
        again = claim_mails(1, NOW + CLAIM_HOLDS + timedelta(seconds=1), ZONE)
        assert len(again) == 1


def test_a_worker_whose_claim_has_passed_on_changes_nothing(app: Flask) -> None:
    with app.app_context():
        prepare(1)
        late = claim_one()
        (current,) = claim_mails(1, NOW + 2 * CLAIM_HOLDS, ZONE)
        record_failed(db.session.connection(), late, "Too late.")
        assert only_mail().state == "sending"
        record_sent(db.session.connection(), current, NOW)
        postpone(db.session.connection(), late, "Too late.", NOW)
        assert only_mail().state == "sent"


def test_a_sent_mail_is_marked_with_its_moment(app: Flask) -> None:
    with app.app_context():
        prepare(1)
        record_sent(db.session.connection(), claim_one(), NOW)
        mail = only_mail()
        assert (mail.state, mail.attempts, mail.sent_at) == ("sent", 1, NOW)
        assert claim_mails(1, NOW + timedelta(days=1), ZONE) == []


def test_pauses_grow_and_the_eighth_attempt_is_the_last(app: Flask) -> None:
    with app.app_context():
        prepare(1)
        now = NOW
        pauses = []
        for _ in range(8):
            (mail,) = claim_mails(1, now, ZONE)
            postpone(db.session.connection(), mail, "Try later.", now)
            kept = only_mail()
            if kept.state == "queued":
                assert claim_mails(1, kept.not_before - timedelta(seconds=1), ZONE) == []
                pauses.append((kept.not_before - now) / timedelta(minutes=1))
                now = kept.not_before
        assert pauses == [1, 5, 25, 125, 625, 1440, 1440]
        mail = only_mail()
        assert (mail.state, mail.attempts) == ("failed", 8)
        assert mail.error == "Try later. This was the last of 8 attempts."


def test_a_released_mail_has_lost_no_attempt(app: Flask) -> None:
    with app.app_context():
        prepare(2)
        mails = claim_mails(2, NOW, ZONE)
        release(db.session.connection(), mails)
        db.session.expire_all()
        kept = db.session.query(OutboxMail).all()
        assert [(mail.state, mail.attempts, mail.claimed_at) for mail in kept] == [
            ("queued", 0, None)
        ] * 2


@pytest.mark.parametrize("reason", ["opted out", "revoked", "last day"])
def test_what_must_not_be_sent_any_more_fails_and_the_rest_is_claimed(
    reason: str, app: Flask
) -> None:
    with app.app_context():
        prepare(3)
        # Two, so that a batch of nothing else does not end the run.
        for invitation in db.session.query(Invitation).order_by(Invitation.id).limit(2):
            if reason == "opted out":
                opt_out(invitation.contact, NOW)
            elif reason == "revoked":
                invitation.revoked_at = NOW
            else:
                invitation.expires_at = NOW
        db.session.flush()
        claimed = claim_mails(2, NOW, ZONE)
        assert [mail.letter.to_name for mail in claimed] == ["Person 3"]
        db.session.expire_all()
        failed = db.session.query(OutboxMail).filter_by(state="dropped").all()
        assert len(failed) == 2
        assert reason in failed[0].error


def test_somebody_sends_while_a_claim_is_fresh(app: Flask) -> None:
    with app.app_context():
        prepare(1)
        assert not somebody_sends(NOW)
        claim_one()
        assert somebody_sends(NOW + timedelta(minutes=1))
        assert not somebody_sends(NOW + timedelta(minutes=3))


def test_what_became_of_a_mail_is_written_down_when_the_database_can_be_used_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make_contacts(1)
        launch(make_campaign(), NOW)
        (mail,) = claim_mails(1, NOW, ZONE)
        db.session.commit()
        waits: list[float] = []
        with loosely_written() as connection, db.engine.connect() as other:
            if db.engine.dialect.name == "sqlite":
                # Somebody else writes meanwhile, for longer than is waited for.
                connection.exec_driver_sql("PRAGMA busy_timeout = 0")
                other.exec_driver_sql("UPDATE campaign SET name = name")
            else:
                number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
                other.exec_driver_sql(f"SELECT pg_terminate_backend({number})")

            def wait(seconds: float) -> None:
                waits.append(seconds)
                other.rollback()

            monkeypatch.setattr("survey_app.invite.mailing.time.sleep", wait)
            record_sent(connection, mail, NOW)
        assert len(waits) == 1
        assert db.session.get_one(OutboxMail, mail.id, populate_existing=True).state == "sent"
