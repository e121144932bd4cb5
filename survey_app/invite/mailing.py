"""The outbox: workers claim mails, try to send them, and write down what became of them.

A claim names its worker and is valid for CLAIM_HOLDS; what a worker that died has claimed is taken
back, at once on the same machine, elsewhere when the claim ends. What a worker writes down counts
only while its own claim stands, so that a late one changes nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, func, select, update
from sqlalchemy.exc import OperationalError

from survey_app.db import db
from survey_app.driver import write_row
from survey_app.invite.composing import Letter
from survey_app.invite.contact_models import Contact, Suppression
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.invite.pacing import sending_campaigns
from survey_app.invite.preselecting import FirstQuestion, first_question
from survey_app.invite.tokens import Keys, issue_keys, personal_link, unsubscribe_link

CLAIM_HOLDS = timedelta(minutes=10)
MOST_ATTEMPTS = 8
LONGEST_PAUSE = timedelta(days=1)
LONGEST_REASON = 500
# For some minutes, as long as the claim stands for certain.
MOST_WRITE_ATTEMPTS = 8
SECONDS_BETWEEN_WRITES = 5.0
RUNNING = "running"
ENDED = "The last day for answers was over before the mail could be sent."
REMINDED = "Has answered since."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClaimedMail:
    """A mail that this worker has, with all it needs, so that sending asks no database."""

    id: int
    claimed_at: datetime
    claimed_by: str
    attempts: int
    not_before: datetime
    error: str
    letter: Letter


def claim_mails(limit: int, now: datetime, zone: ZoneInfo) -> list[ClaimedMail]:
    """Claim up to `limit` mails that are due; commit before sending, or the links are not valid.

    Mails that must not be sent any more (opted out, closed, revoked, answered) are dropped instead.
    """
    take_back(now)
    while due := _take(limit, now, zone):
        if claimed := _write_letters(due, now):
            return claimed
    return []


def somebody_sends(now: datetime) -> bool:
    """Whether a worker has taken mails lately and is at it."""
    latest = db.session.scalar(
        select(func.max(OutboxMail.claimed_at)).where(OutboxMail.state == "sending")
    )
    return latest is not None and latest > now - timedelta(minutes=2)


def take_back(now: datetime) -> int:
    """Queue again what was claimed by workers that are gone; gives how many mails that were.

    The mail that such a worker had on the wire may have arrived; no other was tried.
    """
    claimants = db.session.scalars(
        select(OutboxMail.claimed_by).where(OutboxMail.state == "sending").distinct()
    ).all()
    dead = [one for one in claimants if is_dead(one)]
    taken: int = db.session.execute(
        update(OutboxMail)
        .where(
            OutboxMail.state == "sending",
            OutboxMail.claimed_by.in_(dead) | (OutboxMail.claimed_at < now - CLAIM_HOLDS),
        )
        .values(state="queued", claimed_at=None, claimed_by="")
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    return taken


def drop_ended(now: datetime) -> None:
    """Drop at once what is queued of campaigns that are over, however much it is."""
    ended = select(Campaign.id).where(Campaign.closes_at <= now)
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.state == "queued", OutboxMail.campaign_id.in_(ended))
        .values(state="dropped", error=ENDED)
        .execution_options(synchronize_session=False)
    )


def record_sent(connection: Connection, mail: ClaimedMail, now: datetime) -> None:
    """The server took the mail."""
    _write(connection, mail, state="sent", attempts=mail.attempts + 1, sent_at=now)


def record_failed(
    connection: Connection, mail: ClaimedMail, reason: str, bounced_at: datetime | None = None
) -> None:
    """The mail will never be taken; the reason is a sentence. `bounced_at`: the server said so."""
    _write(
        connection,
        mail,
        state="failed",
        attempts=mail.attempts + 1,
        error=reason[:LONGEST_REASON],
        report="hard" if bounced_at else "",
        reported_at=bounced_at,
    )


def postpone(connection: Connection, mail: ClaimedMail, reason: str, now: datetime) -> None:
    """Try again after 1, 5, 25 ... minutes; after MOST_ATTEMPTS attempts the mail has failed."""
    attempts = mail.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        last = f"{reason} This was the last of {attempts} attempts."
        record_failed(connection, mail, last)
        return
    pause = min(timedelta(minutes=5 ** (attempts - 1)), LONGEST_PAUSE)
    _write(
        connection,
        mail,
        state="queued",
        attempts=attempts,
        not_before=now + pause,
        error=reason[:LONGEST_REASON],
    )


def release(connection: Connection, mails: Sequence[ClaimedMail]) -> None:
    """Give mails back that were claimed and not tried."""
    for mail in mails:
        _write(connection, mail, state="queued", attempts=mail.attempts, error=mail.error)


def is_dead(claimant: str) -> bool:
    """Whether the worker that this names ran on this machine and has ended."""
    machine, _, process = claimant.rpartition("/")
    number, _, started = process.partition("-")
    if machine != _machine() or not number.isdecimal():
        return False
    now = _started_at(int(number))
    # Where processes of others are hidden, nothing is known of them.
    return now != started and RUNNING not in (now, started)


@cache
def _claimant(process: int) -> str:
    """This worker: machine, process and when that began, since numbers are given out again."""
    return f"{_machine()}/{process}-{_started_at(process)}"


@cache
def _machine() -> str:
    """What numbers processes: this machine since it was started, or the container on it."""
    boot, space = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    started = boot.read_text().strip()[:8] if boot.exists() else ""
    numbering = space.readlink().name if space.is_symlink() else ""
    return f"{socket.gethostname()[:50]}-{started}-{numbering}"[:90]


def _started_at(process: int) -> str:
    """What tells a running process from an earlier one with its number; '' where there is none."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return RUNNING
    # The name in brackets may hold blanks; the start is the 22nd field, the state the third.
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _take(limit: int, now: datetime, zone: ZoneInfo) -> list[int]:
    """Claim mails of the campaigns that may send now; gives their ids."""
    due: list[int] = []
    for campaign, share in sending_campaigns(limit, now, zone):
        # PostgreSQL locks the rows and passes over those another worker locks; on SQLite the whole
        # transaction has the only write lock.
        due += db.session.scalars(
            select(OutboxMail.id)
            .where(
                OutboxMail.campaign_id == campaign.id,
                OutboxMail.state == "queued",
                OutboxMail.not_before <= now,
            )
            .order_by(OutboxMail.not_before, OutboxMail.id)
            .limit(min(share, limit - len(due)))
            .with_for_update(skip_locked=True)
        )
        if len(due) >= limit:
            break
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.id.in_(due))
        .values(state="sending", claimed_at=now, claimed_by=_claimant(os.getpid()))
        .execution_options(synchronize_session=False)
    )
    return due


