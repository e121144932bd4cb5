"""The life of a score run in its table: queued, claimed by one worker, pinned, done or failed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

import analysis
from analysis.definitions import (
    Kpi,
    UnitOfAnalysis,
)
from analysis.periods import Period, PeriodError
from analysis.score_rules import InRange, RedTarget
from analysis.scorebook import Scorebook
from survey_app.accounts.auditing import acting_user_id
from survey_app.db import db
from survey_app.domain.problems import Conflict, Problem
from survey_app.goals.queries import present_kpis
from survey_app.report.models import ScoreRow, ScoreRun

ENGINE = "duckdb"
# A worker gives a sign of life every few seconds; after so long without one it is dead.
PATIENCE = timedelta(minutes=2)
# What kills its worker again and again is not tried for ever.
MOST_ATTEMPTS = 3
ROWS_AT_ONCE = 1000


class ClaimLost(Conflict):
    """Another worker has taken over the run; whatever this one found is dropped."""


@dataclass(frozen=True)
class Claimed:
    """A run that one worker has for itself, as plain values that need no query."""

    id: int
    public_id: str
    claim: str
    period: Period
    seed: int


def add_run(
    label: str, now: datetime, public_id: str = ""
) -> tuple[ScoreRun | None, list[Problem]]:
    """Add a queued run of a period; the same `public_id` again gives the run that it named first.

    Runs of one period share their seed, so that scoring again without any change gives the same.
    """
    try:
        period = Period.parse(label)
    except PeriodError as error:
        return None, [Problem("period", "period", str(error))]
    if not present_kpis():
        message = "There is no KPI yet. Define goals and their KPIs first, then score."
        return None, [Problem("goals", "no_kpi", message)]
    run = ScoreRun(
        public_id=public_id or str(uuid.uuid4()),
        period_type=period.type.value,
        period_label=period.label,
        period_start=period.start,
        period_end=period.end,
        state="queued",
        requested_at=now,
        requested_by_id=acting_user_id(),
        seed=int.from_bytes(hashlib.sha256(period.label.encode()).digest()[:4]) >> 1,
    )
    try:
        with db.session.begin_nested():
            db.session.add(run)
            db.session.flush()
    except IntegrityError:
        return db.session.scalar(select(ScoreRun).where(ScoreRun.public_id == public_id)), []
    return run, []


def claim_next(now: datetime, run_id: int | None = None) -> Claimed | None:
    """Take the oldest run that waits, or whose worker has died; None if there is none.

    With `run_id`, take that one or none. Two workers never get the same run: the condition is
    tested and the claim made in one statement.
    """
    free = or_(
        ScoreRun.state == "queued",
        and_(ScoreRun.state == "running", ScoreRun.alive_at < now - PATIENCE),
    )
    waiting = select(ScoreRun.id).where(free).order_by(ScoreRun.id)
    if run_id is not None:
        waiting = waiting.where(ScoreRun.id == run_id)
    for candidate in db.session.scalars(waiting).all():
        claim = str(uuid.uuid4())
        taken = db.session.execute(
            update(ScoreRun)
            .where(ScoreRun.id == candidate, free)
            .values(
                state="running",
                claim=claim,
                started_at=now,
                alive_at=now,
                attempts=ScoreRun.attempts + 1,
                progress=0,
                message="",
            )
            .execution_options(synchronize_session=False)
        )
        if not taken.rowcount:  # type: ignore[attr-defined]
            continue
        run = db.session.get_one(ScoreRun, candidate, populate_existing=True)
        if run.attempts <= MOST_ATTEMPTS:
            period = Period.parse(run.period_label)
            return Claimed(run.id, run.public_id, claim, period, run.seed)
        run.state, run.finished_at = "failed", now
        run.message = (
            f"The scoring was cut off {MOST_ATTEMPTS} times, perhaps because memory ran out. "
            "Score a shorter period, or give the server more memory."
        )
        db.session.flush()
    return None


def change_claimed(run: Claimed, **values: Any) -> None:
    """Change the run's row while the claim stands; raises ClaimLost if it does not."""
    changed = db.session.execute(
        update(ScoreRun)
        .where(ScoreRun.id == run.id, ScoreRun.claim == run.claim, ScoreRun.state == "running")
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise ClaimLost(f"Another worker has taken over the scoring of {run.period.label}.")


def pin_inputs(run: Claimed, book: Scorebook, facts_hash: str, now: datetime) -> None:
    """Keep with the run all that its rows follow from."""
    change_claimed(
        run,
        scorebook=book.to_yaml(),
        card=make_card(book),
        facts_hash=facts_hash,
        code_version=code_version(),
        engine=ENGINE,
        alive_at=now,
    )


def finish_run(run: Claimed, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Store the scored rows and end the run."""
    kpis = len({row["kpi_id"] for row in rows})
    scopes = len({(row["scope_type"], row["scope_id"]) for row in rows})
    change_claimed(
        run,
        state="done",
        progress=100,
        finished_at=now,
        alive_at=now,
        message=f"Scored {kpis} KPIs for {scopes} scopes in {run.period.label}.",
    )
    for first in range(0, len(rows), ROWS_AT_ONCE):
        db.session.execute(
            insert(ScoreRow),
            [
                {
                    "run_id": run.id,
                    "position": position,
                    "kpi_id": row["kpi_id"],
                    "scope_type": row["scope_type"],
                    "scope_id": row["scope_id"],
                    "window": row["window"],
                    "document": dict(row),
                }
                for position, row in enumerate(rows[first : first + ROWS_AT_ONCE], start=first)
            ],
        )


def fail_run(run: Claimed, message: str, now: datetime) -> None:
    """End the run without rows, with a sentence that says why."""
    change_claimed(run, state="failed", finished_at=now, alive_at=now, message=message)


def make_card(book: Scorebook) -> dict[str, Any]:
    """Goals and the score rules of the KPIs, as a scorecard shows them."""
    return {
        "goals": [
            {"id": goal.id, "name": goal.name, "aim": goal.aim, "vision": goal.vision}
            for goal in book.goals
        ],
        "kpis": {kpi.id: {**_ends_of(kpi), "votes": _votes_of(kpi)} for kpi in book.kpis},
    }


def _ends_of(kpi: Kpi) -> dict[str, float | None]:
    """Where the axis of a KPI begins and ends; from red to the target, the target decides."""
    if isinstance(kpi.score, InRange):
        return {"worst": kpi.score.outer_low, "best": kpi.score.outer_high}
    if isinstance(kpi.score, RedTarget):
        return {"worst": None, "best": None, "red": kpi.score.red}
    return {"worst": kpi.score.worst, "best": kpi.score.best}


def _votes_of(kpi: Kpi) -> str:
    """What a KPI counts, as its sentences say; a missing code in a denominator is no answer."""
    if kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER:
        return "customers"
    return "responses" if kpi.in_denominator else "answers"


@cache
def code_version() -> str:
    """The version of the package, and the first digits of the SHA-256 of the analysis sources."""
    digest = hashlib.sha256()
    for path in sorted(Path(analysis.__path__[0]).glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    try:
        number = version("soundings")
    except PackageNotFoundError:
        number = "source"
    return f"{number}+{digest.hexdigest()[:12]}"
