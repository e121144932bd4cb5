"""The product served to a real browser, with links to questionnaires of a test's own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, update
from werkzeug.serving import make_server

from survey_app.app import create_app
from survey_app.db import db
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign
from survey_app.respond.models import Response, ResponseDraft
from tests.conftest import make_settings
from tests.factories.questionnaires import add_invitation, add_version


@dataclass
class Site:
    """A running installation on SQLite."""

    app: Flask
    address: str
    count: int = 0
    invitations: dict[str, int] = field(default_factory=dict)

    def link(self, definition: dict[str, Any], **named: Any) -> str:
        """A personal link to a questionnaire made for it; `named` as of an invitation.

        `answers_may_change` and the contact's `name` are taken from it.
        """
        self.count += 1
        may_change = named.pop("answers_may_change", False)
        name = named.pop("name", "")
        with self.app.app_context():
            version = add_version(definition | {"key": f"{definition['key']}_{self.count}"})
            invitation, token = add_invitation(version, self.count, **named)
            campaign, contact = invitation.campaign_id, invitation.contact_id
            db.session.execute(
                update(Campaign)
                .where(Campaign.id == campaign)
                .values(answers_may_change=may_change)
            )
            db.session.execute(update(Contact).where(Contact.id == contact).values(name=name))
            link = f"{self.address}/r/{token}"
            self.invitations[link] = invitation.id
            db.session.commit()
        return link

    def stored(self, link: str) -> list[dict[str, Any]]:
        """The answers of each revision that was sent through a link, the oldest first."""
        query = (
            select(Response.answers)
            .where(Response.invitation_id == self.invitations[link])
            .order_by(Response.revision)
        )
        with self.app.app_context():
            return list(db.session.scalars(query))

    def saved(self, link: str) -> dict[str, Any] | None:
        """What was saved through a link and not sent."""
        query = select(ResponseDraft.answers).where(
            ResponseDraft.invitation_id == self.invitations[link]
        )
        with self.app.app_context():
            return db.session.scalar(query)


@contextmanager
def serve(home: Path, sqlite_template: Path) -> Iterator[Site]:
    """Serve an empty installation from a folder, as long as it is needed."""
    database = home / "site.sqlite"
    shutil.copy(sqlite_template, database)
    app = create_app(make_settings(home, f"sqlite:///{database}"), testing=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Site(app, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
