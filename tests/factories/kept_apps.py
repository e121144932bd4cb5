"""The product, made once and put on another installation for each test.

To make it, to load its templates and to write its statements takes longer than most tests. What a
test changes in it is put back; a test that adds to it (pages, listeners) says `@own_app`.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.db import db
from tests.factories.databases import loosen

own_app = pytest.mark.own_app
# Most tests have the same settings; the others' apps are not kept for long.
MOST_KEPT = 6
ENGINE_EVENTS = ("begin", "commit", "rollback", "before_cursor_execute", "after_cursor_execute")
POOL_EVENTS = ("connect", "checkout", "checkin")


def make_app(settings: Settings) -> Flask:
    """The product as tests use it: it waits for no disk, and takes forms without their token."""
    app = create_app(settings, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        for engine in db.engines.values():
            if engine.dialect.name == "sqlite":
                event.listen(engine, "connect", loosen)
    return app


def leave(app: Flask) -> None:
    """End what the app has open."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    app.extensions["soundings_huey"].storage.close()


@dataclass
class KeptApp:
    """An app, and what it was like when it was made."""

    app: Flask
    config: dict[str, Any] = field(init=False)
    extensions: dict[str, Any] = field(init=False)
    shape: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.config = dict(self.app.config)
        self.extensions = _copied(self.app.extensions)
        self.shape = self.find_shape()

    def put_back(self) -> None:
        """Make the app as it was, for an installation that is new."""
        self.app.config.clear()
        self.app.config.update(self.config)
        self.app.extensions.clear()
        self.app.extensions.update(_copied(self.extensions))
        self.app.extensions["soundings_huey"].storage.initialize_schema()

    def find_shape(self) -> list[Any]:
        """All that answers a request or hears of one, which is the same for each test."""
        app = self.app
        by_room = (
            app.before_request_funcs,
            app.after_request_funcs,
            app.teardown_request_funcs,
            app.template_context_processors,
        )
        shape: list[Any] = [
            dict(app.view_functions),
            dict(app.jinja_env.globals),
            app.wsgi_app,
            list(app.teardown_appcontext_funcs),
            *({room: list(heard) for room, heard in one.items() if heard} for one in by_room),
        ]
        with app.app_context():
            for engine in db.engines.values():
                shape += [list(getattr(engine.dispatch, name)) for name in ENGINE_EVENTS]
                shape += [list(getattr(engine.pool.dispatch, name)) for name in POOL_EVENTS]
        return shape


def _copied(extensions: dict[str, Any]) -> dict[str, Any]:
    # What an app keeps of its database lies in dictionaries of its own.
    return {name: dict(one) if type(one) is dict else one for name, one in extensions.items()}


@dataclass
class KeptApps:
    """Apps by their settings; the one used longest ago goes first."""

    kept: OrderedDict[Settings, KeptApp] = field(default_factory=OrderedDict)

    def take(self, settings: Settings) -> Flask:
        """The product with these settings."""
        if settings in self.kept:
            self.kept.move_to_end(settings)
            self.kept[settings].put_back()
        else:
            self.kept[settings] = KeptApp(make_app(settings))
            if len(self.kept) > MOST_KEPT:
                self.kept.popitem(last=False)
        return self.kept[settings].app

    def check(self, settings: Settings) -> None:
        """Fail the test that has added to the app, and give the app to no other."""
        if self.kept[settings].find_shape() != self.kept[settings].shape:
            del self.kept[settings]
            raise AssertionError("a test that adds to the app says @own_app")
