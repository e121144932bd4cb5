"""Putting anonymous responses among others: in groups that are alike in all that is known of the
people, in an order that is drawn, at a moment that is none of theirs.

While a campaign is open, a group is moved once AT_LEAST of its sealed responses share unit,
representative, attributes and language: who can see which people have answered learns from none of
these which of them answered what. When it has closed the rest is moved, with as much of these told
as AT_LEAST of the rest share, and no more.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select

from survey_app.db import db
from survey_app.invite.models import Campaign
from survey_app.organisation.calendars import day_begins
from survey_app.respond.models import Response, SealedResponse
from survey_app.respond.submitting import pseudonym

# Fewer are told apart by nothing that is known of the people.
AT_LEAST = 5
# Databases limit the number of parameters in one statement.
CHUNK = 500

_sealed = SealedResponse.__table__
# What is told of the person beside the answers: columns of both tables.
Told: TypeAlias = dict[str, Any]
NOTHING: Told = {"unit_id": None, "representative_id": None, "attributes": {}, "language": ""}
# What is told when it must be less, step by step.
LESS: tuple[tuple[str, ...], ...] = (
    ("unit_id", "representative_id", "attributes", "language"),
    ("unit_id", "representative_id"),
    ("unit_id",),
)


def campaigns_with_sealed() -> list[int]:
    """The campaigns of which responses are sealed."""
    return list(db.session.scalars(select(_sealed.c.campaign_id).distinct()))


def unseal(campaign_id: int, now: datetime, zone: ZoneInfo) -> int:
    """Move what may be moved of a campaign's sealed responses; gives how many.

    They are stored now, and count as sent when the day in the organisation's zone began; what is
    left at the end, when the campaign's last day did.
    """
    # Another worker at the same moment waits here, and then finds nothing left.
    closes_at = db.session.execute(
        select(Campaign.closes_at).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    ).scalar_one()
    sealed = list(
        db.session.execute(select(_sealed).where(_sealed.c.campaign_id == campaign_id)).mappings()
    )
    has_closed = closes_at is not None and closes_at <= now
    rows = _as_far_as_shared(sealed) if has_closed else _groups(sealed, LESS[0])[0]
    secrets.SystemRandom().shuffle(rows)
    # A campaign that ends with its month has no answers in the next one.
    last = closes_at - timedelta(microseconds=1) if has_closed else now
    _move(rows, now, day_begins(last.astimezone(zone).date(), zone))
    return len(rows)


def count_sealed(campaign_id: int) -> int:
    """How many responses of a campaign wait for others."""
    counted = select(func.count()).select_from(_sealed).where(_sealed.c.campaign_id == campaign_id)
    return db.session.scalar(counted) or 0


def _as_far_as_shared(sealed: Sequence[Any]) -> list[dict[str, Any]]:
    """All of them, each with what it shares with enough of those that are left."""
    rows: list[dict[str, Any]] = []
    left: Sequence[Any] = sealed
    for told in LESS:
        found, left = _groups(left, told)
        rows += found
    return rows + [{**one, **NOTHING} for one in left]


def _groups(sealed: Iterable[Any], told: tuple[str, ...]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Those that share what is told with enough others, and no more told; and those that do not."""
    alike: dict[str, list[Any]] = defaultdict(list)
    for one in sealed:
        alike[json.dumps([one[name] for name in told], sort_keys=True)].append(one)
    moved: list[dict[str, Any]] = []
    left: list[Any] = []
    for group in alike.values():
        if len(group) < AT_LEAST:
            left += group
        else:
            moved += [{**one, **NOTHING, **{name: one[name] for name in told}} for one in group]
    return moved, left


def _move(rows: Sequence[dict[str, Any]], now: datetime, sent: datetime) -> None:
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        moved = [
            {
                "source": "anonymous",
                "source_id": secrets.token_hex(16),
                "customer": pseudonym(),
                "submitted_at": sent,
                "stored_at": now,
                **{
                    name: one[name]
                    for name in ("questionnaire_key", "version_number", "answers", "seed", *NOTHING)
                },
            }
            for one in chunk
        ]
        db.session.execute(insert(Response), moved)
        db.session.execute(delete(_sealed).where(_sealed.c.id.in_([one["id"] for one in chunk])))
