"""The database: one metadata, two backends (SQLite, PostgreSQL), the same promises on both."""

from __future__ import annotations

import hashlib
import select
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, Connection, DateTime, Dialect, MetaData, event, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from survey_app.config import Settings


class Base(DeclarativeBase):
    """All tables; every constraint has a name, so that a migration can find it again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

# Requests that change nothing: they take no write lock, and nothing of them is committed.
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

READING = "reading"

# For so long a PostgreSQL connection is used again without asking whether it still works.
SECONDS_TRUSTED = 30.0

Json = JSON(none_as_null=True)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the table. SQLite keeps no zone, so it is put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone: it would silently mean another one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A moment needs a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def mark_of(row: Base) -> str:
    """What changes with every column of a row: a form carries it, and a step asks for it back.

    So a change that was made on an older state of the row is noticed, whoever made it.
    """
    columns = inspect(row).mapper.column_attrs
    told = repr([(column.key, getattr(row, column.key)) for column in columns])
    return hashlib.sha256(told.encode(errors="backslashreplace")).hexdigest()


def utc_now() -> datetime:
    """The present moment; the edges call it, steps get it as an argument."""
    return datetime.now(UTC)


def init_database(app: Flask, settings: Settings) -> None:
    """Bind the app to its database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    # Answers and addresses are parameters: they must not stand in an error's text, hence in logs.
    options: dict[str, Any] = {"hide_parameters": True}
    if settings.database_url.startswith("sqlite"):
        options["connect_args"] = {"timeout": 30}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    app.config["SQLALCHEMY_BINDS"] = {
        READING: {
            "url": settings.database_url,
            "isolation_level": "AUTOCOMMIT",
            "pool_reset_on_return": None,
            **options,
        }
    }
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "begin", _begin_sqlite)
        else:
            for engine in db.engines.values():
                event.listen(engine, "checkout", _refuse_dead)


def _refuse_dead(connection: psycopg.Connection, record: ConnectionPoolEntry, _fairy: Any) -> None:
    """After a restart of the server the first visitor must not meet a dead connection.

    A server that ends a connection says so, and what it said can be read: to look for it costs no
    round trip, as asking before every use would. One that may have been lost on the way without a
    word is asked.
    """
    now = time.monotonic()
    used = record.info.get("used_at", now)
    record.info["used_at"] = now
    said = select.poll()
    try:
        said.register(connection.fileno(), select.POLLIN)
        if now - used >= SECONDS_TRUSTED or said.poll(0):
            connection.execute("SELECT 1")
            connection.rollback()
    except psycopg.Error as error:
        raise InvalidatePoolError from error


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Foreign keys are off in SQLite unless told; an acknowledged answer survives a power cut."""
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver's own transaction handling is switched off: it neither guards SELECTs nor
    # begins before SAVEPOINT; _begin_sqlite issues BEGIN instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    # What was written goes to its place in the file every 16 MB, not every 4: each time waits for
    # the disk twice, and pages that many write to are carried over once.
    cursor.execute("PRAGMA wal_autocheckpoint = 4000")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    """Take SQLite's write lock at once where something may be written.

    A transaction that reads first and writes later fails without waiting when another one wrote
    in between; one that begins by locking waits its turn instead (`busy_timeout`).
    """
    only_reads = connection.get_execution_options().get("soundings_reading") or (
        has_request_context() and request.method in READING_METHODS
    )
    statement = "BEGIN" if only_reads else "BEGIN IMMEDIATE"
    try:
        # On the driver's own connection: SQLAlchemy's way to it costs more than the statement.
        connection.connection.dbapi_connection.execute(statement)
    except sqlite3.OperationalError as error:
        raise OperationalError(statement, None, error) from error


def begin_reading() -> None:
    """Begin a transaction that only reads, so that a long one keeps no writer waiting.

    All its queries see one and the same state. Call it before the first query; a later write in
    the same transaction is not safe on SQLite and refused by PostgreSQL.
    """
    options: dict[str, Any] = {"soundings_reading": True}
    if db.engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    db.session.connection(execution_options=options)


@contextmanager
def loosely_written() -> Iterator[Connection]:
    """A connection on which each statement is a transaction of its own that no disk is waited for.

    What was written survives the end of this process at any moment. A power cut may lose the last
    moments of it, so it is for what is then merely done again.
    """
    engine = db.engines[READING]
    is_sqlite = engine.dialect.name == "sqlite"
    loose, strict = (
        ("PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL")
        if is_sqlite
        else ("SET synchronous_commit = off", "RESET synchronous_commit")
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(loose)
        try:
            yield connection
        finally:
            connection.exec_driver_sql(strict)
