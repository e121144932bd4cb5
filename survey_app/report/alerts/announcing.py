"""The one place from which the world is told that an alert was raised, and what it reads of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from survey_app.config import Settings
from survey_app.report.alerts.models import Alert
from survey_app.webhooks.announcing import announce


def announce_alerts(alerts: Sequence[Alert], settings: Settings) -> None:
    """Announce alerts in the transaction that raised them, so that it happens once or not at all.

    People are told by mail at their own hour (see `telling`); this is for machines.
    """
    for alert in alerts:
        announce("alert.raised", make_payload(alert, settings), alert.raised_at)


def make_payload(alert: Alert, settings: Settings) -> dict[str, Any]:
    """An alert as a machine reads it: texts, numbers and nested documents of them alone."""
    return {
        "id": alert.id,
        "kind": alert.kind,
        "direction": alert.direction,
        "subject": {
            "type": alert.subject_type,
            "id": alert.subject_id,
            "name": alert.subject_name,
        },
        "scope": {"type": alert.scope_type, "id": alert.scope_id, "name": alert.scope_name},
        "period": alert.period_label,
        "run": alert.run.public_id if alert.run is not None else None,
        "raised_at": alert.raised_at.isoformat(),
        "title": alert.title,
        "sentence": alert.sentence,
        "numbers": alert.document,
        "url": f"{settings.address}/report/alerts/{alert.id}",
    }
