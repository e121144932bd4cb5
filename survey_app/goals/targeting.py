"""Setting targets: rows are only ever added, and a later one never changes a past verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.cells import LARGEST_NUMBER
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.tables import Row, read_csv, read_date, read_number, read_word
from survey_app.goals.models import SCOPE_TYPES, TARGET_SOURCES, KpiDefinition, Target
from survey_app.goals.queries import read_levels, scope_names
from survey_app.goals.sight import Scopes
from survey_app.organisation.queries import root_unit

COLUMNS = ("kpi", "scope_type", "scope", "value", "valid_from")
OPTIONAL_COLUMNS = ("valid_to", "source", "note")


@dataclass(frozen=True)
class WantedTarget:
    """A target before it is set; `scope_key` is '' for everybody, `valid_to` is excluded."""

    kpi_key: str
    scope_type: str
    scope_key: str
    value: float
    valid_from: date
    valid_to: date | None = None
    source: str = "agreed"
    note: str = ""
    place: str = "target"

    @property
    def scope(self) -> tuple[str, str, str]:
        """For which KPI and for whom."""
        return self.kpi_key, self.scope_type, self.scope_key


def set_target(
    wanted: WantedTarget, now: datetime, zone: ZoneInfo, within: Scopes = None
) -> tuple[Target | None, list[Problem]]:
    """Set one target; the one that says the same and holds already is returned as it is."""
    targets, problems = set_targets([wanted], now, zone, within)
    return (targets[0] if targets else None), problems


def set_targets(
    wanted: Sequence[WantedTarget], now: datetime, zone: ZoneInfo, within: Scopes = None
) -> tuple[list[Target], list[Problem]]:
    """Set all of the targets, or with any problem none; all `within` the sight of who sets them."""
    kpis = set(db.session.scalars(select(KpiDefinition.key)))
    scopes, company = scope_names(), root_unit()
    earlier: dict[tuple[str, str, str], list[Target]] = {}
    for target in db.session.scalars(select(Target).order_by(Target.id)):
        place = (target.kpi_key, target.scope_type, target.scope_key)
        earlier.setdefault(place, []).append(target)
    this_month = now.astimezone(zone).date().replace(day=1)
    problems = []
    fitting: list[tuple[WantedTarget, Target | None]] = []
    known = _repeated(wanted, earlier)
    levels_above = read_levels()
    for one in wanted:
        # First, since what follows tells of the targets that there are.
        if wrong := _check(one, kpis, scopes, company.key if company else "", within):
            problems += wrong
            continue
        same = known.get(one) or _said_already(one, earlier.get(one.scope, []))
        fitting.append((one, same))
        if same is None:
            # What it inherited until now counts as its own: that made the past verdicts.
            above = [
                target
                for scope in levels_above(one.scope_type, one.scope_key)
                for target in earlier.get((one.kpi_key, *scope), [])
            ]
            problems += _check_past(one, above, this_month)
    if problems:
        return [], problems
    targets = [same or _add(one, now) for one, same in fitting]
    db.session.flush()
    return targets, []


def import_targets(
    data: bytes, now: datetime, zone: ZoneInfo, within: Scopes = None
) -> tuple[list[Target], list[Problem]]:
    """Set the targets of a CSV file, all of them or with any problem none.

    Columns: kpi, scope_type, scope, value, valid_from; optional valid_to (excluded), source, note.
    """
    rows, problems = read_csv(data, COLUMNS, OPTIONAL_COLUMNS)
    wanted = []
    taken: dict[tuple[object, ...], int] = {}
    for row in rows:
        one, wrong = _read_row(row)
        problems += wrong
        if one is None:
            continue
        first = taken.setdefault((*one.scope, one.valid_from), row.number)
        if first != row.number:
            message = f"Row {first} sets a target for the same KPI, scope and day. Keep one."
            problems.append(Problem(f"row {row.number}", "repeated", message))
        wanted.append(one)
    if problems:
        return [], problems
    return set_targets(wanted, now, zone, within)


def _read_row(row: Row) -> tuple[WantedTarget | None, list[Problem]]:
    cells = row.cells
    read = (
        read_word(cells["scope_type"], row.place("scope_type"), SCOPE_TYPES),
        read_number(cells["value"], row.place("value")),
        read_date(cells["valid_from"], row.place("valid_from")),
        read_date(cells["valid_to"], row.place("valid_to")) if cells["valid_to"] else None,
        read_word(cells["source"] or "agreed", row.place("source"), TARGET_SOURCES),
    )
    problems = [one for one in read if isinstance(one, Problem)]
    if problems:
        return None, problems
    scope_type, value, valid_from, valid_to, source = read
    wanted = WantedTarget(
        kpi_key=cells["kpi"],
        scope_type=scope_type,  # type: ignore[arg-type]
        scope_key=cells["scope"],
        value=value,  # type: ignore[arg-type]
        valid_from=valid_from,  # type: ignore[arg-type]
        valid_to=valid_to,  # type: ignore[arg-type]
        source=source,  # type: ignore[arg-type]
        note=cells["note"],
        place=f"row {row.number}",
    )
    return wanted, []


def _check(
    wanted: WantedTarget,
    kpis: Iterable[str],
    scopes: dict[tuple[str, str], str],
    company: str,
    within: Scopes,
) -> list[Problem]:
    problems = []

    def note(code: str, message: str) -> None:
        problems.append(Problem(wanted.place, code, message))

    if wanted.kpi_key not in kpis:
        hint = did_you_mean(wanted.kpi_key, kpis)
        note("unknown_kpi", f"There is no KPI {quoted(wanted.kpi_key)}.{hint} Define it first.")
    if wanted.scope_type == "all" and wanted.scope_key:
        note("scope_of_all", "A target for all has no scope of its own. Leave the scope empty.")
    elif wanted.scope_type == "unit" and wanted.scope_key == company:
        note("company", "The company is everybody. Write the scope type all, without a scope.")
    elif (wanted.scope_type, wanted.scope_key) not in scopes:
        mine = scopes if within is None else within
        known = [key for kind, key in mine if kind == wanted.scope_type and key]
        hint = did_you_mean(wanted.scope_key, known)
        key = quoted(wanted.scope_key)
        note("unknown_scope", f"There is no {wanted.scope_type} {key}.{hint} Correct the key.")
    elif within is not None and (wanted.scope_type, wanted.scope_key) not in within:
        name = scopes[wanted.scope_type, wanted.scope_key]
        note("out_of_sight", f"{name} is not among those whose targets you set. Leave it out.")
    if not abs(wanted.value) <= LARGEST_NUMBER:
        note("not_a_number", "The value must be a number, at most 1e15.")
    if wanted.valid_to is not None and wanted.valid_to <= wanted.valid_from:
        note(
            "ends_before_start",
            f"The target ends on {wanted.valid_to}, which is not after {wanted.valid_from}. "
            "The last day is excluded; give a later one, or leave it empty.",
        )
    if wanted.source not in TARGET_SOURCES:
        note("source", f"The source must be one of {', '.join(TARGET_SOURCES)}.")
    return problems


def _check_past(wanted: WantedTarget, earlier: Sequence[Target], this_month: date) -> list[Problem]:
    """Months that are over keep the target they had, and with it their verdict."""
    for target in earlier:
        begins = max(wanted.valid_from, target.valid_from)
        ends = min(wanted.valid_to or this_month, target.valid_to or this_month, this_month)
        if begins < ends:
            return [
                Problem(
                    wanted.place,
                    "past_verdict",
                    f"From {begins} on a target of {target.value:g} holds already, for months that "
                    "are over: a later target never changes a past verdict. Let this one begin on "
                    f"{this_month} or later.",
                )
            ]
    return []


def _repeated(
    wanted: Sequence[WantedTarget], earlier: Mapping[tuple[str, str, str], Sequence[Target]]
) -> dict[WantedTarget, Target]:
    """The targets that are only told again: a scope's history, in its order up to the latest.

    A file that was exported holds all of it, replaced targets too; none of them is set anew. What
    the file adds behind the history is new.
    """
    by_scope: dict[tuple[str, str, str], list[WantedTarget]] = {}
    for one in wanted:
        by_scope.setdefault(one.scope, []).append(one)
    found: dict[WantedTarget, Target] = {}
    for scope, told in by_scope.items():
        for length in range(len(told), 0, -1):
            if matched := _told_again(told[:length], earlier.get(scope, [])):
                found |= matched
                break
    return found


def _told_again(
    told: Sequence[WantedTarget], history: Sequence[Target]
) -> dict[WantedTarget, Target]:
    """The targets of a history that these repeat in its order, ending with its last; else none."""
    if not history or not _says(history[-1], told[-1]):
        return {}
    left = list(history)
    matched: dict[WantedTarget, Target] = {}
    for one in reversed(told):
        while left and not _says(left[-1], one):
            left.pop()
        if not left:
            return {}
        matched[one] = left.pop()
    return matched


def _says(target: Target, wanted: WantedTarget) -> bool:
    """Whether a target says the same, whatever its note."""
    return (target.value, target.valid_from, target.valid_to, target.source) == (
        wanted.value,
        wanted.valid_from,
        wanted.valid_to,
        wanted.source,
    )


def _said_already(wanted: WantedTarget, earlier: Sequence[Target]) -> Target | None:
    """The target that says the same (whatever its note), unless a later one replaced it."""
    for target in reversed(earlier):
        if _says(target, wanted):
            return target
        if (target.valid_to is None or wanted.valid_from < target.valid_to) and (
            wanted.valid_to is None or target.valid_from < wanted.valid_to
        ):
            return None
    return None


def _add(wanted: WantedTarget, now: datetime) -> Target:
    target = Target(
        kpi_key=wanted.kpi_key,
        scope_type=wanted.scope_type,
        scope_key=wanted.scope_key,
        value=wanted.value,
        valid_from=wanted.valid_from,
        valid_to=wanted.valid_to,
        source=wanted.source,
        note=wanted.note,
        recorded_at=now,
        recorded_by_id=acting_user_id(),
    )
    db.session.add(target)
    record(
        "target set",
        wanted.kpi_key,
        now,
        scope=f"{wanted.scope_type}:{wanted.scope_key}",
        value=wanted.value,
        valid_from=wanted.valid_from.isoformat(),
    )
    return target
