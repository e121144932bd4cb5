"""Correcting a visit: a new revision with its reason; how it stood before is kept.

A correction goes through the same checks as a row of an import, since both tell what happened
elsewhere. It may end a visit that was forgotten, and take one out that never took place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.organisation.sight import Sight
from survey_app.visits.models import OUTCOMES, StageEvent, Visit, VisitCorrection
from survey_app.visits.told_visits import KnownParts, ToldVisit, read_visit, state_of

LONGEST_REASON = 1000
LABELS = {
    "started_at": "started",
    "ended_at": "ended",
    "outcome": "outcome",
    "observed_until": "seen open until",
    "idle_seconds": "idle seconds",
    "unit": "unit",
    "representative": "representative",
    "customer": "customer",
    "void": "never took place",
}
TOLD = tuple(name for name in LABELS if name != "void")
VOID = "void"
MOMENTS = ("started_at", "ended_at", "observed_until")
VISIT_CHANGED = Problem(
    "",
    "changed_meanwhile",
    "This visit has changed since you opened the page. What it is now stands below; make your "
    "change there.",
)
UNCHANGED = Problem("", "unchanged", "The visit stands like this already.")


@dataclass(frozen=True)
class TypedCells:
    """Cells of a form; their place is the name of the field."""

    cells: dict[str, str]
    labels: dict[str, str]

    def place(self, name: str) -> str:
        """The words beside the field."""
        return self.labels.get(name, name)


def cells_of(visit: Visit, zone: ZoneInfo) -> dict[str, str]:
    """A visit as cells, as `correct_visit` reads them; moments are exact, and local in `zone`."""

    def shown(at: datetime | None) -> str:
        if at is None:
            return ""
        local = at.astimezone(zone)
        # Of an hour that the clocks pass twice, the second one needs its offset.
        return (local if local.fold else local.replace(tzinfo=None)).isoformat(" ")

    reached = {event.stage_id: event.at for event in visit.events}
    return {
        "started_at": shown(visit.started_at),
        "ended_at": shown(visit.ended_at),
        "outcome": visit.outcome or "",
        "observed_until": shown(visit.observed_until),
        "idle_seconds": repr(visit.idle_seconds).removesuffix(".0") if visit.idle_seconds else "",
        "unit": visit.unit.key,
        "representative": visit.representative.key if visit.representative else "",
        "customer": visit.customer,
    } | {stage.key: shown(reached.get(stage.id)) for stage in visit.process.stages}


def revision_of(visit: Visit) -> int:
    """1 for a visit as it was timed or imported, one more with each correction."""
    return len(visit.corrections) + 1


@dataclass(frozen=True)
class Change:
    """One correction: when, by whom and why, and (name, before, after) of what it changed."""

    correction: VisitCorrection
    cells: list[tuple[str, str, str]]


def history_of(visit: Visit, zone: ZoneInfo) -> list[Change]:
    """The corrections of a visit, the latest first."""
    labels = _labels_of(visit)
    changes = []
    after = _record_of(visit)
    for correction in reversed(visit.corrections):
        before = correction.before
        changed = [
            (label, _shown(name, before.get(name), zone), _shown(name, after.get(name), zone))
            for name, label in labels.items()
            if before.get(name) != after.get(name)
        ]
        changes.append(Change(correction, changed))
        after = before
    return changes


def correct_visit(
    visit: Visit,
    cells: Mapping[str, str],
    void: bool,
    reason: str,
    based_on: str,
    zone: ZoneInfo,
    now: datetime,
    within: Sight = None,
) -> tuple[VisitCorrection | None, list[Problem]]:
    """Correct a visit to what `cells` tell (as `cells_of`), or make it `void`: it counts nowhere.

    Its unit must be `within` the sight of who corrects, or stay. `based_on` is the `state_mark` the
    visit that was seen when the correction was written: what came in between, a tap or another
    correction, is never overwritten. Unchanged is a problem too.
    """
    db.session.refresh(visit, with_for_update=True)
    if state_mark(visit) != based_on:
        return None, [VISIT_CHANGED]
    problems = _reason_problems(reason)
    before = _record_of(visit)
    if void:
        if visit.void:
            problems.append(UNCHANGED)
        return (None, problems) if problems else _keep(visit, before, reason, True, now)
    told = {name: cell.strip() for name, cell in cells.items()}
    if told["ended_at"]:
        # Of a visit that has ended the cut-off tells nothing more.
        told["observed_until"] = ""
    told["external_id"] = visit.external_id or visit.public_id
    read = read_visit(TypedCells(told, _labels_of(visit)), _known_for(visit, zone, within, now))
    if isinstance(read, list):
        return None, problems + read
    if read.state == state_of(visit) and not visit.void:
        problems.append(UNCHANGED)
    if problems:
        return None, problems
    bring_to(visit, read, now)
    return _keep(visit, before, reason, False, now)


def bring_to(visit: Visit, told: ToldVisit, now: datetime) -> None:
    """Let a stored visit be what is told of it."""
    visit.started_at = told.started_at
    visit.ended_at = told.ended_at
    visit.outcome = told.outcome
    visit.observed_until = told.observed_until
    visit.unit = told.unit
    visit.representative = told.representative
    visit.customer = told.customer
    visit.idle_seconds = told.idle_seconds
    visit.updated_at = now
    wanted = {stage.id: at for stage, at in told.reached}
    for event in list(visit.events):
        if event.stage_id in wanted:
            event.at = wanted.pop(event.stage_id)
        else:
            db.session.delete(event)
    db.session.add_all(
        StageEvent(visit_id=visit.id, stage_id=stage_id, at=at) for stage_id, at in wanted.items()
    )


def state_mark(visit: Visit) -> str:
    """What changes with every change of the visit."""
    return f"{revision_of(visit)} {visit.updated_at.isoformat()}"


def _labels_of(visit: Visit) -> dict[str, str]:
    return LABELS | {stage.key: stage.name for stage in visit.process.stages}


def _known_for(visit: Visit, zone: ZoneInfo, within: Sight, now: datetime) -> KnownParts:
    """What a correction may name; the visit's own unit and representative it may always keep."""
    units, people = keys_to_units(within), keys_to_representatives(within)
    units.setdefault(visit.unit.key, visit.unit)
    if visit.representative is not None:
        people.setdefault(visit.representative.key, visit.representative)
    return KnownParts(visit.process.stages, units, people, zone, now)


