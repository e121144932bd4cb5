"""Databases for tests: an empty one of each kind, and installations from which tests start."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
import pytest

from survey_app.accounts.enrolling import add_roles
from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.db import db

# The template of an empty, migrated database on PostgreSQL.
EMPTY = "template_soundings"


def make_settings(home: Path, database_url: str, **named: Any) -> Settings:
    """Settings of a test installation."""
    return Settings(
        home=home,
        database_url=database_url,
        secret_key="a key for tests only, of sufficient length",
        **named,
    )


def make_schema(settings: Settings) -> None:
    """Bring an empty database to the newest migration, with the roles in it."""
    app = create_app(settings, testing=True)
    with app.app_context():
        flask_migrate.upgrade()
        add_roles()
        db.session.commit()
        db.engine.dispose()


@dataclass
class PostgresqlServer:
    """A PostgreSQL of the tests' own, on a Unix socket."""

    folder: Path

    def url(self, database: str) -> str:
        """Address of one of its databases, for SQLAlchemy."""
        return f"postgresql+psycopg://postgres:@/{database}?host={self.folder}"

    def wait_until_it_answers(self, seconds: float = 60.0) -> None:
        """On a busy machine the server is started before it takes connections."""
        until = time.monotonic() + seconds
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def run(self, statement: str) -> None:
        """One statement in the maintenance database."""
        address = f"postgresql://postgres:@/postgres?host={self.folder}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def copy(self, template: str, database: str) -> None:
        """Make a database as the template is, in the place of one of that name."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.run(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY")


@dataclass
class MadeBefore:
    """Installations from which tests start: each is made once and copied for each test."""

    folders: pytest.TempPathFactory
    made: dict[tuple[str, Callable[[], None]], Any] = field(default_factory=dict)

    def on_sqlite(self, make: Callable[[], None], template: Path) -> Path:
        """The database file of an installation; what else it has lies beside it."""
        if ("sqlite", make) not in self.made:
            home = self.folders.mktemp("made")
            path = Path(shutil.copy(template, home / "made.sqlite"))
            _make(make, make_settings(home, f"sqlite:///{path}"))
            self.made["sqlite", make] = path
        found: Path = self.made["sqlite", make]
        return found

    def on_postgresql(self, make: Callable[[], None], server: PostgresqlServer) -> tuple[str, Path]:
        """The name of an installation's database, and its folder."""
        if ("postgresql", make) not in self.made:
            home, name = self.folders.mktemp("made"), f"made_{len(self.made)}"
            server.copy(EMPTY, name)
            _make(make, make_settings(home, server.url(name)))
            self.made["postgresql", make] = (name, home)
        found: tuple[str, Path] = self.made["postgresql", make]
        return found


def _make(make: Callable[[], None], settings: Settings) -> None:
    app = create_app(settings, testing=True)
    with app.app_context():
        make()
        db.session.commit()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
