"""Looking at a run that has come to count for its period: what it raises, and what it resolves.

Loads numpy; only jobs import it. An alert stands while its finding holds in the run that counts for
its period, and no later period is known to say the opposite. So a run of an earlier period, made
again, is judged together with all that came after it, in whichever order they were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from analysis.periods import LENGTHS, Period
from survey_app.db import db
from survey_app.report.alerts.judging import Judge
from survey_app.report.alerts.kinds import CONTROL_LIMITS, RESPONSE_LOW, VERDICT_TURNED, Place
from survey_app.report.alerts.models import Alert
from survey_app.report.alerts.raising import Finding, raise_alert, reopen_alert, resolve_alert
from survey_app.report.alerts.ruling import read_rules
from survey_app.report.alerts.wording import say_alert
from survey_app.report.closing import was_over
from survey_app.report.models import ScoreRun
from survey_app.report.queries import newest_runs
from survey_app.report.run_card import card_of

KINDS_OF_RUNS = (VERDICT_TURNED, CONTROL_LIMITS, RESPONSE_LOW)


def read_numbers(run: ScoreRun, zone: ZoneInfo) -> Judge | None:
    """Read what the run is to be judged by; it only reads, which is most of the work.

    A range of months has no period before it, and what is not over is provisional: for them there
    is nothing to judge.
    """
    if run.period_type not in LENGTHS or not was_over(run, zone):
        return None
    runs = sorted(
        (
            one
            for one in newest_runs()
            if one.period_type == run.period_type and was_over(one, zone)
        ),
        key=lambda one: one.period_start,
    )
    return Judge(runs, run, read_rules(), zone)


def look_at_run(run: ScoreRun, judge: Judge, now: datetime) -> list[Alert]:
    """Raise, resolve and reopen what the run gives reason to; the alerts that are new."""
    known = _alerts_concerned(run)
    for alert in known:
        if judge.is_covered(alert.kind, _place_of(alert)):
            _settle(alert, judge, now)
    present = {(one.kind, _place_of(one), one.period_label, one.direction) for one in known}
    raised = []
    for one in judge.judged:
        for finding in _findings(judge, one, known):
            key = (finding.kind, finding.place, finding.period_label, finding.direction)
            new = None if key in present else raise_alert(finding, now)
            if new is not None:
                raised.append(new)
    return raised


def _alerts_concerned(run: ScoreRun) -> list[Alert]:
    """Alerts that the run may resolve, or reopen: open ones, and those of its and later periods."""
    resolver = select(ScoreRun.id).where(ScoreRun.period_start >= run.period_start)
    return list(
        db.session.scalars(
            select(Alert)
            .where(
                Alert.kind.in_(KINDS_OF_RUNS),
                Alert.period_type == run.period_type,
                or_(
                    Alert.resolved_at.is_(None),
                    Alert.period_start >= run.period_start,
                    Alert.resolved_by_id.in_(resolver),
                ),
            )
            .order_by(Alert.id)
        )
    )


def _settle(alert: Alert, judge: Judge, now: datetime) -> None:
    own = next((one for one in judge.judged if one.period_label == alert.period_label), None)
    place = _place_of(alert)
    if own is not None and alert.direction not in judge.judge(alert.kind, place, own).found:
        why = f"The run that counts for {alert.period_label} now does not say so."
        resolve_alert(alert, why, now, own.id)
        return
    denial = _find_denial(judge, alert.kind, place, alert.direction, alert.period_start)
    if denial is not None:
        resolve_alert(alert, f"{denial.period_label} says otherwise.", now, denial.id)
    else:
        reopen_alert(alert, "It holds again.", now, None if own is None else own.id)


def _find_denial(
    judge: Judge, kind: str, place: Place, direction: str, start: date
) -> ScoreRun | None:
    """The first later run that is known to say the opposite."""
    for run in judge.later(start):
        if direction in judge.judge(kind, place, run).denied:
            return run
    return None


def _findings(judge: Judge, run: ScoreRun, known: Sequence[Alert]) -> list[Finding]:
    """What the rules find in the run that no later period denies, in words."""
    findings = []
    kpis = card_of(run)["kpis"]
    for place in judge.places():
        point = judge.point(place, run)
        if point is None or point.row is None:
            continue
        row = point.row
        for kind in KINDS_OF_RUNS:
            if not judge.is_covered(kind, place):
                continue
            for direction, numbers in judge.judge(kind, place, run).found.items():
                if _find_denial(judge, kind, place, direction, run.period_start):
                    continue
                if "row_from" in numbers and _is_told(known, place, direction, numbers["row_from"]):
                    continue
                subject = row["kpi_name"] if place.subject_type == "kpi" else row["goal_name"]
                votes = kpis[place.subject_id]["votes"] if place.subject_type == "kpi" else ""
                title, sentence = say_alert(kind, direction, subject, row, numbers, votes)
                findings.append(
                    Finding(
                        kind=kind,
                        direction=direction,
                        place=place,
                        subject_name=subject,
                        scope_name=row["scope_name"],
                        period_type=run.period_type,
                        period_label=run.period_label,
                        period_start=run.period_start,
                        run_id=run.id,
                        title=title,
                        sentence=sentence,
                        numbers=numbers,
                    )
                )
    return findings


def _is_told(known: Sequence[Alert], place: Place, direction: str, row_from: str) -> bool:
    """Whether an open alert tells of the same row of values already, as it was shorter."""
    start = Period.parse(row_from).start
    return any(
        one.direction == direction
        and _place_of(one) == place
        and one.kind == CONTROL_LIMITS
        and one.resolved_at is None
        and one.period_start >= start
        for one in known
    )


def _place_of(alert: Alert) -> Place:
    return Place(alert.subject_type, alert.subject_id, alert.scope_type, alert.scope_id)
