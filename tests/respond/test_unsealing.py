"""Anonymous responses are put among others: in groups, in no order, at a moment of nobody's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.goals.dimensions import declare_dimensions
from survey_app.invite.models import ANONYMOUS, Campaign
from survey_app.jobs import run_job
from survey_app.organisation.models import Representative, Unit
from survey_app.respond.models import Response, SealedResponse
from survey_app.respond.unsealing import campaigns_with_sealed, count_sealed, unseal
from tests.factories.modes import CLOSES, ask, start_campaign
from tests.factories.questionnaires import NOW
from tests.factories.sending import send
from tests.factories.workplaces import make_workplace

ZONE = ZoneInfo("Europe/Zurich")
# Half past one at night of the 16th in Zurich.
LATER = datetime(2026, 7, 15, 23, 30, tzinfo=UTC)
AFTER = CLOSES + timedelta(hours=1)


def answer(campaign: Campaign, numbers: range, **named: Any) -> None:
    """These people answer, in this order; what they wrote is their number."""
    for number in numbers:
        send(ask(campaign, number, **named)[1], {"q1": ["4"], "q5": [str(number)]})


def stored() -> list[Response]:
    return db.session.query(Response).order_by(Response.id).all()


def written() -> list[int]:
    return [int(one.answers["q5"]["value"]) for one in stored()]


def test_fewer_than_five_stay_sealed_while_the_campaign_is_open(app: Flask) -> None:
    with app.app_context():
        campaign = start_campaign(ANONYMOUS)
        answer(campaign, range(4))
        assert unseal(campaign.id, LATER, ZONE) == 0
        assert (count_sealed(campaign.id), stored()) == (4, [])
        answer(campaign, range(4, 5))
        assert unseal(campaign.id, LATER, ZONE) == 5
        assert (count_sealed(campaign.id), sorted(written())) == (0, [0, 1, 2, 3, 4])
        answer(campaign, range(5, 7))
        assert unseal(campaign.id, LATER, ZONE) == 0
        assert unseal(campaign.id, AFTER, ZONE) == 2
        assert campaigns_with_sealed() == []
        assert unseal(campaign.id, AFTER, ZONE) == 0


def test_a_moved_response_has_the_moment_of_the_move_and_a_person_of_its_own(app: Flask) -> None:
    with app.app_context():
        campaign = start_campaign(ANONYMOUS)
        answer(campaign, range(5))
        unseal(campaign.id, LATER, ZONE)
        rows = stored()
        # Midnight of the 16th in Zurich is 22:00 of the 15th in UTC.
        began = datetime(2026, 7, 15, 22, 0, tzinfo=UTC)
        assert {(one.submitted_at, one.stored_at) for one in rows} == {(began, LATER)}
        assert {(one.source, one.invitation_id, one.revision) for one in rows} == {
            ("anonymous", None, 1)
        }
        assert len({one.customer for one in rows}) == len({one.source_id for one in rows}) == 5


def test_the_rest_of_a_campaign_has_its_last_day(app: Flask) -> None:
    with app.app_context():
        # It ends with the month, and the worker comes when the next one has begun.
        campaign = start_campaign(ANONYMOUS)
        campaign.closes_at = datetime(2026, 7, 31, 22, 0, tzinfo=UTC)
        answer(campaign, range(2))
        unseal(campaign.id, datetime(2026, 8, 3, 8, 0, tzinfo=UTC), ZONE)
        # Midnight of the 31st in Zurich.
        assert {one.submitted_at for one in stored()} == {datetime(2026, 7, 30, 22, 0, tzinfo=UTC)}


def test_the_order_of_twenty_is_drawn(app: Flask) -> None:
    with app.app_context():
        campaign = start_campaign(ANONYMOUS)
        answer(campaign, range(20))
        unseal(campaign.id, LATER, ZONE)
        first = written()
        answer(campaign, range(20, 40))
        unseal(campaign.id, LATER, ZONE)
        second = [number - 20 for number in written()[20:]]
        assert sorted(first) == sorted(second) == list(range(20))
        # Each of these is so by chance once in 20! times.
        assert first != list(range(20))
        assert second not in (first, list(range(20)))


def test_a_group_is_alike_in_all_that_is_known_of_its_people(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        declare_dimensions(["segment"], NOW)
        ids = {key: id_ for key, id_ in db.session.query(Unit.key, Unit.id)}
        person = db.session.query(Representative).filter_by(unit_id=ids["leasing"]).first()
        assert person is not None
        leasing = {"unit_id": ids["leasing"], "representative_id": person.id}
        gold = leasing | {"attributes": {"segment": "gold", "account": "ACC"}}
        campaign = start_campaign(ANONYMOUS)
        answer(campaign, range(6), **gold)
        answer(campaign, range(10, 14), **leasing)
        answer(campaign, range(20, 21), unit_id=ids["leasing"])
        answer(campaign, range(30, 32), unit_id=ids["credit"])
        assert unseal(campaign.id, LATER, ZONE) == 6
        assert {(one.unit_id, one.representative_id) for one in stored()} == {
            (ids["leasing"], person.id)
        }
        assert [one.attributes for one in stored()] == [{"segment": "gold"}] * 6
        # Four of Anna's customers and one more of Leasing are five of Leasing; two of Credit are
        # too few, so their unit is not told.
        assert unseal(campaign.id, AFTER, ZONE) == 7
        told = sorted((one.unit_id or 0, one.representative_id or 0) for one in stored()[6:])
        assert told == [(0, 0)] * 2 + [(ids["leasing"], 0)] * 5
        assert db.session.query(SealedResponse).count() == 0


def test_a_response_to_another_campaign_is_left_alone(app: Flask) -> None:
    with app.app_context():
        first = start_campaign(ANONYMOUS)
        answer(first, range(3))
        version = (first.questionnaire_key, first.version_number)
        second = Campaign(
            name="second",
            mode=ANONYMOUS,
            questionnaire_key=version[0],
            version_number=version[1],
            subject="",
            message="",
            created_at=NOW,
            launched_at=NOW,
            closes_at=CLOSES,
        )
        db.session.add(second)
        db.session.flush()
        answer(second, range(10, 13))
        assert unseal(first.id, LATER, ZONE) == unseal(second.id, LATER, ZONE) == 0
        assert unseal(second.id, AFTER, ZONE) == 3
        assert count_sealed(first.id) == 3


@pytest.mark.parametrize("count", [4, 1200])
def test_the_worker_moves_them_by_itself(app: Flask, count: int) -> None:
    with app.app_context():
        campaign = start_campaign(ANONYMOUS)
        _, token = ask(campaign, 1)
        send(token, {"q1": ["4"]})
        sealed = db.session.query(SealedResponse).one()
        copied = {
            column.key: getattr(sealed, column.key)
            for column in SealedResponse.__table__.columns
            if column.key != "id"
        }
        db.session.add_all(
            SealedResponse(id=f"{number:032}", **copied) for number in range(count - 1)
        )
        db.session.commit()
    run_job(app, "respond.jobs.unseal_responses")
    run_job(app, "respond.jobs.clear_drafts")
    with app.app_context():
        moved = 0 if count < 5 else count
        assert db.session.query(Response).count() == moved
        assert db.session.query(SealedResponse).count() == count - moved
