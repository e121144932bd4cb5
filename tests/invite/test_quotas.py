"""So many answers of people like these, and then no more."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.invite.models import CONFIDENTIAL, IDENTIFIED, Campaign, Invitation, OpenLink
from survey_app.invite.quotas import full_quota, quota_counts
from tests.factories.modes import ask, start_campaign
from tests.factories.open_links import add_open_link
from tests.factories.workplaces import make_workplace


def quota(attribute: str, value: str, limit: int) -> dict[str, Any]:
    return {"attribute": attribute, "value": value, "limit": limit}


@pytest.mark.parametrize(
    ("attribute", "value", "counted"),
    [
        # Anna's two and the one without a representative; Credit's two; all of them.
        ("unit", "leasing", 3),
        ("unit", "credit", 2),
        ("unit", "company", 5),
        ("unit", "nowhere", 0),
        ("representative", "anna", 2),
        ("language", "de", 2),
        ("segment", "gold", 3),
        ("segment", "Gold", 0),
        ("tier", "gold", 0),
    ],
)
def test_who_has_answered_is_counted_by_what_is_known_of_them(
    app: Flask, attribute: str, value: str, counted: int
) -> None:
    with app.app_context():
        place = make_workplace()
        anna = {"unit_id": place.leasing.id, "representative_id": place.anna.id}
        people: list[dict[str, Any]] = [
            anna | {"attributes": {"segment": "gold"}, "answered": True},
            anna | {"attributes": {"segment": "gold"}, "answered": True, "language": "de"},
            {"unit_id": place.leasing.id, "answered": True},
            {"unit_id": place.credit.id, "attributes": {"segment": "gold"}, "answered": True},
            {"unit_id": place.credit.id, "answered": True, "language": "de"},
            # Has only begun.
            anna | {"attributes": {"segment": "gold"}, "started": True, "language": "de"},
        ]
        wanted = quota(attribute, value, 1)
        campaign = start_campaign(IDENTIFIED, quotas=[wanted])
        for number, person in enumerate(people):
            ask(campaign, number, **person)
        # Of another campaign.
        version = (campaign.questionnaire_key, campaign.version_number)
        other = Campaign(
            name="other",
            questionnaire_key=version[0],
            version_number=version[1],
            subject="",
            message="",
            created_at=campaign.created_at,
        )
        db.session.add(other)
        db.session.flush()
        ask(other, 99, **people[1])
        assert quota_counts(campaign) == [(wanted, counted)]


def test_the_first_full_quota_that_somebody_falls_under_is_told(app: Flask) -> None:
    with app.app_context():
        quotas = [quota("segment", "gold", 2), quota("language", "de", 1)]
        campaign = start_campaign(CONFIDENTIAL, quotas=quotas)
        gold = {"attributes": {"segment": "gold"}}
        ask(campaign, 1, answered=True, **gold)
        waiting, _ = ask(campaign, 2, language="de", **gold)
        assert full_quota(Invitation, waiting.id, quotas) is None
        ask(campaign, 3, answered=True, language="de")
        assert full_quota(Invitation, waiting.id, quotas) == quotas[1]
        ask(campaign, 4, answered=True, **gold)
        assert full_quota(Invitation, waiting.id, quotas) == quotas[0]
        assert full_quota(Invitation, ask(campaign, 5)[0].id, quotas) is None
        assert full_quota(Invitation, waiting.id, []) is None


@pytest.mark.parametrize(
    ("attribute", "value", "is_full"),
    [
        ("unit", "company", True),
        ("unit", "credit", False),
        ("place", "door", True),
        ("place", "shop", False),
        # Nobody knows what language they will speak.
        ("language", "de", False),
    ],
)
def test_who_comes_by_an_open_link_falls_under_what_the_link_says(
    app: Flask, attribute: str, value: str, is_full: bool
) -> None:
    with app.app_context():
        place = make_workplace()
        link = add_open_link(unit_id=place.leasing.id)
        person = {"unit_id": place.leasing.id, "attributes": {"place": "door"}, "language": "de"}
        ask(link.campaign, 1, answered=True, **person)
        quotas = [quota(attribute, value, 1)]
        assert full_quota(OpenLink, link.id, quotas) == (quotas[0] if is_full else None)
