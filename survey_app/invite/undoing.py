"""Taking back what a file changed of the contacts, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.invite.contact_models import Contact, ContactChange
from survey_app.invite.contact_rows import KEPT, columns, document
from survey_app.invite.models import Invitation


@dataclass(frozen=True)
class Undone:
    """One chunk is taken back: contacts deleted, contacts as they were, and those left as they are:
    because they were invited meanwhile, or because somebody changed them since."""

    deleted: int = 0
    restored: int = 0
    invited: int = 0
    changed: int = 0


def undo_changes(batch_id: int, chunk: int) -> Iterator[Undone]:
    """Take back a batch; at each step a chunk of its changes is dealt with and forgotten.

    A contact that the file added is deleted, one that it updated gets its earlier values, unless
    it was invited or changed since.
    """
    while changes := db.session.scalars(
        select(ContactChange)
        .where(ContactChange.batch_id == batch_id)
        .order_by(ContactChange.contact_id)
        .limit(chunk)
    ).all():
        told = {one.contact_id: (one.before, one.after) for one in changes}
        yield _undo_chunk(batch_id, told)


def _undo_chunk(
    batch_id: int, told: dict[int, tuple[dict[str, Any] | None, dict[str, Any]]]
) -> Undone:
    contacts = db.session.execute(
        select(*KEPT, exists().where(Invitation.contact_id == Contact.id).label("invited"))
        .where(Contact.id.in_(told))
        # Nobody changes or invites them between this look and what is done about it.
        .with_for_update()
    ).all()
    unwanted: list[int] = []
    earlier: list[dict[str, Any]] = []
    invited = changed = 0
    for contact in contacts:
        before, after = told[contact.id]
        if document(contact._mapping) != after:
            changed += 1
        elif before is not None:
            earlier.append({**columns(before), "id": contact.id})
        elif contact.invited:
            invited += 1
        else:
            unwanted.append(contact.id)
    db.session.execute(
        delete(ContactChange).where(
            ContactChange.batch_id == batch_id, ContactChange.contact_id.in_(told)
        )
    )
    # Who was invited at this very moment stays; so does who has an earlier address or id by now.
    deleted = _as_many_as_can(_delete, unwanted)
    restored = _as_many_as_can(_update, earlier)
    return Undone(
        deleted, restored, invited + len(unwanted) - deleted, changed + len(earlier) - restored
    )


def _as_many_as_can(deed: Callable[[Sequence[Any]], None], rows: Sequence[Any]) -> int:
    """Do it to all rows at once, or where the database refuses that, to those it lets one by one;
    gives to how many."""
    if not rows:
        return 0
    try:
        with db.session.begin_nested():
            deed(rows)
    except IntegrityError:
        return sum(_as_many_as_can(deed, [row]) for row in rows) if len(rows) > 1 else 0
    return len(rows)


def _delete(ids: Sequence[int]) -> None:
    db.session.execute(delete(Contact).where(Contact.id.in_(ids)))


def _update(rows: Sequence[dict[str, Any]]) -> None:
    db.session.execute(update(Contact), list(rows))
