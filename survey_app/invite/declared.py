"""What was declared of contacts' attributes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.invite.contact_models import ContactAttribute


@dataclass(frozen=True)
class Declared:
    """What an attribute's values must be: its kind, and the values of kind 'choice'."""

    label: str
    kind: str
    choices: tuple[str, ...]


def declared_attributes() -> dict[str, Declared]:
    """All declared attributes by key, in the order of their labels."""
    rows = db.session.scalars(
        select(ContactAttribute).order_by(ContactAttribute.label, ContactAttribute.key)
    )
    return {row.key: Declared(row.label, row.kind, tuple(row.choices)) for row in rows}


def attribute_by_key(key: str) -> ContactAttribute:
    """The declared attribute; raises NotFound."""
    found = db.session.get(ContactAttribute, key)
    if found is None:
        raise NotFound("There is no such attribute. Choose one from the list.")
    return found
