"""Reading alerts, never more of them than the user may see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.report.alerts.models import Alert, AlertEvent, AlertLook
from survey_app.report.queries import SeenResults

OPEN, ACKNOWLEDGED, RESOLVED = "open", "acknowledged", "resolved"
STATES = {
    OPEN: "open",
    ACKNOWLEDGED: "open, acknowledged",
    RESOLVED: "resolved",
}
PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which alerts a list shows; '' is all of them. `before` is the id below which it begins."""

    kind: str = ""
    scope: str = ""
    state: str = ""
    before: int = 0


def list_alerts(sight: SeenResults, wanted: Wanted) -> tuple[list[Alert], bool]:
    """A page of the alerts in sight, the newest first, and whether there are older ones."""
    query = select(Alert).where(sight.condition(Alert)).order_by(Alert.id.desc()).limit(PAGE + 1)
    if wanted.kind:
        query = query.where(Alert.kind == wanted.kind)
    if wanted.scope:
        type_, _, key = wanted.scope.partition(":")
        query = query.where(Alert.scope_type == type_, Alert.scope_id == key)
    if wanted.state:
        query = query.where(_is_in_state(wanted.state))
    if wanted.before:
        query = query.where(Alert.id < wanted.before)
    found = list(db.session.scalars(query))
    return found[:PAGE], len(found) > PAGE


def _is_in_state(state: str) -> ColumnElement[bool]:
    if state == RESOLVED:
        return Alert.resolved_at.is_not(None)
    acknowledged = Alert.acknowledged_at.is_not(None)
    return and_(
        Alert.resolved_at.is_(None), acknowledged if state == ACKNOWLEDGED else ~acknowledged
    )


def state_of(alert: Alert) -> str:
    """The state in which the alert is now, one of STATES."""
    if alert.resolved_at is not None:
        return RESOLVED
    return OPEN if alert.acknowledged_at is None else ACKNOWLEDGED


def count_open(sight: SeenResults) -> int:
    """How many alerts in sight are open and not acknowledged by anybody."""
    counted = select(func.count(Alert.id)).where(sight.condition(Alert), _is_in_state(OPEN))
    return db.session.scalar(counted) or 0


def alert_by_id(alert_id: int, sight: SeenResults) -> Alert:
    """The alert with this id; raises NotFound for one out of sight."""
    alert = db.session.scalar(select(Alert).where(Alert.id == alert_id, sight.condition(Alert)))
    if alert is None:
        raise NotFound("There is no such alert among those you may see.")
    return alert


def events_of(alert: Alert) -> list[AlertEvent]:
    """What became of the alert, in order."""
    return list(
        db.session.scalars(
            select(AlertEvent).where(AlertEvent.alert_id == alert.id).order_by(AlertEvent.id)
        )
    )


def troubled_looks() -> list[AlertLook]:
    """The periods whose run could not be looked at, with the reason."""
    return list(db.session.scalars(select(AlertLook).where(AlertLook.trouble != "")))
