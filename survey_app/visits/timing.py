"""Timing a visit: start, stages in their order, end.

Two clocks are at work. The start is the moment at which the device says its button was tapped;
everything after it is counted from there in elapsed seconds, which the page measures with a clock
that nobody can set. Without a script the server's clock stands in for both. A device's clock may
be wrong: a moment ahead of the server's is taken as the server's, so that nothing ever lies in the
future, and one that is a day or more away is refused.

All steps can be sent twice, by a double click or from two tabs, and leave what the first one left.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.queries import below
from survey_app.visits.models import OUTCOMES, Process, ProcessStage, StageEvent, Visit

MOST_DRIFT = timedelta(hours=24)
LONGEST_CUSTOMER = 200


def start_visit(
    process: Process,
    unit: Unit,
    representative: Representative | None,
    customer: str,
    public_id: str,
    device_started_at: datetime | None,
    now: datetime,
) -> tuple[Visit | None, list[Problem]]:
    """Start a visit; sent again with the same `public_id` it gives the visit started before.

    `public_id` is a UUID made by the page, `device_started_at` the device's clock at the tap (None
    without a script: the server's `now`).
    """
    customer = customer.strip()
    problems = _start_problems(unit, representative, customer, public_id, device_started_at, now)
    if problems:
        return None, problems
    visit = Visit(
        public_id=str(UUID(public_id)),
        process_id=process.id,
        unit_id=unit.id,
        representative_id=representative.id if representative else None,
        customer=customer,
        started_at=min(device_started_at or now, now),
        updated_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(visit)
            db.session.flush()
    except IntegrityError:
        return _started_before(visit)
    return visit, []


def reach_stage(
    visit: Visit,
    stage: ProcessStage,
    elapsed: float | None,
    now: datetime,
    since: datetime | None = None,
) -> tuple[StageEvent | None, list[Problem]]:
    """Record that the visit has reached a stage, `elapsed` seconds after its start.

    `since` is the start from which the page counted, if that was corrected meanwhile. Stages are
    reached in their order, each once: a second tap gives the first one's event.
    """
    db.session.refresh(visit, with_for_update=True)
    for event in visit.events:
        if event.stage_id == stage.id:
            return event, []
    if problem := _closed(visit):
        return None, [problem]
    waiting = stages_left(visit)
    if stage not in waiting:
        message = f'"{stage.name}" is no stage of {visit.process.name}. Reload the page.'
        return None, [Problem("stage", "unknown", message)]
    if stage is not waiting[0]:
        message = f'"{stage.name}" comes after "{waiting[0].name}". Tap that stage first.'
        return None, [Problem("stage", "skipped", message)]
    at = _moment(visit, elapsed, now, since)
    if isinstance(at, Problem):
        return None, [at]
    event = StageEvent(visit=visit, stage=stage, at=at)
    visit.updated_at = now
    db.session.add(event)
    db.session.flush()
    return event, []


def end_visit(
    visit: Visit,
    outcome: str,
    elapsed: float | None,
    now: datetime,
    since: datetime | None = None,
) -> tuple[Visit | None, list[Problem]]:
    """End the visit, `elapsed` seconds after its start (or `since`, as in `reach_stage`).

    `completed` is the tap on the last stage: it reaches that stage, if it is the only one left, and
    ends the visit at the same moment. `called_back` and `left` end it before the last stage.
    """
    db.session.refresh(visit, with_for_update=True)
    if problem := _closed(visit) or _outcome_problem(visit, outcome):
        return None, [problem]
    at = _moment(visit, elapsed, now, since)
    if isinstance(at, Problem):
        return None, [at]
    if outcome == "completed":
        db.session.add_all(
            StageEvent(visit=visit, stage=stage, at=at) for stage in stages_left(visit)
        )
    visit.ended_at = at
    visit.outcome = outcome
    visit.updated_at = now
    db.session.flush()
    return visit, []


def stages_left(visit: Visit) -> list[ProcessStage]:
    """The stages that the visit has not reached, in their order."""
    reached = {event.stage_id for event in visit.events}
    return [stage for stage in visit.process.stages if stage.id not in reached]


def _start_problems(
    unit: Unit,
    representative: Representative | None,
    customer: str,
    public_id: str,
    device_started_at: datetime | None,
    now: datetime,
) -> list[Problem]:
    problems = []
    try:
        UUID(public_id)
    except ValueError:
        message = "The page sent no proper mark of this visit. Open the form again."
        problems.append(Problem("public_id", "form", message))
    if len(customer) > LONGEST_CUSTOMER:
        message = f"Name the customer in at most {LONGEST_CUSTOMER} characters."
        problems.append(Problem("customer", "too_long", message))
    if representative and not representative.active:
        message = f"{representative.name} no longer works here. Choose another representative."
        problems.append(Problem("representative", "inactive", message))
    if representative and representative.unit_id not in below([unit.id]):
        message = (
            f"{representative.name} works in {representative.unit.name}, not in {unit.name}. "
            f"Choose {representative.unit.name}, or another representative."
        )
        problems.append(Problem("representative", "other_unit", message))
    if device_started_at and abs(device_started_at - now) > MOST_DRIFT:
        message = (
            f"This device says it is {device_started_at:%Y-%m-%d %H:%M} UTC, while it is "
            f"{now:%Y-%m-%d %H:%M} UTC. Set the device's clock, then start again."
        )
        problems.append(Problem("started_at", "clock", message))
    return problems


def _started_before(visit: Visit) -> tuple[Visit | None, list[Problem]]:
    """The visit that has this one's public id, if it is the same visit sent twice."""
    first = db.session.scalars(select(Visit).where(Visit.public_id == visit.public_id)).one()
    told = ("process_id", "unit_id", "representative_id", "customer")
    if all(getattr(first, name) == getattr(visit, name) for name in told):
        return first, []
    message = "This form has started another visit already. Open it again for a new one."
    return None, [Problem("public_id", "taken", message)]