def _write_letters(mail_ids: Sequence[int], now: datetime) -> list[ClaimedMail]:
    rows = db.session.execute(
        select(
            OutboxMail.id,
            OutboxMail.attempts,
            OutboxMail.not_before,
            OutboxMail.error,
            OutboxMail.number,
            OutboxMail.invitation_id,
            OutboxMail.campaign_id,
            Invitation.revoked_at,
            Invitation.expires_at,
            Invitation.answered,
            Invitation.opted_out_at,
            Contact.name,
            Contact.email,
            Contact.language,
            Suppression.reason,
        )
        .join(Invitation, Invitation.id == OutboxMail.invitation_id)
        .join(Contact, Contact.id == Invitation.contact_id)
        .outerjoin(Suppression, Suppression.email == Contact.email)
        .where(OutboxMail.id.in_(mail_ids))
        .order_by(OutboxMail.id)
    ).all()
    obstacles = {row.id: obstacle for row in rows if (obstacle := _obstacle(row, now))}
    for reason in set(obstacles.values()):
        held = [mail_id for mail_id, why in obstacles.items() if why == reason]
        db.session.execute(
            update(OutboxMail)
            .where(OutboxMail.id.in_(held))
            .values(state="dropped", claimed_at=None, claimed_by="", error=reason)
            .execution_options(synchronize_session=False)
        )
    free = [row for row in rows if row.id not in obstacles]
    keys = issue_keys([row.invitation_id for row in free], now)
    campaigns = {
        campaign.id: (campaign, first_question(campaign))
        for campaign in db.session.scalars(
            select(Campaign).where(Campaign.id.in_({row.campaign_id for row in free}))
        )
    }
    return [
        ClaimedMail(
            id=row.id,
            claimed_at=now,
            claimed_by=_claimant(os.getpid()),
            attempts=row.attempts,
            not_before=row.not_before,
            error=row.error,
            letter=_letter(row, *campaigns[row.campaign_id], key),
        )
        for row, key in zip(free, keys, strict=True)
    ]


def _obstacle(row: Row[Any], now: datetime) -> str:
    if row.reason is not None:
        return (
            "The contact has opted out since."
            if row.reason == "opted_out"
            else ("The address was put on the list of those not to be asked.")
        )
    if row.opted_out_at is not None:
        return "The contact has opted out since."
    if row.revoked_at is not None:
        return "The invitation was revoked."
    if row.expires_at is not None and row.expires_at <= now:
        return ENDED
    if row.answered:
        return REMINDED
    return ""


def _letter(
    row: Row[Any], campaign: Campaign, question: FirstQuestion | None, keys: Keys
) -> Letter:
    reminds = row.number > 0
    link = personal_link(keys.token)
    asked = question.in_language(row.language) if question else None
    return Letter(
        to_name=row.name,
        to_address=row.email,
        subject=(campaign.reminder_subject if reminds else "") or campaign.subject,
        message=(campaign.reminder_message if reminds else "") or campaign.message,
        link=link,
        unsubscribe=unsubscribe_link(keys.unsubscribe),
        language=row.language or "en",
        question=asked.text if asked else "",
        choices=asked.choices(link) if asked else (),
        mail_id=row.id,
    )


# Written once: to build a statement takes longer than to run it.
_mail = OutboxMail.__table__
WRITE_DOWN = (
    update(_mail)
    .where(
        _mail.c.id == bindparam("of_mail"),
        _mail.c.state == "sending",
        _mail.c.claimed_at == bindparam("since"),
        _mail.c.claimed_by == bindparam("claimant"),
    )
    .values(
        claimed_at=None,
        claimed_by="",
        state=bindparam("state"),
        attempts=bindparam("attempts"),
        not_before=bindparam("not_before"),
        sent_at=bindparam("sent_at"),
        error=bindparam("error"),
        report=bindparam("report"),
        reported_at=bindparam("reported_at"),
    )
)


def _write(connection: Connection, mail: ClaimedMail, **values: Any) -> None:
    """Write down what became of a mail, while this worker's claim stands."""
    row = {
        "of_mail": mail.id,
        "since": mail.claimed_at,
        "claimant": mail.claimed_by,
        "not_before": mail.not_before,
        "sent_at": None,
        "error": "",
        "report": "",
        "reported_at": None,
    }
    for _attempt in range(MOST_WRITE_ATTEMPTS):
        try:
            write_row(connection, WRITE_DOWN, row | values)
            return
        except OperationalError:
            # The server has the mail: to give up here would be to send it again.
            log.warning("What became of mail %s cannot be written down yet", mail.id)
            connection.rollback()
            time.sleep(SECONDS_BETWEEN_WRITES)
    connection.execute(WRITE_DOWN, row | values)
