"""Work that goes on behind the pages: queued after the commit, done by the worker.

The tables are the truth about what is to be done (a queued run, a queued mail); a job is only the
nudge that it be done now. The worker also looks round once a minute, so that a lost nudge delays
work and never loses it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g
from huey import RedisHuey, SqliteHuey, crontab
from huey.api import Huey
from huey.serializer import SignedSerializer
from redis.exceptions import RedisError

from survey_app.config import Settings
from survey_app.db import db

log = logging.getLogger(__name__)

Job = Callable[..., None]
_jobs: dict[str, Job] = {}
_every_minute: list[str] = []


def job(function: Job) -> Job:
    """Register `function` as a job; it is an edge of its own and commits what it does."""
    _jobs[_name(function)] = function
    return function


def every_minute(function: Job) -> Job:
    """Register `function` as a job that the worker also starts by itself once a minute."""
    _every_minute.append(_name(function))
    return job(function)


def enqueue(function: Job, *arguments: Any) -> None:
    """Ask for a job; it is handed to the worker once the edge has committed."""
    queued: list[tuple[str, tuple[Any, ...]]] = g.setdefault("queued_jobs", [])
    queued.append((_name(function), arguments))


def dispatch_queued() -> None:
    """Hand over what this request asked for; called by the edge after its commit.

    What was asked for is stored by then. A queue that is down is no reason to tell the person
    that it failed: the worker looks round once a minute and finds it in the tables.
    """
    try:
        for name, arguments in g.pop("queued_jobs", []):
            current_app.extensions["soundings_run_job"](name, *arguments)
    except (RedisError, sqlite3.Error, OSError):
        log.exception("The queue cannot be reached; the worker finds the work by itself.")


def run_job(app: Flask, name: str, *arguments: Any) -> None:
    """Run one job in a context of its own; what it left uncommitted is rolled back.

    What it has asked for meanwhile is handed over at its end.
    """
    with app.app_context():
        try:
            _jobs[name](*arguments)
            dispatch_queued()
        finally:
            db.session.rollback()


def commit_work() -> None:
    """Store what a job has done so far; only jobs that work in steps of their own call it."""
    db.session.commit()
    dispatch_queued()


def init_jobs(app: Flask, settings: Settings) -> None:
    """Give the app its queue: a SQLite file, or Redis where that is configured."""
    huey: Huey
    # Jobs are pickled: signed, so that whoever can write to the queue cannot run code with it.
    signed = SignedSerializer(secret=settings.secret_key, salt="soundings jobs")
    if settings.redis_url:
        huey = RedisHuey("soundings", url=settings.redis_url, serializer=signed)
    else:
        huey = SqliteHuey(
            "soundings", filename=str(settings.jobs_database), fsync=True, serializer=signed
        )

    def run(name: str, *arguments: Any) -> None:
        run_job(app, name, *arguments)

    def look_round() -> None:
        for name in _every_minute:
            try:
                run_job(app, name)
            except Exception:
                # One that fails must not keep the others from their turn.
                log.exception("The job %s failed; it is tried again in a minute", name)

    # Names are part of the queue's wire format: worker and web process must agree on them.
    app.extensions["soundings_run_job"] = huey.task(name="run_job")(run)
    app.extensions["soundings_look_round"] = huey.periodic_task(crontab(), name="look_round")(
        look_round
    )
    app.extensions["soundings_huey"] = huey


def _name(function: Job) -> str:
    return f"{function.__module__.removeprefix('survey_app.')}.{function.__name__}"
