"""Finding contacts, quickly also among a million, and what is known of one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    column,
    false,
    func,
    literal_column,
    select,
    table,
    text,
    true,
)
from sqlalchemy.orm import joinedload

from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.invite.audience import may_be_asked
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.organisation.queries import below
from survey_app.organisation.sight import Sight, in_sight, is_in_sight

CONTACTS_A_PAGE = 50
# Beyond, nobody reads a number; counting a million takes longer than showing fifty.
MOST_COUNTED = 1000
# So many found are sorted by address. With more of them that takes SQLite up to a second: they are
# given in the order of their ids, in which its index has them.
MOST_SORTED = 10_000
LONGEST_ID = 18
INVITATIONS_SHOWN = 50
WORD = re.compile(r"[^\W_]+")
# The words of a contact as the migration's index has them.
_WORDS_INDEXED = literal_column(
    "to_tsvector('simple', fold_words(contact.email || ' ' || contact.name || ' ' || "
    "coalesce(contact.external_id, '')))"
)

_INDEX = table("contact_words", column("rowid"))
_MATCHING = text("contact_words MATCH :asked")


@dataclass(frozen=True)
class Wanted:
    """Which contacts are looked for: `words` begin words of address, name or external id; a unit
    stands for all units below it; `askable_at` is the moment at which they may be invited."""

    words: str = ""
    unit_id: int | None = None
    askable_at: datetime | None = None


@dataclass(frozen=True)
class ContactPage:
    """One page of contacts, `by_address` or in the order in which they were added; `after` opens
    the next one.

    `total` counts all pages, up to MOST_COUNTED + 1.
    """

    contacts: Sequence[Contact]
    total: int
    after: str | None
    by_address: bool = True

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > MOST_COUNTED


def contact_by_id(contact_id: int, within: Sight) -> Contact:
    """The contact, if it is in sight; raises NotFound."""
    contact = db.session.get(Contact, contact_id)
    if contact is None or not in_sight(contact.unit_id, within):
        raise NotFound("There is no such contact. Search for it in the list of contacts.")
    return contact


def find_contacts(wanted: Wanted, after: str = "", within: Sight = None) -> ContactPage:
    """The contacts wanted that are in sight, behind the place `after` of the page before."""
    found = _having_words(wanted.words)
    conditions = [is_in_sight(Contact.unit_id, within), found.condition]
    if wanted.unit_id is not None:
        conditions.append(Contact.unit_id.in_(below([wanted.unit_id])))
    if wanted.askable_at is not None:
        conditions.append(may_be_asked(wanted.askable_at))
    matching = found.source.where(*conditions)
    counted = matching.with_only_columns(Contact.id).limit(MOST_COUNTED + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(counted)) or 0
    if found.by_address:
        order, behind = Contact.email, Contact.email > after
    else:
        # The place of a page by address says nothing here.
        is_id = after.isascii() and after.isdecimal() and len(after) <= LONGEST_ID
        order, behind = _INDEX.c.rowid, _INDEX.c.rowid > (int(after) if is_id else 0)
    contacts = db.session.scalars(
        matching.where(behind)
        .order_by(order)
        .limit(CONTACTS_A_PAGE + 1)
        .options(
            joinedload(Contact.unit),
            joinedload(Contact.representative),
            joinedload(Contact.suppression),
        )
    ).all()
    page = contacts[:CONTACTS_A_PAGE]
    last = page[-1] if len(contacts) > len(page) else None
    place = last and (last.email if found.by_address else str(last.id))
    return ContactPage(page, total, place, found.by_address)


@dataclass(frozen=True)
class _Having:
    """Where contacts with some words come from, on which condition, and in which order."""

    source: Select[tuple[Contact]]
    condition: ColumnElement[bool]
    by_address: bool = True


def _having_words(words: str) -> _Having:
    """The contacts in whose address, name or id stand the beginnings of words.

    'kell' is in 'mia.keller@example.org'; 'ann.k' needs the word 'ann' and behind it one that
    begins with 'k'.
    """
    parts = unicodedata.normalize("NFC", words).split()
    phrases = [found for part in parts if (found := WORD.findall(part))]
    everybody = select(Contact)
    if not words:
        return _Having(everybody, true())
    if not phrases:
        return _Having(everybody, false())
    if db.engine.dialect.name == "postgresql":
        # Folded by the database, as what it is compared with.
        asked = " ".join(word for phrase in phrases for word in phrase)
        folded = iter((db.session.scalar(select(func.fold_words(asked))) or "").split(" "))
        query = " & ".join(
            f"({' <-> '.join(next(folded) for _word in phrase)}:*)" for phrase in phrases
        )
        matches = _WORDS_INDEXED.op("@@")(func.to_tsquery(literal_column("'simple'"), query))
        return _Having(everybody, matches)
    asked = " AND ".join(f'"{" ".join(phrase)}"*' for phrase in phrases)
    matching = select(_INDEX.c.rowid).where(_MATCHING.bindparams(asked=asked))
    few = select(func.count()).select_from(matching.limit(MOST_SORTED).subquery())
    if (db.session.scalar(few) or 0) < MOST_SORTED:
        return _Having(everybody, Contact.id.in_(matching))
    joined = everybody.join_from(_INDEX, Contact, Contact.id == _INDEX.c.rowid)
    return _Having(joined, _MATCHING.bindparams(asked=asked), by_address=False)


@dataclass(frozen=True)
class Asked:
    """One invitation of a contact: its campaign, when its first mail left, whether it is answered,
    and what came back of its mails ('' for nothing)."""

    campaign: str
    at: datetime
    sent_at: datetime | None
    answered: bool
    report: str
    report_detail: str


def invitations_of(contact: Contact) -> list[Asked]:
    """The newest invitations of a contact; who answered is told, what they answered is not."""
    sent = (
        select(
            OutboxMail.invitation_id,
            func.min(OutboxMail.sent_at).label("sent_at"),
            func.max(OutboxMail.report).label("report"),
            func.max(OutboxMail.report_detail).label("detail"),
        )
        .join(Invitation, Invitation.id == OutboxMail.invitation_id)
        .where(Invitation.contact_id == contact.id)
        .group_by(OutboxMail.invitation_id)
        .subquery()
    )
    rows: Select[Any] = (
        select(
            Campaign.name,
            Invitation.created_at,
            sent.c.sent_at,
            Invitation.answered,
            func.coalesce(sent.c.report, ""),
            func.coalesce(sent.c.detail, ""),
        )
        .join(Campaign, Campaign.id == Invitation.campaign_id)
        .outerjoin(sent, sent.c.invitation_id == Invitation.id)
        .where(Invitation.contact_id == contact.id)
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(INVITATIONS_SHOWN)
    )
    return [Asked(*row) for row in db.session.execute(rows)]
