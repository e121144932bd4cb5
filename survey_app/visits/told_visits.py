"""A visit told in cells, by a row of an import or a correction: can it have been so?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.tables import read_moment, read_number, read_word
from survey_app.organisation.models import Representative, Unit
from survey_app.visits.models import OUTCOMES, ProcessStage, Visit

REQUIRED = ("external_id", "started_at", "unit")
OPTIONAL = ("ended_at", "outcome", "observed_until", "representative", "customer", "idle_seconds")
LONGEST_TEXT = 200

Read = TypeVar("Read")


class Told(Protocol):
    """Cells by our names ('' where nothing is said), and where each of them stands."""

    @property
    def cells(self) -> dict[str, str]:
        """The cells."""

    def place(self, name: str) -> str:
        """Where a cell stands, for people."""


Named = TypeVar("Named", Unit, Representative)


@dataclass(frozen=True)
class KnownParts:
    """What the cells may name: units and representatives in the sight of who tells."""

    stages: Sequence[ProcessStage]
    units: Mapping[str, Unit]
    people: Mapping[str, Representative]
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True)
class ToldVisit:
    """A sound row; `reached` holds the stages and their moments in order."""

    external_id: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    observed_until: datetime | None
    unit: Unit
    representative: Representative | None
    customer: str
    idle_seconds: float
    reached: tuple[tuple[ProcessStage, datetime], ...]

    @property
    def state(self) -> tuple[object, ...]:
        """All that an import says of a visit, as `state_of` gives it for a stored one."""
        return (
            self.started_at,
            self.ended_at,
            self.outcome,
            self.observed_until,
            self.unit.id,
            self.representative.id if self.representative else None,
            self.customer,
            self.idle_seconds,
            sorted((stage.id, at) for stage, at in self.reached),
        )


def state_of(visit: Visit) -> tuple[object, ...]:
    """All that an import says of a visit, of a stored one."""
    return (
        visit.started_at,
        visit.ended_at,
        visit.outcome,
        visit.observed_until,
        visit.unit_id,
        visit.representative_id,
        visit.customer,
        visit.idle_seconds,
        sorted((event.stage_id, event.at) for event in visit.events),
    )


def read_visit(row: Told, known: KnownParts) -> ToldVisit | list[Problem]:
    """The visit that a row tells of, or everything that is wrong with the row."""
    problems: list[Problem] = []

    def take(name: str, read: Callable[[str, str], Read | Problem]) -> Read | None:
        if not row.cells[name] and name not in REQUIRED:
            return None
        value = read(row.cells[name], row.place(name))
        if isinstance(value, Problem):
            problems.append(value)
            return None
        return value

    def moment(name: str) -> datetime | None:
        return take(name, lambda cell, place: _read_past(cell, place, known))

    external_id = take("external_id", _read_text)
    started_at = moment("started_at")
    ended_at = moment("ended_at")
    outcome = take("outcome", lambda cell, place: read_word(cell, place, tuple(OUTCOMES)))
    observed_until = moment("observed_until")
    unit = take("unit", lambda cell, place: _read_key(cell, place, known.units))
    person = take("representative", lambda cell, place: _read_key(cell, place, known.people))
    customer = take("customer", _read_text)
    idle = take("idle_seconds", _read_idle)
    moments = [(stage, moment(stage.key)) for stage in known.stages]
    if problems or external_id is None or started_at is None or unit is None:
        return problems
    reached = [(stage, at) for stage, at in moments if at]
    last, last_at = moments[-1]
    if outcome == "completed" and ended_at and not last_at:
        # Reaching the last stage is what ends a visit.
        reached.append((last, ended_at))
    visit = ToldVisit(
        external_id=external_id,
        started_at=started_at,
        ended_at=ended_at,
        outcome=outcome,
        # Of a visit that has ended the cut-off tells nothing more.
        observed_until=None if ended_at else observed_until,
        unit=unit,
        representative=person,
        customer=customer or "",
        idle_seconds=idle or 0.0,
        reached=tuple(reached),
    )
    return check_visit(row, visit, known.stages, observed_until) or visit


def check_visit(
    row: Told,
    visit: ToldVisit,
    stages: Sequence[ProcessStage],
    observed_until: datetime | None = None,
) -> list[Problem]:
    """Why a visit cannot have been like this; `observed_until` is a cut-off told beside an end."""
    return [
        *_end_problems(row, visit, observed_until),
        *_stage_problems(row, visit, stages),
        *_outcome_problems(row, visit, stages),
    ]


def _read_past(cell: str, place: str, known: KnownParts) -> datetime | Problem:
    at = read_moment(cell, place, known.zone)
    if not isinstance(at, Problem) and at > known.now:
        message = f"{quoted(cell)} lies in the future. Correct it, or leave what has not happened."
        return Problem(place, "future", message)
    return at


def _read_text(cell: str, place: str) -> str | Problem:
    if not cell:
        message = "The cell is empty. Give each visit an id of its own, like a ticket's number."
        return Problem(place, "empty", message)
    if len(cell) > LONGEST_TEXT:
        message = f"The text has {len(cell)} characters. Shorten it to {LONGEST_TEXT}."
        return Problem(place, "too_long", message)
    return cell


def _read_idle(cell: str, place: str) -> float | Problem:
    seconds = read_number(cell, place)
    if not isinstance(seconds, Problem) and seconds < 0:
        message = f"{quoted(cell)} is negative. Write idle time in seconds, from 0."
        return Problem(place, "negative", message)
    return seconds


def _read_key(cell: str, place: str, known: Mapping[str, Named]) -> Named | Problem:
    if cell in known:
        return known[cell]
    if not cell:
        return Problem(place, "empty", "The cell is empty. Fill in a key of the organisation.")
    message = (
        f"You see nobody and nothing with the key {quoted(cell)}.{did_you_mean(cell, known)} "
        "Correct it, or have it added to the organisation first."
    )
    return Problem(place, "unknown", message)


def _end_problems(row: Told, visit: ToldVisit, observed_until: datetime | None) -> list[Problem]:
    problems = []
    seen_last = visit.ended_at or visit.observed_until
    if visit.ended_at and visit.ended_at < visit.started_at:
        message = "The visit ended before it started. Check both columns."
        problems.append(Problem(row.place("ended_at"), "ended_before_start", message))
    if observed_until and visit.ended_at and visit.ended_at > observed_until:
        message = "The visit ended after the data's cut-off. Correct observed_until."
        problems.append(Problem(row.place("ended_at"), "ended_after_cut_off", message))
    if visit.observed_until and visit.observed_until < visit.started_at:
        message = "The visit started after the data's cut-off. Correct observed_until."
        problems.append(Problem(row.place("started_at"), "started_after_cut_off", message))
    if visit.outcome and not visit.ended_at:
        message = "There is an outcome but no end. Fill in the end, or leave the outcome open."
        problems.append(Problem(row.place("outcome"), "outcome_without_end", message))
    if visit.ended_at and not visit.outcome:
        message = f"The visit ended without an outcome. Fill in one of {', '.join(OUTCOMES)}."
        problems.append(Problem(row.place("outcome"), "end_without_outcome", message))
    if seen_last and visit.idle_seconds > max((seen_last - visit.started_at).total_seconds(), 0):
        message = "The idle time is longer than the whole visit. Write it in seconds."
        problems.append(Problem(row.place("idle_seconds"), "idle_too_long", message))
    return problems


def _stage_problems(row: Told, visit: ToldVisit, stages: Sequence[ProcessStage]) -> list[Problem]:
    problems = []
    before, what = visit.started_at, "the start"
    for stage, at in visit.reached:
        if at < before:
            message = f'"{stage.name}" was reached before {what}. Check both columns.'
            problems.append(Problem(row.place(stage.key), "out_of_order", message))
        before, what = at, f'"{stage.name}"'
    seen_last = visit.ended_at or visit.observed_until
    # An end before the start has been told already.
    if seen_last and visit.reached and before > seen_last >= visit.started_at:
        message = f"{what} was reached after the visit was seen last. Check both columns."
        problems.append(Problem(row.place(visit.reached[-1][0].key), "after_end", message))
    for (stage, _at), expected in zip(visit.reached, stages, strict=False):
        if stage is not expected:
            message = (
                f'"{stage.name}" was reached without "{expected.name}", which comes before it. '
                "Fill in that moment too."
            )
            problems.append(Problem(row.place(expected.key), "stage_skipped", message))
            break
    return problems


def _outcome_problems(row: Told, visit: ToldVisit, stages: Sequence[ProcessStage]) -> list[Problem]:
    done = len(visit.reached) == len(stages)
    skipped = [stage for stage, _at in visit.reached] != list(stages[: len(visit.reached)])
    if visit.outcome == "completed" and not done and not skipped:
        missing = stages[len(visit.reached)]
        message = (
            f'A completed visit has reached every stage, but "{missing.name}" has no moment. '
            "Fill it in, or correct the outcome."
        )
        return [Problem(row.place(missing.key), "not_completed", message)]
    if visit.outcome in ("called_back", "left") and done:
        message = (
            "Every stage was reached, so the visit was completed. Correct the outcome, or empty "
            "the stages that were not reached."
        )
        return [Problem(row.place("outcome"), "was_completed", message)]
    return []
