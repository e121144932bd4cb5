"""Runs: each scored by one worker from pinned inputs; a failed one says why, none is lost."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from analysis.kpi import read_scorebook
from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.domain.problems import SoundingsError
from survey_app.facts.holding import hold_facts
from survey_app.goals.exchange import import_scorebook
from survey_app.goals.targeting import set_target
from survey_app.goals.wanted import WantedTarget
from survey_app.jobs import dispatch_queued
from survey_app.report import jobs
from survey_app.report.jobs import score_now, score_queued
from survey_app.report.models import ScoreRow, ScoreRun
from survey_app.report.running import (
    MOST_ATTEMPTS,
    PATIENCE,
    Claimed,
    ClaimLost,
    add_run,
    change_claimed,
    claim_next,
    finish_run,
)
from survey_app.report.scoring import request_run
from tests.factories.kept_apps import own_app
from tests.factories.scorings import (
    NOW,
    SCOREBOOK,
    ZONE,
    add_response,
    make_company,
    make_organisation,
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Periods of a zone that is not UTC."""
    return replace(settings, time_zone="Europe/Zurich")


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_company


def scored(run: ScoreRun) -> dict[tuple[str, str], dict[str, Any]]:
    """The documents of a run over its period, by KPI and scope."""
    rows = (
        db.session.query(ScoreRow)
        .filter_by(run_id=run.id, window="period")
        .order_by(ScoreRow.kpi_id, ScoreRow.scope_id)
    )
    return {(one.kpi_id, one.scope_id): one.document for one in rows}


def queue(app: Flask, period: str = "2026-07") -> int:
    """A queued run; its id."""
    with app.app_context():
        run, problems = add_run(period, NOW)
        assert run is not None, problems
        db.session.commit()
        return run.id


def test_a_run_gives_what_is_computed_by_hand(app: Flask) -> None:
    with app.app_context():
        run = score_now("2026-07", NOW)
        rows = scored(run)
        assert run.message == "Scored 6 KPIs for 6 scopes in 2026-07."

        # Answers 5 4 4 2 3 1 5: sum 24, sum of squares 96, sample variance (96 - 24²/7) / 6.
        mean = rows["mean_q1", ""]
        assert mean["value"] == pytest.approx(24 / 7)
        assert mean["std_error"] == pytest.approx(math.sqrt((96 - 24**2 / 7) / 6 / 7))
        # The 97.5 % quantile of Student's t with 6 degrees of freedom.
        assert mean["ci_high"] - mean["value"] == pytest.approx(2.446912 * mean["std_error"])
        assert mean["score"] == pytest.approx(100 * (24 / 7 - 1) / 4)
        assert (mean["verdict"], mean["target"]) == ("not_met", 4.9)

        # 4 of 7 at 4 or above; Wilson with z = 1.959964.
        top = rows["top_q1", ""]
        z2 = 1.959964**2
        centre = (4 / 7 + z2 / 14) / (1 + z2 / 7)
        half = math.sqrt(z2) / (1 + z2 / 7) * math.sqrt(4 / 7 * 3 / 7 / 7 + z2 / 196)
        assert top["value"] == pytest.approx(4 / 7)
        assert (top["ci_low"], top["ci_high"]) == (
            pytest.approx(centre - half, abs=1e-6),
            pytest.approx(centre + half, abs=1e-6),
        )

        # 10 9 10 promote, 3 detracts, 8 and 7 neither; one does not know.
        net = rows["recommend", ""]
        assert (net["value"], net["n"], net["n_eligible"]) == (pytest.approx(100 / 3), 6, 7)

        # Anna's three visits are of too few people to be told.
        anna = rows["shown", "anna"]
        assert (anna["value"], anna["n"], anna["verdict"]) == (None, None, "suppressed")
        # They show the product after 10, 20 and 30 minutes. With Ben's: 1/5 by 10 min, one leaves
        # at 15, one is lost at 16:40, then half of 3/5 at 20 min makes exactly one half, until
        # 30 min: the middle of both is 25 min.
        everybody = rows["shown", ""]
        assert (everybody["value"], everybody["n"], everybody["n_censored"]) == (1500, 5, 1)

        assert rows["sales", ""]["value"] == 150
        assert rows["margin", ""]["value"] == pytest.approx(40 / 150)
        assert (rows["sales", "ben"]["target"], rows["sales", "ben"]["target_scope"]) == (
            60,
            "representative:ben",
        )
        assert {one["run_id"] for one in rows.values()} == {run.public_id}


