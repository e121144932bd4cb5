"""How far a campaign is: mails, answers and the response rate, in all and by attribute."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

from sqlalchemy import ColumnElement, case, distinct, func, literal, select

from survey_app.db import db
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.organisation.models import Representative, Unit

MOST_GROUPS = 50
NOT_KNOWN = "–"
# Two-sided 95 %.
Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Progress:
    """Numbers of people: each is counted once, whatever number of mails they got.

    `delivered` have a mail of which nothing came back so far, or a complaint; of `bounced` a mail
    came back or was refused for good, and none got through. `by_link` answered by an open link;
    they were not invited and are in no rate. `reminders` counts mails.
    """

    invited: int
    sent: int
    delivered: int
    bounced: int
    started: int
    answered: int
    opted_out: int
    by_link: int
    reminders: int


@dataclass(frozen=True)
class Rate:
    """The response rate RR1 of a group: responses over all who were invited.

    AAPOR, Standard Definitions: complete responses over all eligible cases and all of unknown
    eligibility. Bounced mails stay in the denominator, since nobody knows who is behind them;
    answers that were begun and not sent are no responses.
    """

    label: str
    invited: int
    answered: int

    @property
    def value(self) -> float:
        """The share that answered, 0 to 1."""
        return self.answered / self.invited if self.invited else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (1927) at 95 %, for how willing such people are to answer."""
        n, share = self.invited, self.value
        if not n:
            return 0.0, 1.0
        middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


def measure_progress(campaign: Campaign) -> Progress:
    """The numbers of one campaign."""
    personal = Invitation.contact_id.is_not(None)
    people = db.session.execute(
        select(
            func.count(Invitation.id).filter(personal),
            func.count(Invitation.id).filter(personal, Invitation.started | Invitation.answered),
            func.count(Invitation.id).filter(personal, Invitation.answered),
            func.count(Invitation.id).filter(Invitation.opted_out_at.is_not(None)),
            func.count(Invitation.id).filter(~personal, Invitation.answered),
        ).where(Invitation.campaign_id == campaign.id, Invitation.revoked_at.is_(None))
    ).one()
    through = (OutboxMail.state == "sent") & OutboxMail.report.in_(("", "complaint"))
    back = OutboxMail.report.in_(("hard", "soft"))
    mails = db.session.execute(
        select(
            func.count(distinct(case((OutboxMail.state == "sent", OutboxMail.invitation_id)))),
            func.count(distinct(case((through, OutboxMail.invitation_id)))),
            func.count(distinct(case((through | back, OutboxMail.invitation_id)))),
            func.count(OutboxMail.id).filter(OutboxMail.number > 0, OutboxMail.state == "sent"),
        ).where(OutboxMail.campaign_id == campaign.id)
    ).one()
    invited, started, answered, opted_out, by_link = people
    sent, delivered, either, reminders = mails
    return Progress(
        invited=invited,
        sent=sent,
        delivered=delivered,
        bounced=either - delivered,
        started=started,
        answered=answered,
        opted_out=opted_out,
        by_link=by_link,
        reminders=reminders,
    )


def rates_by(campaign: Campaign, attribute: str) -> list[Rate]:
    """The response rate of each value of an attribute, the largest groups first.

    "unit", "representative" and "language" are known of every contact; anything else is an
    attribute as of sending. "" gives the campaign's own rate.
    """
    label, joins = _label_of(attribute)
    query = select(label, func.count(Invitation.id), func.count().filter(Invitation.answered))
    for table, on in joins:
        query = query.outerjoin(table, on)
    rows = db.session.execute(
        query.select_from(Invitation)
        .where(
            Invitation.campaign_id == campaign.id,
            Invitation.contact_id.is_not(None),
            Invitation.revoked_at.is_(None),
        )
        .group_by(label)
        .order_by(func.count(Invitation.id).desc(), label)
        .limit(MOST_GROUPS)
    )
    return [Rate(value or NOT_KNOWN, invited, answered) for value, invited, answered in rows]


def _label_of(attribute: str) -> tuple[ColumnElement[Any], list[tuple[Any, Any]]]:
    match attribute:
        case "":
            return literal("All"), []
        case "unit":
            return Unit.name, [(Unit, Unit.id == Invitation.unit_id)]
        case "representative":
            person = Representative.id == Invitation.representative_id
            return Representative.name, [(Representative, person)]
        case "language":
            return Contact.language, [(Contact, Contact.id == Invitation.contact_id)]
    return Invitation.attributes[attribute].as_string(), []
