"""Whom a campaign asks: its audience, who of it may be asked now, and the sample that is drawn."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, exists, false, func, select, true

from survey_app.db import db
from survey_app.invite.contact_models import Contact, Suppression, rules
from survey_app.invite.models import Invitation
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import below


class Audience(Protocol):
    """What says whom a campaign asks: the campaign itself, or a plan of one."""

    @property
    def audience_unit_id(self) -> int | None:
        """The unit whose contacts, and those of all units below it, are asked; None: all."""

    @property
    def audience_filter(self) -> dict[str, list[str]]:
        """The values that each named attribute may have."""

    @property
    def sample_size(self) -> int | None:
        """How many are drawn at random; None: everybody."""


@dataclass(frozen=True)
class AudienceCount:
    """How many contacts an audience has, and how many of them are left out and why.

    Each is counted under the first reason that holds, so the parts and `invited` add up to
    `matching`.
    """

    matching: int
    suppressed: int
    without_consent: int
    asked_lately: int
    not_drawn: int

    @property
    def invited(self) -> int:
        """How many would be invited."""
        left_out = self.suppressed + self.without_consent + self.asked_lately + self.not_drawn
        return self.matching - left_out


def in_audience(audience: Audience) -> ColumnElement[bool]:
    """The condition on contacts for belonging to an audience."""
    conditions: list[ColumnElement[bool]] = [true()]
    if audience.audience_unit_id is not None:
        conditions.append(Contact.unit_id.in_(below([audience.audience_unit_id])))
    conditions += [_has(name, values) for name, values in audience.audience_filter.items()]
    return and_(*conditions)


def may_be_asked(now: datetime) -> ColumnElement[bool]:
    """The condition on contacts for being invited by any campaign at `now`."""
    return and_(~_suppressed(), _consented(), ~_asked_lately(now))


def count_audience(audience: Audience, now: datetime) -> AudienceCount:
    """How many contacts the audience has at `now`, and who of them is left out."""
    stop, consent, lately = _suppressed(), _consented(), _asked_lately(now)
    row = db.session.execute(
        select(
            func.count(Contact.id),
            func.count(Contact.id).filter(stop),
            func.count(Contact.id).filter(~stop, ~consent),
            func.count(Contact.id).filter(~stop, consent, lately),
        ).where(in_audience(audience))
    ).one()
    matching, suppressed, without_consent, asked_lately = row
    may = matching - suppressed - without_consent - asked_lately
    drawn = may if audience.sample_size is None else min(may, audience.sample_size)
    return AudienceCount(matching, suppressed, without_consent, asked_lately, may - drawn)


def draw_sample(audience: Audience, seed: str, now: datetime) -> list[int]:
    """Ids of a random sample of those who may be asked, in order; the same for the same seed."""
    ids = db.session.scalars(
        select(Contact.id).where(in_audience(audience), may_be_asked(now)).order_by(Contact.id)
    ).all()
    size = len(ids) if audience.sample_size is None else min(audience.sample_size, len(ids))
    return sorted(random.Random(seed).sample(ids, size))


def show_some(audience: Audience, now: datetime, most: int = 5) -> Sequence[Contact]:
    """The first of those who may be asked, for a preview."""
    return db.session.scalars(
        select(Contact)
        .where(in_audience(audience), may_be_asked(now))
        .order_by(Contact.id)
        .limit(most)
    ).all()


def _has(name: str, values: Sequence[str]) -> ColumnElement[bool]:
    if name == "language":
        return Contact.language.in_(values)
    if name == "representative":
        people = select(Representative.id).where(Representative.key.in_(values))
        return Contact.representative_id.in_(people)
    value: Any = Contact.attributes[name].as_string()
    found: ColumnElement[bool] = value.in_(values)
    return found


def _suppressed() -> ColumnElement[bool]:
    return exists().where(Suppression.email == Contact.email)


def _consented() -> ColumnElement[bool]:
    return Contact.consent_at.is_not(None) if rules().needs_consent else true()


def _asked_lately(now: datetime) -> ColumnElement[bool]:
    days = rules().fatigue_days
    if not days:
        return false()
    # One that is written for a later day is later than this as well.
    return exists().where(
        Invitation.contact_id == Contact.id, Invitation.created_at > now - timedelta(days=days)
    )
