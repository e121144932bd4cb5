"""Grouping KPIs into sets: which of them count for representatives of one role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import record
from survey_app.db import db, mark_of
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem, did_you_mean, quoted
from survey_app.goals.defining import LONGEST_NAME, length_problems
from survey_app.goals.models import KpiSet
from survey_app.organisation.arranging import RESERVED_KEYS, key_problems
from survey_app.organisation.queries import keys_to_representatives, keys_to_units

LONGEST_ROLE = 2000


@dataclass(frozen=True)
class WantedSet:
    """A KPI set before it is stored; `kpis` are keys with their weight, None for the KPI's own."""

    key: str
    name: str
    role: str = ""
    kpis: tuple[tuple[str, float | None], ...] = ()
    units: tuple[str, ...] = ()
    representatives: tuple[str, ...] = ()


def store_set(
    wanted: WantedSet, present: KpiSet | None, now: datetime, seen: str | None = None
) -> tuple[KpiSet | None, list[Problem]]:
    """Add a set, or change the `present` one; runs keep the sets that they were made with.

    `seen` is the `mark_of` the set that was opened.
    """
    if present is not None:
        db.session.refresh(present, with_for_update=True)
        if seen not in (None, mark_of(present)):
            return None, [CHANGED_MEANWHILE]
    problems = check_set(wanted)
    if problems:
        return None, problems
    kept = present or KpiSet(key=wanted.key)
    before = None if present is None else mark_of(present)
    kept.name, kept.role = wanted.name.strip(), wanted.role.strip()
    kept.kpis = [list(pair) for pair in wanted.kpis]
    kept.units, kept.representatives = list(wanted.units), list(wanted.representatives)
    try:
        with db.session.begin_nested():
            db.session.add(kept)
            db.session.flush()
    except IntegrityError:
        message = f"The key {wanted.key!r} is taken; choose another."
        return None, [Problem("key", "taken", message)]
    if mark_of(kept) != before:
        record(
            "kpi set changed" if present else "kpi set added",
            kept.key,
            now,
            kpis=kept.kpis,
            units=kept.units,
            representatives=kept.representatives,
        )
    return kept, []


def delete_set(present: KpiSet, now: datetime) -> None:
    """Take a set away: its KPIs count for everybody again unless another set has them."""
    record("kpi set deleted", present.key, now, kpis=present.kpis)
    db.session.delete(present)
    db.session.flush()


def check_set(wanted: WantedSet) -> list[Problem]:
    """What is wrong with a set by itself; whether its KPIs exist is for who stores it to know."""
    problems = key_problems(wanted.key)
    if wanted.key in RESERVED_KEYS:
        message = f"{wanted.key!r} is a page's own name; choose another key."
        problems.append(Problem("key", "reserved", message))
    if not wanted.name.strip():
        problems.append(Problem("name", "empty", "Give the set a name."))
    problems += length_problems("name", wanted.name, LONGEST_NAME)
    problems += length_problems("role", wanted.role, LONGEST_ROLE)
    units, people = keys_to_units(), keys_to_representatives()
    for key in wanted.units:
        if key not in units:
            told = f"There is no unit {quoted(key)}.{did_you_mean(key, units)} Correct the key."
            problems.append(Problem("for", "unknown_unit", told))
    for key in wanted.representatives:
        if key not in people:
            hint = did_you_mean(key, people)
            told = f"There is no representative {quoted(key)}.{hint} Correct the key."
            problems.append(Problem("for", "unknown_representative", told))
    for key, weight in wanted.kpis:
        if weight is not None and not 0 <= weight <= 1e6:
            told = "The weight must be 0 or more, and at most 1 000 000."
            problems.append(Problem(f"weight of {key}", "range", told))
    return problems
