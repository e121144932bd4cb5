"""A worker that is killed at any moment leaves nobody out and hardly ever sends twice."""

from __future__ import annotations

import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import func, insert, select

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.invite.contact_models import Contact
from survey_app.invite.inviting import launch
from survey_app.invite.models import OutboxMail
from survey_app.jobs import dispatch_queued
from tests.conftest import free_port, make_settings
from tests.factories.campaigns import make_campaign
from tests.factories.loaded import Command, Loaded

SECONDS_FOR_ALL = 240
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)


class NotingServer:
    """An SMTP server that notes recipients and Message-IDs."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Note the mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        found = MESSAGE_ID.search(content)
        assert found is not None
        self.taken.append((envelope.rcpt_tos[0], found.group(1)))
        return "250 OK"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def sink(port: int) -> Iterator[NotingServer]:
    handler = NotingServer()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, port: int) -> Settings:
    return make_settings(
        tmp_path, database_url, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"
    )


class Workers:
    """Starts workers, one after another, and kills them."""

    def __init__(self, loaded: Loaded, settings: Settings) -> None:
        named = {
            "SOUNDINGS_HOME": str(settings.home),
            "SOUNDINGS_DATABASE_URL": settings.database_url,
            "SOUNDINGS_SECRET_KEY": settings.secret_key,
            "SOUNDINGS_SMTP_HOST": settings.smtp_host,
            "SOUNDINGS_SMTP_PORT": str(settings.smtp_port),
            "SOUNDINGS_SMTP_SECURITY": settings.smtp_security,
        }
        self.loaded = loaded
        self.environment = os.environ | named
        self.running = self._begin()

    def replace(self) -> None:
        """Kill the worker, and begin another one."""
        self.stop()
        self.running = self._begin()

    def stop(self) -> None:
        """Kill the worker."""
        self.loaded.kill(self.running)

    def _begin(self) -> Command:
        return self.loaded.begin("worker", environment=self.environment)


def test_a_worker_killed_again_and_again_leaves_nobody_out_and_sends_twice_at_most_once_a_kill(
    app: Flask, settings: Settings, sink: NotingServer, loaded: Loaded
) -> None:
    mails, kills = 5_000, 10
    with app.app_context():
        rows = [
            {"email": f"person{number}@example.org", "name": f"Person {number}", "attributes": {}}
            for number in range(mails)
        ]
        db.session.execute(insert(Contact), rows)
        launch(make_campaign(), utc_now())
        db.session.commit()
        dispatch_queued()
    deadline = time.monotonic() + SECONDS_FOR_ALL
    killed = 0
    chance = random.Random(20261127)
    workers = Workers(loaded, settings)
    try:
        next_kill = chance.randint(1, mails // kills)
        while len(sink.taken) < mails or waiting(app):
            assert time.monotonic() < deadline, f"{len(sink.taken)} of {mails} mails arrived"
            if killed < kills and len(sink.taken) >= next_kill:
                time.sleep(chance.random() * 0.01)
                workers.replace()
                killed += 1
                next_kill = len(sink.taken) + chance.randint(1, mails // kills)
            time.sleep(0.002 if killed < kills else 0.1)
    finally:
        workers.stop()
    assert killed == kills
    arrived = Counter(recipient for recipient, _ in sink.taken)
    assert set(arrived) == {f"person{number}@example.org" for number in range(mails)}
    twice = sum(count - 1 for count in arrived.values())
    assert twice <= kills
    # One that is sent again has the same Message-ID, so that a mailbox can keep one of the two.
    assert len({message_id for _, message_id in sink.taken}) == mails


def waiting(app: Flask) -> int:
    with app.app_context():
        counted = db.session.scalar(
            select(func.count()).where(OutboxMail.state.in_(("queued", "sending")))
        )
        db.session.rollback()
        return counted or 0
