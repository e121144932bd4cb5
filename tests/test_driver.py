from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, column, event, select, table, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from survey_app.accounts.models import AuditEntry
from survey_app.db import READING, db, utc_now
from survey_app.driver import find_row, read_row, write_row
from tests.factories.kept_apps import own_app

ENTRIES = select(AuditEntry.at, AuditEntry.action, AuditEntry.detail, AuditEntry.user_id).where(
    AuditEntry.subject == bindparam("subject")
)


def test_a_row_read_past_the_session_is_what_the_session_reads(app: Flask) -> None:
    details = {"n": 3, "words": "ein „Wort“", "more": [True, None]}
    moment = datetime(2026, 3, 1, 8, 30, 1, 2, tzinfo=UTC)
    with app.app_context():
        for action in ("one", "two"):
            db.session.add(AuditEntry(at=moment, action=action, subject="x", detail=details))
        db.session.commit()
        row = read_row(ENTRIES.order_by(AuditEntry.id.desc()), {"subject": "x"})
        assert row == [moment, "two", details, None]
        assert row[0].tzinfo == UTC
        assert read_row(ENTRIES, {"subject": "y"}) is None


def test_a_row_read_past_the_session_sees_each_commit_at_once(app: Flask) -> None:
    with app.app_context():
        for count in range(3):
            assert read_row(ENTRIES, {"subject": str(count)}) is None
            db.session.add(AuditEntry(at=utc_now(), action="a", subject=str(count)))
            db.session.commit()
            assert read_row(ENTRIES, {"subject": str(count)}) is not None


@own_app
def test_an_error_of_the_driver_that_passes_costs_no_visitor_the_row(app: Flask) -> None:
    failures = []
    with app.app_context():
        engine = db.engines[READING]

        @event.listens_for(engine, "checkout")
        def fail_once(*_: Any) -> None:
            if not failures:
                failures.append(1)
                raise engine.dialect.loaded_dbapi.OperationalError("gone")

        db.session.add(AuditEntry(at=utc_now(), action="a", subject="y"))
        db.session.commit()
        row = read_row(ENTRIES, {"subject": "y"})
    assert failures
    assert row is not None
    assert row[1] == "a"


def test_a_statement_may_have_values_of_its_own(app: Flask) -> None:
    with app.app_context():
        add_entry("one", "y")
        add_entry("two", "y")
        db.session.commit()
        chosen = ENTRIES.where(AuditEntry.action != "one").limit(1)
        row = read_row(chosen, {"subject": "y"})
    assert row is not None
    assert row[1] == "two"


def test_an_error_of_the_driver_that_lasts_is_told_as_any_other(app: Flask) -> None:
    nowhere = select(table("no_such_table", column("a"))).where(column("a") == bindparam("subject"))
    with app.app_context():
        with pytest.raises(DBAPIError, match="no_such_table"):
            read_row(nowhere, {"subject": "y"})
        assert read_row(ENTRIES, {"subject": "y"}) is None


RENAME = (
    update(AuditEntry.__table__)
    .where(column("subject") == bindparam("of_subject"), column("action") != "kept")
    .values(detail=bindparam("detail"), at=bindparam("at"))
)
LATER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHANGE = {"of_subject": "x", "detail": {"now": "ü"}, "at": LATER}


def add_entry(action: str, subject: str) -> None:
    moment = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    db.session.add(AuditEntry(at=moment, action=action, subject=subject))


def test_what_is_written_past_the_session_is_converted_counted_and_found_again(app: Flask) -> None:
    with app.app_context():
        for action in ("one", "two", "kept"):
            add_entry(action, "x")
        db.session.commit()
        connection = db.session.connection()
        assert write_row(connection, RENAME, CHANGE) == 2
        row = find_row(connection, ENTRIES.order_by(AuditEntry.id), {"subject": "x"})
        assert row == [LATER, "one", {"now": "ü"}, None]
        assert find_row(connection, ENTRIES, {"subject": "y"}) is None
        assert write_row(connection, RENAME, CHANGE | {"of_subject": "y"}) == 0


def test_what_is_written_past_the_session_ends_with_its_transaction(app: Flask) -> None:
    with app.app_context():
        add_entry("one", "x")
        db.session.commit()
        write_row(db.session.connection(), RENAME, CHANGE)
        db.session.rollback()
        row = read_row(ENTRIES, {"subject": "x"})
        assert row is not None
        assert row[2] == {}
        write_row(db.session.connection(), RENAME, CHANGE)
        db.session.commit()
        row = read_row(ENTRIES, {"subject": "x"})
        assert row is not None
        assert row[2] == {"now": "ü"}


def test_a_connection_that_is_lost_in_a_transaction_is_told_and_replaced(
    app: Flask, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        return
    with app.app_context():
        add_entry("one", "x")
        db.session.commit()
        connection = db.session.connection()
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with db.engines[READING].connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        with pytest.raises(OperationalError):
            write_row(connection, RENAME, CHANGE)
        db.session.rollback()
        assert write_row(db.session.connection(), RENAME, CHANGE) == 1
        db.session.commit()


@own_app
def test_a_row_that_stays_locked_is_told_and_can_be_tried_again(
    app: Flask, database_url: str
) -> None:
    if not database_url.startswith("sqlite"):
        return
    with app.app_context():
        add_entry("one", "x")
        db.session.commit()
        engine = db.engines[READING]
        engine.dispose()
        event.listen(engine, "connect", lambda one, _: one.execute("PRAGMA busy_timeout = 1"))
        with engine.connect() as connection:
            with closing(sqlite3.connect(str(engine.url.database))) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(OperationalError, match="locked"):
                    write_row(connection, RENAME, CHANGE)
                other.rollback()
            connection.rollback()
            assert write_row(connection, RENAME, CHANGE) == 1


def test_what_the_database_refuses_is_told_as_sqlalchemy_tells_it(app: Flask) -> None:
    nobody = update(AuditEntry.__table__).values(user_id=bindparam("nobody"))
    with app.app_context():
        add_entry("one", "x")
        db.session.commit()
        with pytest.raises(IntegrityError):
            write_row(db.session.connection(), nobody, {"nobody": 99})
        db.session.rollback()
        assert find_row(db.session.connection(), ENTRIES, {"subject": "x"}) is not None


def test_a_parameter_that_is_not_given_is_missed(app: Flask) -> None:
    with app.app_context():
        add_entry("one", "x")
        db.session.commit()
        given = {name: value for name, value in CHANGE.items() if name != "of_subject"}
        with pytest.raises((KeyError, DBAPIError), match="of_subject"):
            write_row(db.session.connection(), RENAME, given)


def test_a_statement_whose_text_changes_with_its_values_is_refused(app: Flask) -> None:
    some = ENTRIES.where(AuditEntry.action.in_(["one", "two"]))
    with app.app_context(), pytest.raises(ValueError, match="changes with its values"):
        read_row(some, {"subject": "x"})