def _closed(visit: Visit) -> Problem | None:
    if visit.void:
        message = "This visit was taken out: it never took place. Nothing was changed."
        return Problem("", "ended", message)
    if visit.outcome:
        message = f"This visit has ended already: {OUTCOMES[visit.outcome]}. Nothing was changed."
        return Problem("", "ended", message)
    if visit.observed_until:
        message = (
            "This visit was imported, still open then. Import its end from the same source, or "
            "have it corrected."
        )
        return Problem("", "imported", message)
    return None


def _outcome_problem(visit: Visit, outcome: str) -> Problem | None:
    left = stages_left(visit)
    if outcome not in OUTCOMES:
        message = f"{outcome!r} is no outcome. Choose one of {', '.join(OUTCOMES)}."
        return Problem("outcome", "unknown", message)
    if outcome == "completed" and len(left) > 1:
        missing = ", ".join(stage.name for stage in left[:-1])
        message = f"A visit is completed by its last stage. Still to be reached: {missing}."
        return Problem("outcome", "stages_left", message)
    if outcome != "completed" and not left:
        message = "Every stage has been reached, so this visit is completed. Finish it as such."
        return Problem("outcome", "no_stage_left", message)
    return None


def _moment(
    visit: Visit, elapsed: float | None, now: datetime, since: datetime | None
) -> datetime | Problem:
    """The moment `elapsed` seconds after the start, or why it cannot be taken."""
    at = now
    if elapsed is not None:
        if not math.isfinite(elapsed) or elapsed < 0:
            message = "The stopwatch of this page shows no sensible time. Reload it and tap again."
            return Problem("elapsed", "negative", message)
        # Compared as seconds: a timedelta cannot hold every float.
        counted_from = since or visit.started_at
        late_by = (now - counted_from).total_seconds() - elapsed
        if abs(late_by) > MOST_DRIFT.total_seconds():
            message = (
                "This tap is more than 24 hours away from the present, so one of the clocks is "
                "wrong or the tap was kept for too long. Reload the page and tap again."
            )
            return Problem("elapsed", "clock", message)
        at = min(counted_from + timedelta(seconds=elapsed), now)
    last = max([visit.started_at, *(event.at for event in visit.events)])
    if at < last:
        message = (
            f"This tap lies {(last - at).total_seconds():.0f} seconds before the one recorded "
            "last, perhaps from another device. Reload the page and tap again."
        )
        return Problem("elapsed", "before_last", message)
    return at
