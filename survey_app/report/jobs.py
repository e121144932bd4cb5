"""Scoring behind the pages. The engine and its libraries are loaded only when a run is done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Engine, update
from sqlalchemy.exc import OperationalError

from survey_app.config import Settings
from survey_app.db import begin_reading, db, utc_now
from survey_app.domain.problems import SoundingsError
from survey_app.facts.holding import hold_facts
from survey_app.facts.queries import facts_files, has_facts
from survey_app.jobs import every_minute
from survey_app.report.exhibiting import store_exhibits
from survey_app.report.models import ScoreRun
from survey_app.report.running import (
    ENGINE,
    Claimed,
    ClaimLost,
    add_run,
    claim_next,
    fail_run,
    finish_run,
    pin_inputs,
)
from survey_app.report.scheduling import ask_for_due_runs

log = logging.getLogger(__name__)

# Seconds between two signs of life; `running.PATIENCE` is many of them.
BEAT = 10.0

# Per cent of a run at which its facts are collected, and at which they are scored.
COLLECTED = 30
SCORED = 95


@every_minute
def score_queued() -> None:
    """Do the runs that wait, and take up those whose worker has died.

    While another process has the facts there is nothing to do: it looks for the next run itself,
    and this job comes again within a minute.
    """
    settings: Settings = current_app.config["SETTINGS"]
    ask_for_due_runs(utc_now(), settings.zone)
    db.session.commit()
    with hold_facts(settings.facts, wait=False) as held:
        while held and (run := claim_next(utc_now())) is not None:
            db.session.commit()
            _do(run, settings)
        db.session.commit()


def score_now(period: str, now: datetime) -> ScoreRun:
    """Score a period ('2026-07', '2026-Q3', '2026', '2015-01..2021-03') and wait for the end.

    Raises SoundingsError with the sentence that says why, if it fails.
    """
    settings: Settings = current_app.config["SETTINGS"]
    added, problems = add_run(period, now)
    if added is None:
        raise SoundingsError(" ".join(problem.message for problem in problems), 422)
    run_id = added.id
    db.session.commit()
    with hold_facts(settings.facts, wait=True):
        claimed = claim_next(utc_now(), run_id)
        db.session.commit()
        if claimed is not None:
            _do(claimed, settings)
    finished = db.session.get_one(ScoreRun, run_id, populate_existing=True)
    if finished.state != "done":
        raise SoundingsError(finished.message)
    return finished


def _do(run: Claimed, settings: Settings) -> None:
    """Do one run to its end, whatever that is; surprises are noted on the run and raised."""
    from analysis.facts import FactsError
    from analysis.kpi import ScorebookError

    try:
        with _signs_of_life(run):
            _score(run, settings)
    except ClaimLost as lost:
        db.session.rollback()
        log.warning("%s", lost)
    except (SoundingsError, FactsError, ScorebookError) as error:
        _fail(run, str(error))
    except Exception as error:
        _fail(
            run,
            f"The scoring stopped with an unexpected error ({type(error).__name__}). Nothing was "
            "stored; the details are in the server's log.",
        )
        raise


def _score(run: Claimed, settings: Settings) -> None:
    from analysis.pipeline import score_kpis
    from survey_app.facts.collecting import collect_facts, note_facts
    from survey_app.goals.dimensions import keep_declared
    from survey_app.goals.queries import build_scorebook, weighing_attributes
    from survey_app.report.response_rates import count_invited

    now = utc_now()
    told = -1

    def tell(percent: int) -> None:
        # A sign of life is a commit of its own: one for each per cent is enough.
        nonlocal told
        if percent != told:
            _tell_progress(run, percent)
            told = percent

    begin_reading()
    collected = collect_facts(
        now,
        settings.zone,
        settings.facts,
        on_progress=lambda share: tell(round(COLLECTED * share)),
        weighed_by=weighing_attributes(),
    )
    book = keep_declared(build_scorebook(settings.time_zone))
    asked = count_invited(book, run.period, settings.zone)
    db.session.rollback()
    note_facts(collected)
    pin_inputs(run, book, facts_files(), utc_now())
    nothing = not has_facts()
    db.session.commit()
    if nothing:
        raise SoundingsError(
            "There is nothing to score yet: no answers, no visits, no figures. Bring some in, "
            "then score again."
        )

    scores = score_kpis(
        settings.facts,
        book,
        run.period,
        now=now,
        seed=run.seed,
        engine=ENGINE,
        run_id=run.public_id,
        on_progress=lambda percent, _words: tell(COLLECTED + percent * (SCORED - COLLECTED) // 100),
    )
    tell(SCORED)
    goals = scores.goals.to_pylist()
    rows = [asked.complete(row) for row in scores.rows()]
    store_exhibits(run, settings.facts, book, now)
    finish_run(run, rows, goals, utc_now())
    db.session.commit()


def _tell_progress(run: Claimed, percent: int) -> None:
    """Say how far the run is, in a transaction of its own: the session may be reading."""
    if not _say(db.engine, run, progress=percent):
        raise ClaimLost(f"Another worker has taken over the scoring of {run.period.label}.")


@contextmanager
def _signs_of_life(run: Claimed) -> Iterator[None]:
    """Say every few seconds that the run goes on; a long step of the engine says nothing itself."""
    engine, done = db.engine, threading.Event()

    def beat() -> None:
        while not done.wait(BEAT):
            try:
                _say(engine, run)
            except OperationalError as error:
                # Busy: the next beat comes soon.
                log.warning("No sign of life was stored: %s", error.orig)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    except BaseException:
        # A beat may be waiting for a row that this session has changed.
        db.session.rollback()
        raise
    finally:
        done.set()
        thread.join()


def _say(engine: Engine, run: Claimed, **values: Any) -> bool:
    with engine.begin() as connection:
        changed = connection.execute(
            update(ScoreRun)
            .where(ScoreRun.id == run.id, ScoreRun.claim == run.claim, ScoreRun.state == "running")
            .values(alive_at=utc_now(), **values)
        )
    return bool(changed.rowcount)


def _fail(run: Claimed, message: str) -> None:
    db.session.rollback()
    fail_run(run, message, utc_now())
    db.session.commit()