def test_a_run_keeps_what_it_was_made_from(app: Flask) -> None:
    with app.app_context():
        first = score_now("2026-07", NOW)
        book = first.scorebook
        assert len(first.facts_hash) == 64
        assert first.code_version
        assert first.engine == "duckdb"
        _, problems = set_target(
            WantedTarget("margin", "all", "", 0.2, NOW.date().replace(day=1)), NOW, ZONE
        )
        assert problems == []
        add_response("anna", 1, 0)
        db.session.commit()
        second = score_now("2026-07", NOW)
        db.session.refresh(first)
        assert first.scorebook == book
        assert len(read_scorebook(book).targets) == 3
        assert len(read_scorebook(second.scorebook).targets) == 4
        assert second.facts_hash != first.facts_hash
        assert second.seed == first.seed
        assert scored(first)["mean_q1", ""]["n"] == 7
        assert scored(second)["mean_q1", ""]["n"] == 8


def test_scoring_again_without_any_change_gives_the_same(app: Flask) -> None:
    def essence(run: ScoreRun) -> list[dict[str, Any]]:
        return [
            {name: cell for name, cell in row.items() if name not in ("run_id", "computed_at")}
            for row in scored(run).values()
        ]

    with app.app_context():
        first, second = score_now("2026-07", NOW), score_now("2026-07", NOW)
        assert essence(first) == essence(second)
        assert first.facts_hash == second.facts_hash


