"""The database: one metadata, two backends (SQLite, PostgreSQL), the same promises on both."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from sqlite3 import Connection as SqliteConnection
from typing import Any

from flask import Flask, has_request_context, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, MetaData, event, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from survey_app.config import Settings, shipped


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
migrate = Migrate(db=db, directory=str(shipped("migrations")))

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
    else:
        # After a restart of the server the first visitor must not meet a dead connection.
        options["pool_pre_ping"] = True
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    migrate.init_app(app, db, render_as_batch=True, compare_type=True)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Foreign keys are off in SQLite unless told; an acknowledged answer survives a power cut."""
    if not isinstance(connection, SqliteConnection):
        return
    # The driver's own transaction handling is switched off: it neither guards SELECTs nor
    # begins before SAVEPOINT; _begin_sqlite issues BEGIN instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    """Take SQLite's write lock at once where something may be written.

    A transaction that reads first and writes later fails without waiting when another one wrote
    in between; one that begins by locking waits its turn instead (`busy_timeout`).
    """
    if connection.dialect.name != "sqlite":
        return
    only_reads = connection.get_execution_options().get("soundings_reading") or (
        has_request_context() and request.method in ("GET", "HEAD", "OPTIONS")
    )
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def begin_reading() -> None:
    """Begin a transaction that only reads, so that a long one keeps no writer waiting.

    All its queries see one and the same state. Call it before the first query; a later write in
    the same transaction is not safe on SQLite and refused by PostgreSQL.
    """
    options: dict[str, Any] = {"soundings_reading": True}
    if db.engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    db.session.connection(execution_options=options)
