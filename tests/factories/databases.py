"""Databases for tests: an empty one of each kind, and installations from which tests start."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from survey_app.accounts.enrolling import add_roles
from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.db import db
from survey_app.migrating import upgrade_database

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


def loosen(connection: sqlite3.Connection, _record: Any = None) -> None:
    """Tests ask what is written, not whether it outlives a power cut."""
    connection.execute("PRAGMA synchronous = OFF")


def make_schema(settings: Settings) -> None:
    """Bring an empty database to the newest migration, with the roles in it."""
    app = create_app(settings, testing=True)
    with app.app_context():
        upgrade_database()
        add_roles()
        db.session.commit()
        db.engine.dispose()


# What tells that tables, columns, rules or functions are no longer those of the migrations.
SHAPE = """
SELECT (SELECT row(count(*), max(oid), sum(relnatts), sum(relchecks))::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace),
       (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_constraint),
       (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace)
"""
# A table in which there never was a row takes no room.
FILLED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
SEQUENCES = """
SELECT sequencename::text, coalesce(last_value, start_value), last_value IS NOT NULL
FROM pg_sequences WHERE schemaname = 'public'
"""
LEAVE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Contents:
    """The rows of a database, as COPY writes them, and what its sequences have given out."""

    rows: dict[str, bytes]
    sequences: list[tuple[str, int, bool]]


@dataclass
class PostgresqlServer:
    """A PostgreSQL of the tests' own, on a Unix socket."""

    folder: Path
    shape: tuple[Any, ...] | None = None
    contents: dict[str, Contents] = field(default_factory=dict)

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
        with self._connect("postgres") as connection:
            connection.execute(statement.encode())

    def copy(self, template: str, database: str) -> None:
        """Make a database as the template is, in the place of one of that name."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.run(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY")

    def renew(self, template: str, database: str) -> None:
        """Make a database as the template is, again and again.

        To copy it takes ten times as long as to change its rows. A test that has changed more than
        rows leaves a database of another shape, which is copied anew.
        """
        if template not in self.contents:
            self.contents[template] = self._read(template)
        if self.shape is None:
            self.copy(EMPTY, database)
            with self._connect(database) as connection:
                self.shape = connection.execute(SHAPE).fetchone()
        with self._connect(database) as connection:
            fits = connection.execute(SHAPE).fetchone() == self.shape
        if not fits:
            self.copy(EMPTY, database)
        self._fill(database, self.contents[template])

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        address = f"postgresql://postgres:@/{database}?host={self.folder}"
        return psycopg.connect(address, autocommit=True)

    def _read(self, database: str) -> Contents:
        with self._connect(database) as connection:
            rows = {}
            for name in _filled(connection):
                with connection.cursor().copy(SQL("COPY {} TO STDOUT").format(name)) as copy:
                    rows[name.as_string()] = b"".join(copy)
            return Contents(rows, connection.execute(SEQUENCES).fetchall())

    def _fill(self, database: str, contents: Contents) -> None:
        with self._connect(database) as connection:
            connection.execute(LEAVE)
            # No row is checked against others.
            connection.execute("SET session_replication_role = replica")
            if old := _filled(connection):
                for name in old:
                    connection.execute(SQL("DELETE FROM {}").format(name))
                # So that the next rows stand in the order in which they come.
                connection.execute(SQL("VACUUM {}").format(SQL(", ").join(old)))
            for table, rows in contents.rows.items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                    copy.write(rows)
            names, values, called = zip(*contents.sequences, strict=True)
            connection.execute(
                "SELECT setval(name::regclass, value, called)"
                " FROM unnest(%s::text[], %s::bigint[], %s::boolean[]) AS s (name, value, called)",
                (list(names), list(values), list(called)),
            )


def _filled(connection: psycopg.Connection[Any]) -> list[Identifier]:
    return [Identifier("public", name) for (name,) in connection.execute(FILLED)]


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