def test_what_was_asked_for_is_scored_by_the_worker(
    app: Flask, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        run, _ = request_run("2026-Q3", NOW)
        assert run is not None
        assert run.state == "queued"
        db.session.commit()
        dispatch_queued()
    assert run_jobs() == 1
    with app.app_context():
        done = db.session.query(ScoreRun).one()
        assert (done.state, done.progress) == ("done", 100)
        assert done.finished_at is not None


@pytest.mark.parametrize("starting_point", [None])
def test_without_a_kpi_nothing_is_queued(app: Flask) -> None:
    with app.app_context():
        run, problems = request_run("2026-07", NOW)
        assert run is None
        assert [problem.code for problem in problems] == ["no_kpi"]
        with pytest.raises(SoundingsError, match="no KPI yet"):
            score_now("2026-07", NOW)


@pytest.mark.parametrize("period", ["July", "2026-13", "2026-08..2026-07", ""])
def test_what_is_no_period_is_refused(period: str, app: Flask) -> None:
    with app.app_context():
        run, problems = request_run(period, NOW)
        assert run is None
        assert [problem.place for problem in problems] == ["period"]


@pytest.mark.parametrize("starting_point", [None])
def test_without_any_facts_the_run_fails_with_a_sentence(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        import_scorebook(SCOREBOOK, NOW, ZONE)
        db.session.commit()
        with pytest.raises(SoundingsError, match="nothing to score yet"):
            score_now("2026-07", NOW)
        run = db.session.query(ScoreRun).one()
        assert run.state == "failed"
        assert db.session.query(ScoreRow).count() == 0


def test_a_surprise_is_noted_on_the_run_and_not_swallowed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("the disk is gone")

    run_id = queue(app)
    monkeypatch.setattr("analysis.pipeline.score_kpis", break_down)
    with app.app_context():
        with pytest.raises(RuntimeError, match="the disk is gone"):
            score_queued()
        run = db.session.get_one(ScoreRun, run_id)
        assert run.state == "failed"
        assert "RuntimeError" in run.message
        assert db.session.query(ScoreRow).count() == 0


def test_a_run_whose_worker_died_is_taken_up_again(app: Flask) -> None:
    run_id = queue(app)
    with app.app_context():
        long_ago = utc_now() - PATIENCE - timedelta(seconds=1)
        assert claim_next(long_ago) is not None
        db.session.commit()
    with app.app_context():
        score_queued()
        run = db.session.get_one(ScoreRun, run_id)
        assert (run.state, run.attempts) == ("done", 2)


def test_a_run_that_is_alive_is_left_alone(app: Flask) -> None:
    run_id = queue(app)
    with app.app_context():
        assert claim_next(utc_now()) is not None
        db.session.commit()
        score_queued()
        assert db.session.get_one(ScoreRun, run_id).state == "running"


def test_a_run_that_kills_every_worker_is_given_up(app: Flask) -> None:
    run_id = queue(app)
    with app.app_context():
        moment = NOW
        for _ in range(MOST_ATTEMPTS):
            assert claim_next(moment) is not None
            moment += PATIENCE + timedelta(seconds=1)
        assert claim_next(moment) is None
        run = db.session.get_one(ScoreRun, run_id)
        assert run.state == "failed"
        assert "cut off" in run.message


@own_app
def test_two_workers_never_get_the_same_run(app: Flask) -> None:
    queue(app)
    claims: list[Claimed | None] = []

    def claim() -> None:
        with app.app_context():
            claims.append(claim_next(NOW))
            db.session.commit()

    rival = threading.Thread(target=claim)

    def let_the_rival_in(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """Between this worker's look and its claim; where it may not come in, it waits."""
        if statement.startswith("UPDATE score_run") and rival.ident is None:
            rival.start()
            rival.join(timeout=2)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", let_the_rival_in)
        claims.append(claim_next(NOW))
        db.session.commit()
        rival.join()
    assert [claim is None for claim in claims].count(False) == 1


def test_a_worker_that_lost_its_run_stores_nothing(app: Flask) -> None:
    queue(app)
    with app.app_context():
        late = claim_next(NOW)
        assert late is not None
        assert claim_next(NOW + PATIENCE + timedelta(seconds=1)) is not None
        with pytest.raises(ClaimLost):
            finish_run(late, [], [], NOW)
        assert db.session.query(ScoreRow).count() == 0


def test_while_another_process_has_the_facts_the_job_does_nothing(
    app: Flask, settings: Settings
) -> None:
    run_id = queue(app)
    with app.app_context():
        with hold_facts(settings.facts, wait=True) as held:
            assert held
            score_queued()
            assert db.session.get_one(ScoreRun, run_id).state == "queued"
            db.session.rollback()
        score_queued()
        assert db.session.get_one(ScoreRun, run_id, populate_existing=True).state == "done"


def test_one_page_asks_for_one_run_however_often_it_is_sent(app: Flask) -> None:
    with app.app_context():
        first, _ = request_run("2026-07", NOW, "the-page")
        second, _ = request_run("2026-07", NOW, "the-page")
        assert first is not None
        assert second is first
        assert db.session.query(ScoreRun).count() == 1


def test_a_period_that_is_not_over_is_provisional(app: Flask) -> None:
    with app.app_context():
        run = score_now("2026-07..2090-01", NOW)
        assert {row["verdict"] for row in scored(run).values() if row["n"]} == {"provisional"}


def claim() -> Claimed:
    """Take the run that waits, as a worker does."""
    claimed = claim_next(NOW)
    assert claimed is not None
    db.session.commit()
    return claimed


def test_a_run_gives_signs_of_life_while_a_long_step_says_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BEAT", 0.05)
    run_id = queue(app)
    with app.app_context():
        claimed = claim()

        def alive_at() -> datetime:
            found = db.session.get_one(ScoreRun, run_id, populate_existing=True).alive_at
            # On SQLite an open transaction would keep the thread waiting.
            db.session.rollback()
            return found

        before = alive_at()
        with jobs._signs_of_life(claimed):
            until = time.monotonic() + 10
            while alive_at() == before and time.monotonic() < until:
                time.sleep(0.05)
        after = alive_at()
        assert after > before
        time.sleep(0.2)
        assert alive_at() == after


def test_an_error_while_rows_are_stored_does_not_wait_for_a_sign_of_life(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BEAT", 0.05)
    run_id = queue(app)
    with app.app_context():
        claimed = claim()
        began = time.monotonic()

        def store_and_stumble() -> None:
            with jobs._signs_of_life(claimed):
                change_claimed(claimed, progress=99)
                time.sleep(0.3)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            store_and_stumble()
        assert time.monotonic() - began < 20
        assert db.session.get_one(ScoreRun, run_id).progress == 0
