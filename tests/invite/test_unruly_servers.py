"""A mail server that refuses some, defers some, breaks off in the middle of a mail and is slow."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.invite import delivering, jobs
from survey_app.invite.contact_models import Suppression
from survey_app.invite.inviting import launch
from survey_app.invite.models import OutboxMail
from tests.conftest import free_port, make_settings
from tests.factories.campaigns import make_campaign, make_contact

SECONDS_OF_PATIENCE = 0.5


@dataclass
class UnrulyServer:
    """Each trouble happens once, but a mailbox that is not there stays away."""

    arrived: list[str] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Refuse, defer, or let the client wait too long."""
        self.tried[address] += 1
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if address.startswith("full"):
            return "552 5.2.2 mailbox full"
        if self.tried[address] == 1 and address.startswith("greylisted"):
            return "451 4.7.1 come back later"
        if self.tried[address] == 1 and address.startswith("slow"):
            await asyncio.sleep(SECONDS_OF_PATIENCE * 3)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take the mail, or hang up when all of it was sent and nothing said."""
        address = envelope.rcpt_tos[0]
        if self.tried[address] == 1 and address.startswith("dropped"):
            assert server.transport is not None
            server.transport.abort()
            return "451 never said"
        self.arrived.append(address)
        return "250 OK"


@pytest.fixture
def server() -> Iterator[tuple[UnrulyServer, int]]:
    handler, port = UnrulyServer(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, server: tuple[UnrulyServer, int]) -> Settings:
    return make_settings(
        tmp_path, database_url, smtp_host="127.0.0.1", smtp_port=server[1], smtp_security="none"
    )


def test_whatever_the_server_does_each_mail_arrives_once_or_says_why_not(
    app: Flask, server: tuple[UnrulyServer, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "SECONDS_TO_ANSWER", SECONDS_OF_PATIENCE)
    handler, _ = server
    names = ("plain1", "nobody", "greylisted", "dropped", "slow", "full", "plain2")
    with app.app_context():
        for name in names:
            make_contact(f"{name}@example.org", name)
        launch(make_campaign(), utc_now())
        db.session.commit()
        jobs.send_mails()
        # What was put off is due in a minute; here it is due now.
        assert sorted(waiting()) == ["dropped", "greylisted", "slow"]
        db.session.query(OutboxMail).filter_by(state="queued").update({"not_before": utc_now()})
        db.session.commit()
        jobs.send_mails()
        db.session.expire_all()
        mails = {
            mail.invitation.contact.name: mail  # type: ignore[union-attr]
            for mail in db.session.query(OutboxMail)
        }
        states = {name: (mail.state, mail.attempts) for name, mail in mails.items()}
        assert states == {
            "plain1": ("sent", 1),
            "plain2": ("sent", 1),
            "greylisted": ("sent", 2),
            "dropped": ("sent", 2),
            "slow": ("sent", 2),
            "nobody": ("failed", 1),
            "full": ("failed", 1),
        }
        assert mails["nobody"].error == "The mail server answered: 550 5.1.1 no such user."
        # Only the address that leads to nobody is never asked again.
        assert [one.email for one in db.session.query(Suppression)] == ["nobody@example.org"]
    assert Counter(handler.arrived) == Counter(
        f"{name}@example.org" for name in names if name not in ("nobody", "full")
    )


def waiting() -> list[str]:
    db.session.expire_all()
    queued = db.session.query(OutboxMail).filter_by(state="queued")
    return [mail.invitation.contact.name for mail in queued]  # type: ignore[union-attr]
