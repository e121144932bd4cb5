from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, StatementError

from survey_app.accounts.models import AuditEntry
from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.db import db
from survey_app.organisation.models import UnitAccess
from tests.factories.kept_apps import own_app


def test_sqlite_keeps_foreign_keys_and_survives_a_power_cut(
    settings: Settings,
) -> None:
    # Not the app of the other tests, which waits for no disk.
    with create_app(settings, testing=True).app_context():
        if db.engine.dialect.name != "sqlite":
            return
        asked = {
            name: db.session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
        }
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    assert asked == {
        "foreign_keys": 1,
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 30000,
    }


def test_a_row_that_points_nowhere_is_refused_by_the_database(app: Flask) -> None:
    with app.app_context():
        db.session.add(UnitAccess(user_id=1, unit_id=1))
        with pytest.raises(IntegrityError):
            db.session.flush()


def test_a_moment_comes_back_in_utc_whatever_zone_it_came_in(app: Flask) -> None:
    east = timezone(timedelta(hours=9))
    with app.app_context():
        db.session.add(
            AuditEntry(at=datetime(2026, 3, 1, 8, 30, tzinfo=east), action="a", subject="b")
        )
        db.session.commit()
        entry = db.session.query(AuditEntry).one()
        assert entry.at == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
        assert entry.at.tzinfo == UTC


def test_a_moment_without_a_zone_is_refused(app: Flask) -> None:
    with app.app_context():
        db.session.add(AuditEntry(at=datetime(2026, 3, 1), action="a", subject="b"))
        with pytest.raises(StatementError, match="needs a time zone"):
            db.session.flush()


@pytest.mark.parametrize("path", ["/health", "/r/not-a-token"])
def test_a_connection_that_the_server_has_ended_meets_no_visitor(
    app: Flask, database_url: str, request: pytest.FixtureRequest, path: str
) -> None:
    if database_url.startswith("sqlite"):
        return
    client = app.test_client()
    before = client.get(path).status_code
    server = request.getfixturevalue("postgresql_server")
    ours = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    server.run(f"{ours} WHERE datname = 'test_soundings'")
    assert client.get(path).status_code == before


def test_a_connection_unused_for_long_is_asked_before_use(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database_url.startswith("sqlite"):
        return
    monkeypatch.setattr("survey_app.db.SECONDS_TRUSTED", 0.0)
    client = app.test_client()
    assert [client.get("/health").status_code for _ in range(3)] == [200] * 3


@own_app
def test_a_database_that_stays_locked_is_told_as_busy(app: Flask, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        return
    with app.app_context():
        engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", lambda one, _record: one.execute("PRAGMA busy_timeout = 1"))
    with closing(sqlite3.connect(str(engine.url.database))) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = app.test_client().post("/r/not-a-token", data={"q1": "1"})
        other.rollback()
    assert answer.status_code == 503
    assert "send it again" in answer.text
