"""Correcting a visit: a new revision with its reason; how it stood before is kept.

A correction goes through the same checks as a row of an import, since both tell what happened
elsewhere. It may end a visit that was forgotten, and take one out that never took place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.visits.import_rows import KnownParts, read_row, state_of
from survey_app.visits.models import OUTCOMES, ProcessStage, StageEvent, Visit, VisitCorrection

LONGEST_REASON = 1000
TOLD = ("started_at", "ended_at", "outcome", "unit", "representative", "customer")
VOID = "void"
WORDS = ("unit", "representative", "customer", VOID)
CHANGED_MEANWHILE = Problem(
    "",
    "changed_meanwhile",
    "This visit has changed since you opened the page. What it is now stands below; make your "
    "change there.",
)


@dataclass(frozen=True)
class TypedCells:
    """Cells of a form; their place is the name of the field."""

    cells: dict[str, str]
    stages: Mapping[str, str]

    def place(self, name: str) -> str:
        """The words beside the field."""
        return self.stages.get(name, name.replace("_at", "").replace("_", " "))


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
    labels = {name: name.replace("_at", "").replace("_", " ") for name in (*TOLD, VOID)}
    labels |= {stage.key: stage.name for stage in visit.process.stages}
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
) -> tuple[VisitCorrection | None, list[Problem]]:
    """Correct a visit to what `cells` tell (as `cells_of`), or make it `void`: it counts nowhere.

    `based_on` is the `mark_of` the visit that was seen when the correction was written: what came
    in between, a tap or another correction, is never overwritten. Unchanged is a problem too.
    """
    db.session.refresh(visit, with_for_update=True)
    if mark_of(visit) != based_on:
        return None, [CHANGED_MEANWHILE]
    problems = _reason_problems(reason)
    before = _record_of(visit)
    if void:
        return _keep(visit, before, reason, True, now) if not problems else (None, problems)
    known = KnownParts(
        visit.process.stages, keys_to_units(), keys_to_representatives(), None, zone, now
    )
    ended = bool(cells["ended_at"].strip())
    typed = TypedCells(
        {
            **{name: cell.strip() for name, cell in cells.items()},
            "external_id": visit.external_id or visit.public_id,
            "idle_seconds": repr(visit.idle_seconds),
            "observed_until": (
                visit.observed_until.astimezone(UTC).isoformat(" ")
                if visit.observed_until and not ended
                else ""
            ),
        },
        {stage.key: stage.name for stage in visit.process.stages},
    )
    read = read_row(typed, known)
    if isinstance(read, list):
        return None, problems + read
    if problems:
        return None, problems
    if read.state == state_of(visit) and not visit.void:
        return None, [Problem("", "unchanged", "The visit stands like this already.")]
    visit.started_at = read.started_at
    visit.ended_at = read.ended_at
    visit.outcome = read.outcome
    visit.observed_until = read.observed_until
    visit.unit = read.unit
    visit.representative = read.representative
    visit.customer = read.customer
    reach(visit, read.reached)
    return _keep(visit, before, reason, False, now)


def mark_of(visit: Visit) -> str:
    """What changes with every change of the visit."""
    return f"{revision_of(visit)} {visit.updated_at.isoformat()}"


def reach(visit: Visit, reached: Sequence[tuple[ProcessStage, datetime]]) -> None:
    """Let the visit have reached exactly these stages, at these moments."""
    wanted = {stage.id: at for stage, at in reached}
    for event in list(visit.events):
        if event.stage_id in wanted:
            event.at = wanted.pop(event.stage_id)
        else:
            db.session.delete(event)
    db.session.add_all(
        StageEvent(visit_id=visit.id, stage_id=stage_id, at=at) for stage_id, at in wanted.items()
    )


def _record_of(visit: Visit) -> dict[str, str]:
    """A visit as a correction keeps it, its moments in UTC."""
    return cells_of(visit, ZoneInfo("UTC")) | ({VOID: "yes"} if visit.void else {})


def _shown(name: str, cell: str | None, zone: ZoneInfo) -> str:
    """A cell for a reader: moments to the second, in the organisation's zone."""
    if not cell:
        return "–"
    if name == "outcome":
        return OUTCOMES[cell]
    if name in WORDS:
        return cell
    return (
        datetime.fromisoformat(cell)
        .replace(tzinfo=UTC)
        .astimezone(zone)
        .strftime("%Y-%m-%d %H:%M:%S")
    )


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
