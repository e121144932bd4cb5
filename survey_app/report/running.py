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
from analysis.periods import Period, PeriodError
from analysis.scorebook import Scorebook
from survey_app.accounts.auditing import acting_user_id
from survey_app.db import db
from survey_app.domain.problems import Conflict, Problem
from survey_app.facts.queries import facts_hash
from survey_app.goals.queries import present_kpis
from survey_app.report.breakdowns import part_of
from survey_app.report.models import GoalRow, PeriodClosing, ScoreRow, ScoreRun
from survey_app.report.run_card import make_card
from survey_app.webhooks.announcing import announce

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
    closed = select(PeriodClosing.id).where(
        PeriodClosing.period_label == period.label, PeriodClosing.is_closed
    )
    if db.session.scalar(closed):
        message = (
            f"{period.label} is closed: its numbers stay as they are. Reopen it first, with the "
            "reason, then score again."
        )
        return None, [Problem("period", "closed", message)]
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
        _announce("run.failed", run, run.message, now)
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


def pin_inputs(
    run: Claimed, book: Scorebook, files: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Keep with the run all that its rows follow from; `files` as `facts.queries.facts_files`."""
    change_claimed(
        run,
        scorebook=book.to_yaml(),
        card=make_card(book),
        facts_files=list(files),
        facts_hash=facts_hash(files),
        code_version=code_version(),
        engine=ENGINE,
        alive_at=now,
    )


def finish_run(
    run: Claimed,
    rows: Sequence[Mapping[str, Any]],
    goals: Sequence[Mapping[str, Any]],
    now: datetime,
) -> None:
    """Store the scored rows and those of the goals, and end the run."""
    kpis = len({row["kpi_id"] for row in rows})
    scopes = len({(row["scope_type"], row["scope_id"]) for row in rows})
    message = f"Scored {kpis} KPIs for {scopes} scopes in {run.period.label}."
    change_claimed(
        run,
        state="done",
        progress=100,
        finished_at=now,
        alive_at=now,
        message=message,
    )
    scored = [{**_place_of(row), "kpi_id": row["kpi_id"], **part_of(row)} for row in rows]
    _store(run, ScoreRow, rows, scored)
    _store(run, GoalRow, goals, [{**_place_of(one), "goal_id": one["goal_id"]} for one in goals])
    _announce("run.done", run, message, now)


def _place_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("scope_type", "scope_id", "window")}


def _store(
    run: Claimed,
    table: type[ScoreRow] | type[GoalRow],
    documents: Sequence[Mapping[str, Any]],
    columns: Sequence[Mapping[str, Any]],
) -> None:
    for first in range(0, len(documents), ROWS_AT_ONCE):
        part = range(first, min(first + ROWS_AT_ONCE, len(documents)))
        db.session.execute(
            insert(table),
            [
                {"run_id": run.id, "position": at, "document": dict(documents[at]), **columns[at]}
                for at in part
            ],
        )


def fail_run(run: Claimed, message: str, now: datetime) -> None:
    """End the run without rows, with a sentence that says why."""
    change_claimed(run, state="failed", finished_at=now, alive_at=now, message=message)
    _announce("run.failed", run, message, now)


def _announce(event: str, run: Claimed | ScoreRun, message: str, now: datetime) -> None:
    label = run.period.label if isinstance(run, Claimed) else run.period_label
    announce(event, {"run": run.public_id, "period": label, "message": message}, now)


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
