"""The suppression list: addresses that are never invited, each with the reason and the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.domain.problems import NotFound, Problem
from survey_app.invite.contact_fields import read_address
from survey_app.invite.contact_models import Suppression

ENTRIES_A_PAGE = 50
MOST_COUNTED = 1000
MOST_LINES = 10_000
LONGEST_NOTE = 500
# Reasons that are a person's own word.
SAID_SO = ("opted_out", "complaint")


def suppress(email: str, reason: str, now: datetime, detail: str = "") -> bool:
    """Put an address on the list (see `contact_models.REASONS`); gives whether it is new there.

    What stands there already stays as it is, unless the person says so now and did not before: an
    opt-out must not be lost because the address bounced first. `email` is in lower case.
    """
    entry = db.session.get(Suppression, email)
    if entry is not None:
        if entry.reason in SAID_SO or reason not in SAID_SO:
            return False
        entry.reason, entry.detail, entry.at = reason, detail, now
        db.session.flush()
        return True
    db.session.add(Suppression(email=email, reason=reason, detail=detail, at=now))
    db.session.flush()
    return True


def carry_over(before: str, after: str) -> None:
    """Keep the word of somebody whose address is changed: who said no at the old one did at the
    new one."""
    entry = db.session.get(Suppression, before)
    if entry is not None and entry.reason in SAID_SO:
        suppress(after, entry.reason, entry.at, entry.detail)


def release(email: str) -> bool:
    """Take an address off the list; gives whether it stood there."""
    entry = db.session.get(Suppression, email)
    if entry is None:
        return False
    db.session.delete(entry)
    db.session.flush()
    return True


@dataclass(frozen=True)
class Listed:
    """How many addresses were put on the list, and how many stood there already."""

    added: int
    known: int


def suppress_lines(lines: str, note: str, now: datetime) -> tuple[Listed | None, list[Problem]]:
    """Put addresses on the list by hand, one a line: all of them, or with a problem none."""
    numbered = [
        (number, line.strip()) for number, line in enumerate(lines.splitlines(), 1) if line.strip()
    ]
    problems = []
    addresses: dict[str, int] = {}
    for number, line in numbered[:MOST_LINES]:
        found = read_address(line)
        if isinstance(found, Problem):
            problems.append(Problem(f"line {number}", found.code, found.message))
        else:
            addresses.setdefault(found, number)
    if not numbered:
        problems = [Problem("addresses", "empty", "Write at least one address.")]
    if len(numbered) > MOST_LINES:
        message = f"At most {MOST_LINES:,} lines are taken at once. Send them in parts."
        problems = [Problem("addresses", "too_many", message)]
    if len(note) > LONGEST_NOTE:
        message = f"The note has {len(note)} characters; shorten it to {LONGEST_NOTE}."
        problems.append(Problem("note", "too_long", message))
    if problems:
        return None, problems
    added = sum(suppress(address, "listed", now, note.strip()) for address in addresses)
    record("addresses suppressed", f"{added} addresses", now, addresses=list(addresses)[:100])
    return Listed(added, len(addresses) - added), []


def release_address(email: str, now: datetime) -> None:
    """Take an address off the list, on the record; raises NotFound."""
    entry = suppression_of(email)
    detail = {"reason": entry.reason, "since": entry.at.isoformat()}
    release(email)
    record("address released", email, now, **detail)


def suppression_of(email: str) -> Suppression:
    """The entry of an address; raises NotFound."""
    entry = db.session.get(Suppression, email)
    if entry is None:
        raise NotFound("This address is not on the list. Search for it there.")
    return entry


@dataclass(frozen=True)
class SuppressionPage:
    """One page of the list, by address; `total` counts all pages up to MOST_COUNTED + 1, and
    `after` opens the next one."""

    entries: Sequence[Suppression]
    total: int
    after: str | None

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > MOST_COUNTED


def find_suppressions(words: str, after: str) -> SuppressionPage:
    """The entries whose address contains `words`, behind the address `after`."""
    wanted = select(Suppression)
    if words:
        wanted = wanted.where(Suppression.email.contains(words.lower(), autoescape=True))
    counted = wanted.with_only_columns(Suppression.email).limit(MOST_COUNTED + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(counted)) or 0
    found = db.session.scalars(
        wanted.where(Suppression.email > after)
        .order_by(Suppression.email)
        .limit(ENTRIES_A_PAGE + 1)
    ).all()
    page = found[:ENTRIES_A_PAGE]
    return SuppressionPage(page, total, page[-1].email if len(found) > len(page) else None)
