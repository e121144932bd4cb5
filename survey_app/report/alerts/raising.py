"""Alerts in their tables: raised once for one finding, resolved, found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.report.alerts.kinds import Place
from survey_app.report.alerts.models import Alert, AlertEvent


@dataclass(frozen=True)
class Finding:
    """What is to be told: of what, when, what was found, in words and numbers."""

    kind: str
    direction: str
    place: Place
    subject_name: str
    scope_name: str
    period_type: str
    period_label: str
    period_start: date
    run_id: int | None
    title: str
    sentence: str
    numbers: Mapping[str, Any]


def raise_alert(finding: Finding, now: datetime) -> Alert | None:
    """Store an alert for a finding; None if there is one already, which stays as it is."""
    alert = Alert(
        kind=finding.kind,
        direction=finding.direction,
        **finding.place._asdict(),
        subject_name=finding.subject_name,
        scope_name=finding.scope_name,
        period_type=finding.period_type,
        period_label=finding.period_label,
        period_start=finding.period_start,
        run_id=finding.run_id,
        raised_at=now,
        title=finding.title,
        sentence=finding.sentence,
        document=dict(finding.numbers),
    )
    try:
        with db.session.begin_nested():
            db.session.add(alert)
            db.session.flush()
    except IntegrityError:
        return None
    _note(alert, "raised", now, finding.run_id)
    return alert


def resolve_alert(alert: Alert, why: str, now: datetime, run_id: int | None = None) -> None:
    """What was found holds no longer; a resolved alert stays as it is."""
    if alert.resolved_at is None:
        alert.resolved_at, alert.resolved_by_id = now, run_id
        _note(alert, "resolved", now, run_id, why)


def reopen_alert(alert: Alert, why: str, now: datetime, run_id: int | None = None) -> None:
    """What was resolved holds again: nobody is told a second time, but it is open."""
    if alert.resolved_at is not None:
        alert.resolved_at = alert.resolved_by_id = None
        _note(alert, "reopened", now, run_id, why)


def _note(alert: Alert, what: str, now: datetime, run_id: int | None, note: str = "") -> None:
    db.session.add(AlertEvent(alert_id=alert.id, what=what, at=now, run_id=run_id, note=note))
    db.session.flush()
