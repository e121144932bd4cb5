"""Asking customers some days after their visit: whom a visit names, and whether they are asked.

Once a day, at the minute that a series says, it looks at the visits that closed the right number
of local days before, and at earlier ones that were not decided on: those that became known late, or
closed while no worker ran. The decision on each visit is a row that the database allows once, in
one transaction with the invitation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.invite.contact_models import Contact
from survey_app.invite.following_up import (
    Occasion,
    campaign_of_month,
    invite_one,
    who_may_be_asked,
)
from survey_app.invite.jobs import send_mails
from survey_app.invite.models import IDENTIFIED, Campaign, CampaignSeries
from survey_app.invite.repeating import next_turn
from survey_app.jobs import enqueue
from survey_app.organisation.calendars import day_begins, moment_on
from survey_app.organisation.queries import below
from survey_app.visits.models import Process, Visit, VisitFollowUp
from survey_app.web import LARGEST_ROW_ID

CHUNK = 500
# How responses name a customer who has no number of their own.
CONTACT = "contact-"

# The end and the id of the last visit that was looked at.
Place = tuple[datetime, int]


def undecided_visits(
    series: CampaignSeries, zone: ZoneInfo, now: datetime, behind: Place | None = None
) -> Sequence[Visit]:
    """The next CHUNK of closed visits of a turn that names a customer and is not decided on.

    They are in the order of their ends, behind the `place_of` the last one seen.
    """
    return db.session.scalars(_select_undecided(series, zone, now, behind)).all()


def place_of(visit: Visit) -> Place:
    """Where a closed visit stands in the order of `undecided_visits`."""
    return _end_of(visit), visit.id


def decide_on(
    series: CampaignSeries, visits: Sequence[Visit], zone: ZoneInfo, now: datetime
) -> int:
    """Ask the customers of these visits, as far as they may be asked; gives how many were.

    A visit whose customer names no contact is left open, until the contact is known or it is too
    late. Of several visits of one contact the earlier one goes first.
    """
    named = customers_named({visit.customer for visit in visits})
    waiting = [visit for visit in visits if visit.customer in named]
    asked = decided = 0
    while waiting:
        # One of each contact at a time: whether the next may be asked depends on the one before.
        first_of_each: dict[int, Visit] = {}
        later = [
            visit
            for visit in waiting
            if first_of_each.setdefault(named[visit.customer], visit) is not visit
        ]
        decided += len(first_of_each)
        asked += _ask_each_once(series, first_of_each, zone, now)
        waiting = later
    if decided:
        record("customers asked after visits", series.name, now, visits=decided, asked=asked)
    if asked:
        enqueue(send_mails)
    return asked


def end_turn(series: CampaignSeries, zone: ZoneInfo, now: datetime) -> None:
    """All visits of the turn were looked at: the series is due again at its next one."""
    series.next_at = next_turn(series, now, zone)
    db.session.flush()


def customers_named(customers: Collection[str]) -> dict[str, int]:
    """Which contacts these customers are: ids by customer, without those who are none.

    A customer is named by a contact's external id, by 'contact-' and its id, or by its address.
    """
    by_id = {
        customer: int(number)
        for customer in customers
        if (number := customer.removeprefix(CONTACT)) != customer
        and number.isascii()
        and number.isdecimal()
        and int(number) <= LARGEST_ROW_ID
    }
    by_address = {customer: customer.lower() for customer in customers if "@" in customer}
    ids = set(db.session.scalars(select(Contact.id).where(Contact.id.in_(list(by_id.values())))))
    addresses = _contacts_with(Contact.email, by_address.values())
    found = {
        customer: addresses[email] for customer, email in by_address.items() if email in addresses
    }
    found |= {customer: number for customer, number in by_id.items() if number in ids}
    return found | _contacts_with(Contact.external_id, customers)


def _select_undecided(
    series: CampaignSeries, zone: ZoneInfo, now: datetime, behind: Place | None
) -> Select[tuple[Visit]]:
    today = now.astimezone(zone).date()
    turn = today if moment_on(today, series.at, zone) <= now else today - timedelta(days=1)
    first = day_begins(today - timedelta(days=series.days + series.open_days), zone)
    conditions = [
        # By its id, not by a join: so the visits come out of the index in their order.
        Visit.process_id
        == select(Process.id).where(Process.key == series.process_key).scalar_subquery(),
        Visit.ended_at >= max(first, series.since or first),
        Visit.ended_at < moment_on(turn - timedelta(days=series.days), 24 * 60, zone),
        Visit.void.is_(False),
        Visit.customer != "",
        ~exists().where(VisitFollowUp.series_id == series.id, VisitFollowUp.visit_id == Visit.id),
    ]
    if series.pattern.audience_unit_id is not None:
        conditions.append(Visit.unit_id.in_(below([series.pattern.audience_unit_id])))
    if behind is not None:
        ended_at, visit_id = behind
        conditions.append(
            # The first part is where the index is entered.
            and_(Visit.ended_at >= ended_at, or_(Visit.ended_at > ended_at, Visit.id > visit_id))
        )
    return (
        select(Visit)
        .where(*conditions)
        .order_by(Visit.ended_at, Visit.id)
        .limit(CHUNK)
        .options(joinedload(Visit.process))
    )


def _contacts_with(column: Any, values: Iterable[str]) -> dict[str, int]:
    """Ids of the contacts that have one of these values in a unique column, by the value."""
    found = select(column, Contact.id).where(column.in_(list(values)))
    return dict(db.session.execute(found).tuples().all())


def _ask_each_once(
    series: CampaignSeries, visits: dict[int, Visit], zone: ZoneInfo, now: datetime
) -> int:
    """Decide on one visit of each contact, given by the contact's id."""
    by_month: dict[date, dict[int, Visit]] = {}
    for contact_id, visit in visits.items():
        month = _closed_on(visit, zone).replace(day=1)
        by_month.setdefault(month, {})[contact_id] = visit
    asked = 0
    for month, some in by_month.items():
        campaign = campaign_of_month(series, month, zone, now)
        may = who_may_be_asked(campaign, some.keys(), now)
        for contact_id, visit in some.items():
            occasion = _occasion_of(visit, series, campaign, zone, now)
            is_asked = contact_id in may and occasion.expires_at > now
            if is_asked:
                invite_one(campaign, may[contact_id], occasion)
                asked += 1
            db.session.add(
                VisitFollowUp(
                    series_id=series.id, visit_id=visit.id, asked=is_asked, decided_at=now
                )
            )
    db.session.flush()
    return asked


def _occasion_of(
    visit: Visit, series: CampaignSeries, campaign: Campaign, zone: ZoneInfo, now: datetime
) -> Occasion:
    attributes = {"process": visit.process.key}
    if campaign.mode == IDENTIFIED:
        # Of others nothing may lead from an answer to who gave it, and the visit names them.
        attributes["visit"] = visit.public_id
    last = _closed_on(visit, zone) + timedelta(days=series.days + series.open_days)
    ends = moment_on(last, 24 * 60, zone)
    return Occasion(
        unit_id=visit.unit_id,
        representative_id=visit.representative_id,
        attributes=attributes,
        begins=now,
        expires_at=min(ends, campaign.closes_at or ends),
    )


def _closed_on(visit: Visit, zone: ZoneInfo) -> date:
    return _end_of(visit).astimezone(zone).date()


def _end_of(visit: Visit) -> datetime:
    assert visit.ended_at is not None, f"The visit {visit.id} has not ended."
    return visit.ended_at
