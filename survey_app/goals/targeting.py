"""Setting targets: rows are only ever added, and a later one never changes a past verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from analysis.definitions import ELASTICITY_SOURCES
from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.cells import LARGEST_NUMBER
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.goals.defining import red_problems
from survey_app.goals.histories import repeated_targets, said_already
from survey_app.goals.models import TARGET_SOURCES, KpiDefinition, Target
from survey_app.goals.queries import measure_names, read_levels, scope_names
from survey_app.goals.sight import Scopes
from survey_app.goals.sources import Sources, read_sources
from survey_app.goals.wanted import WantedTarget
from survey_app.organisation.queries import root_unit

# A greater one would make a target of ten out of one, or nothing of it, for a quarter more demand.
LARGEST_ELASTICITY = 10


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
    kpis = {
        kpi.key: kpi.definition
        for kpi in db.session.scalars(select(KpiDefinition).order_by(KpiDefinition.version))
    }
    lock_kpis({one.kpi_key for one in wanted})
    scopes, company = scope_names(), root_unit()
    measures = measure_names()
    earlier: dict[tuple[str, str, str], list[Target]] = {}
    for target in db.session.scalars(select(Target).order_by(Target.id)):
        place = (target.kpi_key, target.scope_type, target.scope_key)
        earlier.setdefault(place, []).append(target)
    this_month = now.astimezone(zone).date().replace(day=1)
    problems = []
    fitting: list[tuple[WantedTarget, Target | None]] = []
    known = repeated_targets(wanted, earlier)
    levels_above = read_levels()
    sources = read_sources()
    for one in wanted:
        # First, since what follows tells of the targets that there are.
        wrong = _check(one, kpis, scopes, company.key if company else "", within)
        wrong += adjustment_problems(one, measures)
        if wrong:
            problems += wrong
            continue
        same = known.get(one) or said_already(one, earlier.get(one.scope, []))
        fitting.append((one, same))
        if same is None:
            # What it inherited until now counts as its own: that made the past verdicts.
            above = [
                target
                for scope in levels_above(one.scope_type, one.scope_key)
                for target in earlier.get((one.kpi_key, *scope), [])
            ]
            problems += _check_past(one, above, this_month)
            problems += _reach_problems(kpis[one.kpi_key], one, sources)
    if problems:
        return [], problems
    targets = [same or _add(one, now) for one, same in fitting]
    db.session.flush()
    return targets, []


def lock_kpis(keys: Iterable[str]) -> None:
    """Let whoever else sets targets of these KPIs wait, and then see the ones set here."""
    rows = select(KpiDefinition.id).where(KpiDefinition.key.in_(keys)).order_by(KpiDefinition.id)
    db.session.execute(rows.with_for_update())


def adjustment_problems(wanted: WantedTarget, measures: Mapping[str, str]) -> list[Problem]:
    """What is wrong with the local conditions that a target follows."""
    one = wanted.adjustment
    if one is None:
        return []
    problems: list[Problem] = []

    def note(part: str, code: str, message: str) -> None:
        problems.append(Problem(f"{wanted.place}, {part}", code, message))

    if one.index_measure not in measures:
        hint = did_you_mean(one.index_measure, measures)
        told = f"There is no measure {quoted(one.index_measure)}.{hint} Add it under Figures first."
        note("index", "unknown_measure", told)
    if one.at_setting is None or not 0 < one.at_setting <= LARGEST_NUMBER:
        told = "Give what the index was when the target was set: a number above 0."
        note("index when the target is set", "not_positive", told)
    if one.elasticity is None or not abs(one.elasticity) <= LARGEST_ELASTICITY:
        told = f"Give a number from -{LARGEST_ELASTICITY} to {LARGEST_ELASTICITY}, such as 0.5."
        note("elasticity", "range", told)
    if one.elasticity_source not in ELASTICITY_SOURCES:
        told = f"The source of the elasticity must be one of {', '.join(ELASTICITY_SOURCES)}."
        note("elasticity_source", "unknown_word", told)
    if not one.justification.strip():
        told = "Say why the target follows this index, and where the elasticity comes from."
        note("justification", "empty", told)
    return problems


def _check(
    wanted: WantedTarget,
    kpis: Mapping[str, Mapping[str, Any]],
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
    elif wanted.kpi_key in kpis:
        problems += red_problems(kpis[wanted.kpi_key], wanted.value, wanted.place)
    if wanted.valid_to is not None and wanted.valid_to <= wanted.valid_from:
        note(
            "ends_before_start",
            f"The target ends on {wanted.valid_to}, which is not after {wanted.valid_from}. "
            "The last day is excluded; give a later one, or leave it empty.",
        )
    if wanted.source not in TARGET_SOURCES:
        note("source", f"The source must be one of {', '.join(TARGET_SOURCES)}.")
    return problems


def _reach_problems(
    definition: Mapping[str, Any], wanted: WantedTarget, sources: Sources
) -> list[Problem]:
    """A target that the KPI can never take: most often per cent written for a share."""
    reach = sources.reach_of(definition)
    if reach is None or reach[0] <= wanted.value <= reach[1]:
        return []
    low, high = reach
    hint = " A share is written from 0 to 1: 0.8 for 80 %." if (low, high) == (0, 1) else ""
    message = (
        f"{wanted.value:g} is no value that the KPI can have: it lies between {low:g} and "
        f"{high:g}.{hint} Correct the value."
    )
    return [Problem(wanted.place, "out_of_reach", message)]


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
    if wanted.adjustment is not None:
        for column, value in vars(wanted.adjustment).items():
            setattr(target, column, value)
    db.session.add(target)
    record(
        "target set",
        wanted.kpi_key,
        now,
        scope=f"{wanted.scope_type}:{wanted.scope_key}",
        value=wanted.value,
        valid_from=wanted.valid_from.isoformat(),
        index=wanted.adjustment.index_measure if wanted.adjustment else "",
    )
    return target