def record_moment(at: datetime) -> str:
    """A moment as the record of a correction has it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def _record_of(visit: Visit) -> dict[str, str]:
    """A visit as a correction keeps it, its moments in UTC."""
    return cells_of(visit, ZoneInfo("UTC")) | ({VOID: "yes"} if visit.void else {})


def _shown(name: str, cell: str | None, zone: ZoneInfo) -> str:
    """A cell for a reader: moments in the organisation's zone."""
    if not cell:
        return "–"
    if name == "outcome":
        return OUTCOMES[cell]
    if name in LABELS and name not in MOMENTS:
        return cell
    at = datetime.fromisoformat(cell).replace(tzinfo=UTC).astimezone(zone)
    return at.replace(tzinfo=None).isoformat(" ")


def _reason_problems(reason: str) -> list[Problem]:
    if not reason.strip():
        message = "Say why it is corrected. Others will ask, and later so will you."
        return [Problem("reason", "empty", message)]
    if len(reason) > LONGEST_REASON:
        message = f"The reason has {len(reason)} characters; shorten it to {LONGEST_REASON}."
        return [Problem("reason", "too_long", message)]
    return []


def _keep(
    visit: Visit, before: dict[str, str], reason: str, void: bool, now: datetime
) -> tuple[VisitCorrection, list[Problem]]:
    correction = VisitCorrection(
        visit_id=visit.id,
        revision=revision_of(visit) + 1,
        before=before,
        reason=reason.strip(),
        corrected_at=now,
        corrected_by_id=acting_user_id(),
    )
    visit.void = void
    visit.updated_at = now
    db.session.add(correction)
    record("visit corrected", visit.public_id, now, revision=correction.revision)
    db.session.flush()
    db.session.expire(visit)
    return correction, []
