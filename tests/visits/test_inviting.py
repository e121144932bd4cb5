from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.invite.contact_models import Contact, rules
from survey_app.invite.models import (
    ANONYMOUS,
    CONFIDENTIAL,
    IDENTIFIED,
    Campaign,
    CampaignSeries,
    Invitation,
    OutboxMail,
)
from survey_app.invite.registering import opt_out
from survey_app.organisation.models import Unit
from survey_app.visits import inviting
from survey_app.visits.correcting import cells_of, correct_visit, state_mark
from survey_app.visits.inviting import customers_named, decide_on, undecided_visits
from survey_app.visits.models import Process, Visit, VisitFollowUp
from survey_app.visits.timing import end_visit
from tests.factories.campaigns import make_campaign, make_contact
from tests.factories.series import ZURICH, after_visit, make_series
from tests.factories.workplaces import Workplace, make_process, make_visit, make_workplace

# The series begins on Monday 6 July, 12:00 in Zurich.
BEGAN = datetime(2026, 7, 6, 10, 0, tzinfo=UTC)
# The turn for what closed on Monday: Tuesday 9:00 in Zurich.
TURN = datetime(2026, 7, 7, 7, 0, tzinfo=UTC)


@pytest.fixture
def place(app: Flask) -> Workplace:
    with app.app_context():
        place = make_workplace()
        make_process()
        db.session.commit()
        for thing in (place.company, place.leasing, place.credit, place.anna, place.bruno):
            db.session.refresh(thing)
        db.session.expunge_all()
    return place


def closed_visit(
    place: Workplace, customer: str, at: datetime, outcome: str = "left", unit: Unit | None = None
) -> Visit:
    """A visit of an hour that closed at a moment."""
    process = db.session.query(Process).filter_by(key="sales_visit").one()
    anna = place.anna if unit is None else None
    visit = make_visit(process, unit or place.leasing, anna, customer, at - timedelta(hours=1))
    _, problems = end_visit(visit, outcome, 3600, at)
    assert problems == []
    return visit


def series_of(now: datetime = BEGAN, audience: Unit | None = None, **fields: Any) -> CampaignSeries:
    return make_series(after_visit(make_campaign(name="Pattern", audience=audience), **fields), now)


def turn(series: CampaignSeries, now: datetime) -> int:
    """What a turn asks, all at once."""
    return decide_on(series, undecided_visits(series, ZURICH, now), ZURICH, now)


def asked() -> list[str]:
    rows = db.session.query(Invitation).order_by(Invitation.id)
    return [one.contact.email for one in rows if one.contact is not None]


def test_the_customer_is_asked_the_day_after_with_what_is_known_of_the_visit(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        make_contact("mia@example.org", external_id="C-1", unit="credit", segment="private")
        series = series_of()
        visit = closed_visit(place, "C-1", BEGAN + timedelta(hours=3))
        # Still Monday, and Tuesday before nine.
        assert turn(series, TURN - timedelta(seconds=1)) == 0
        assert turn(series, TURN) == 1
        invitation = db.session.query(Invitation).one()
        assert invitation.campaign.name == "Thanks, visits of July 2026"
        assert (invitation.unit_id, invitation.representative_id) == (
            place.leasing.id,
            place.anna.id,
        )
        assert invitation.attributes == {
            "segment": "private",
            "process": "sales_visit",
            "visit": visit.public_id,
        }
        # 14 days after Tuesday 7 July: the end of 21 July in Zurich.
        assert invitation.expires_at == datetime(2026, 7, 21, 22, 0, tzinfo=UTC)
        assert (invitation.created_at, invitation.started) == (TURN, False)
        mail = db.session.query(OutboxMail).one()
        assert (mail.invitation_id, mail.campaign_id) == (invitation.id, invitation.campaign_id)
        assert (mail.state, mail.number, mail.not_before) == ("queued", 0, TURN)
        entry = db.session.query(AuditEntry).filter_by(action="customers asked after visits").one()
        assert (entry.subject, entry.detail) == ("Thanks", {"visits": 1, "asked": 1})


def test_the_months_campaign_counts_as_sent_and_closes_after_its_last_visit(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        make_contact("ben@example.org", external_id="C-2")
        series = series_of(days=3, open_days=10)
        closed_visit(place, "C-1", BEGAN + timedelta(hours=1))
        closed_visit(place, "C-2", BEGAN + timedelta(hours=2))
        now = TURN + timedelta(days=2)
        assert turn(series, now) == 2
        [campaign] = db.session.query(Campaign).filter_by(series_id=series.id)
        assert campaign.launched_at == now
        # 31 July, three days later, ten days open: the end of 13 August in Zurich.
        assert campaign.closes_at == datetime(2026, 8, 13, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("outcome", ["completed", "called_back", "left"])
def test_every_outcome_counts_as_closed(outcome: str, app: Flask, place: Workplace) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        series = series_of()
        visit = closed_visit(place, "C-1", BEGAN + timedelta(hours=1))
        visit.outcome = outcome
        assert turn(series, TURN) == 1


def test_nobody_is_asked_about_open_or_void_visits_other_processes_and_visits_from_before(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        for number in range(1, 6):
            make_contact(f"c{number}@example.org", external_id=f"C-{number}")
        series = series_of()
        make_visit(db.session.query(Process).one(), place.leasing, None, "C-1", BEGAN)
        closed_visit(place, "C-2", BEGAN + timedelta(hours=1)).void = True
        closed_visit(place, "C-3", BEGAN - timedelta(seconds=1))
        other = make_process("service_visit")
        closed_visit(place, "C-4", BEGAN + timedelta(hours=1)).process_id = other.id
        closed_visit(place, "", BEGAN + timedelta(hours=1))
        closed_visit(place, "C-5", BEGAN)
        db.session.flush()
        assert turn(series, TURN) == 1
        assert asked() == ["c5@example.org"]


def test_the_local_day_decides_also_when_the_clocks_change(app: Flask, place: Workplace) -> None:
    with app.app_context():
        for number in range(1, 4):
            make_contact(f"c{number}@example.org", external_id=f"C-{number}")
        series = series_of(datetime(2026, 10, 20, 10, 0, tzinfo=UTC))
        # Saturday 23:59:59, Sunday 00:00 and Sunday 23:59:59 in Zurich; Sunday has 25 hours.
        closed_visit(place, "C-1", datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC))
        closed_visit(place, "C-2", datetime(2026, 10, 24, 22, 0, tzinfo=UTC))
        closed_visit(place, "C-3", datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC))
        assert turn(series, datetime(2026, 10, 25, 7, 59, tzinfo=UTC)) == 0
        assert turn(series, datetime(2026, 10, 25, 8, 0, tzinfo=UTC)) == 1
        assert turn(series, datetime(2026, 10, 26, 8, 0, tzinfo=UTC)) == 2
        assert asked() == ["c1@example.org", "c2@example.org", "c3@example.org"]


def test_customers_are_named_by_number_id_or_address(app: Flask) -> None:
    with app.app_context():
        mia = make_contact("mia@example.org", external_id="C-1")
        ben = make_contact("ben@example.org")
        # An external id that looks like a contact's id is an external id.
        odd = make_contact("odd@example.org", external_id=f"contact-{mia.id}")
        named = customers_named(
            {
                *("C-1", "c-1", f"contact-{ben.id}", f"contact-{mia.id}", "Ben@Example.org"),
                *("contact-0", "contact-99999999999999999999", "contact-²", "x@example.org", "Mia"),
            }
        )
        assert named == {
            "C-1": mia.id,
            f"contact-{ben.id}": ben.id,
            f"contact-{mia.id}": odd.id,
            "Ben@Example.org": ben.id,
        }


@pytest.mark.parametrize(
    ("mode", "kept"), [(IDENTIFIED, True), (CONFIDENTIAL, False), (ANONYMOUS, False)]
)
def test_where_nobody_may_know_who_answered_the_visit_is_not_kept(
    mode: str, kept: bool, app: Flask, place: Workplace
) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        series = series_of()
        series.pattern.mode = mode
        closed_visit(place, "C-1", BEGAN + timedelta(hours=1))
        turn(series, TURN)
        attributes = db.session.query(Invitation).one().attributes
        assert ("visit" in attributes, attributes["process"]) == (kept, "sales_visit")


def test_who_may_not_be_asked_is_not_and_the_visit_does_not_come_up_again(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        mia = make_contact(external_id="C-1")
        opt_out(mia, BEGAN)
        make_contact("ben@example.org", external_id="C-2")
        ben = db.session.query(Contact).filter_by(email="ben@example.org").one()
        rules().needs_consent = True
        db.session.flush()
        series = series_of()
        closed_visit(place, "C-1", BEGAN + timedelta(hours=1))
        closed_visit(place, "C-2", BEGAN + timedelta(hours=1))
        assert turn(series, TURN) == 0
        ben.consent_at = TURN
        db.session.flush()
        assert turn(series, TURN + timedelta(days=1)) == 0
        assert {one.asked for one in db.session.query(VisitFollowUp)} == {False}


def test_who_was_asked_lately_is_not_asked_about_the_next_visit(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        rules().fatigue_days = 30
        series = series_of(datetime(2026, 7, 20, 10, 0, tzinfo=UTC), open_days=60)
        for day in (31, 33):
            closed_visit(place, "C-1", datetime(2026, 7, 1, 12, tzinfo=UTC) + timedelta(days=day))
        closed_visit(place, "C-1", datetime(2026, 7, 30, 12, tzinfo=UTC))
        # All three at once, in two months: the rule holds between them as well.
        assert turn(series, datetime(2026, 8, 10, 7, 0, tzinfo=UTC)) == 1
        assert db.session.query(Invitation).one().campaign.name == "Thanks, visits of July 2026"
        assert db.session.query(VisitFollowUp).count() == 3


def test_without_that_rule_it_is_once_a_month(app: Flask, place: Workplace) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        series = series_of(datetime(2026, 7, 20, 10, 0, tzinfo=UTC), open_days=60)
        for day in (28, 29, 30, 31, 32):
            closed_visit(place, "C-1", datetime(2026, 7, 1, 12, tzinfo=UTC) + timedelta(days=day))
        assert turn(series, datetime(2026, 8, 10, 7, 0, tzinfo=UTC)) == 2
        names = {one.campaign.name for one in db.session.query(Invitation)}
        assert names == {"Thanks, visits of July 2026", "Thanks, visits of August 2026"}


def test_a_correction_invites_nobody_again(app: Flask, place: Workplace) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        make_contact("ben@example.org", external_id="C-2")
        series = series_of(datetime(2026, 7, 30, 10, 0, tzinfo=UTC))
        visit = closed_visit(place, "C-1", datetime(2026, 7, 31, 12, 0, tzinfo=UTC))
        assert turn(series, datetime(2026, 8, 1, 7, 0, tzinfo=UTC)) == 1
        # Now it was somebody else's, and ended in another month.
        now = datetime(2026, 8, 2, 7, 0, tzinfo=UTC)
        cells = cells_of(visit, ZURICH) | {"customer": "C-2", "ended_at": "2026-08-01 10:00:00"}
        done, problems = correct_visit(
            visit, cells, False, "Mistaken", state_mark(visit), ZURICH, now
        )
        assert done is not None, problems
        assert turn(series, now) == 0
        assert asked() == ["mia@example.org"]


def test_what_closed_while_no_worker_ran_is_caught_up_while_links_would_still_work(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        for number in (1, 2):
            make_contact(f"c{number}@example.org", external_id=f"C-{number}")
        series = series_of(open_days=5)
        closed_visit(place, "C-1", datetime(2026, 7, 8, 12, 0, tzinfo=UTC))
        closed_visit(place, "C-2", datetime(2026, 7, 9, 12, 0, tzinfo=UTC))
        # Due on the 9th, open until the end of the 14th; and a day later.
        now = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
        assert turn(series, now) == 1
        invitation = db.session.query(Invitation).one()
        assert asked() == ["c2@example.org"]
        assert invitation.expires_at == datetime(2026, 7, 15, 22, 0, tzinfo=UTC)
        assert invitation.created_at == now


def test_a_customer_who_becomes_known_later_is_asked_then(app: Flask, place: Workplace) -> None:
    with app.app_context():
        series = series_of()
        closed_visit(place, "C-1", BEGAN + timedelta(hours=1))
        assert turn(series, TURN) == 0
        make_contact(external_id="C-1")
        assert turn(series, TURN + timedelta(days=1)) == 1


def test_the_audience_of_the_pattern_bounds_the_visits_by_unit_and_the_contacts_by_value(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        make_contact("one@example.org", external_id="C-1", language="de")
        make_contact("two@example.org", external_id="C-2", language="de", unit="leasing")
        make_contact("three@example.org", external_id="C-3", language="fr")
        leasing = db.session.get_one(Unit, place.leasing.id)
        series = series_of(audience=leasing)
        series.pattern.audience_filter = {"language": ["de"]}
        closed_visit(place, "C-1", BEGAN + timedelta(hours=1))
        closed_visit(place, "C-2", BEGAN + timedelta(hours=1), unit=place.credit)
        closed_visit(place, "C-3", BEGAN + timedelta(hours=1))
        assert turn(series, TURN) == 1
        assert asked() == ["one@example.org"]


def test_a_campaign_of_the_month_that_was_closed_early_asks_nobody_more(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        make_contact("ben@example.org", external_id="C-2")
        series = series_of()
        closed_visit(place, "C-1", BEGAN + timedelta(hours=1))
        turn(series, TURN)
        campaign = db.session.query(Campaign).filter_by(series_id=series.id).one()
        campaign.closes_at = TURN + timedelta(hours=1)
        closed_visit(place, "C-2", TURN + timedelta(hours=1))
        assert turn(series, TURN + timedelta(days=1)) == 0


def test_a_name_that_somebody_elses_campaign_has_gets_a_number_and_is_found_again(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        make_contact("ben@example.org", external_id="C-2")
        series = series_of()
        series.pattern.name = "Thanks, visits of July 2026"
        for number, customer in enumerate(("C-1", "C-2")):
            closed_visit(place, customer, BEGAN + timedelta(days=number, hours=1))
            assert turn(series, TURN + timedelta(days=number)) == 1
        names = {one.campaign.name for one in db.session.query(Invitation)}
        assert names == {"Thanks, visits of July 2026 (2)"}


def test_the_database_allows_one_decision_for_a_visit(app: Flask, place: Workplace) -> None:
    with app.app_context():
        make_contact(external_id="C-1")
        series = series_of()
        visit = closed_visit(place, "C-1", BEGAN + timedelta(hours=1))
        decide_on(series, [visit], ZURICH, TURN)
        db.session.flush()
        db.session.expunge_all()
        db.session.add(
            VisitFollowUp(series_id=series.id, visit_id=visit.id, asked=True, decided_at=TURN)
        )
        with pytest.raises(IntegrityError):
            db.session.flush()


MANY_VISITS = """
INSERT INTO visit (public_id, process_id, unit_id, customer, started_at, ended_at, outcome,
    idle_seconds, void, updated_at)
SELECT 'v' || number, :process, :unit, 'C-' || number, {at}, {at}, 'left', 0, false, {at}
FROM (
    WITH RECURSIVE counted (number) AS (
        SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < 20000
    )
    SELECT number FROM counted
) AS numbers
"""
AT = {
    "postgresql": "timestamptz '2020-01-01 00:00+00' + number * interval '3 hours'",
    "sqlite": "datetime('2020-01-01', (number * 3) || ' hours')",
}


def test_of_many_visits_those_that_a_turn_concerns_are_found_by_an_index(
    app: Flask, place: Workplace
) -> None:
    with app.app_context():
        series = series_of()
        kind = db.engine.dialect.name
        process = db.session.query(Process).one().id
        db.session.execute(
            text(MANY_VISITS.format(at=AT[kind])), {"process": process, "unit": place.leasing.id}
        )
        db.session.execute(text("ANALYZE visit"))
        words = {"postgresql": "EXPLAIN", "sqlite": "EXPLAIN QUERY PLAN"}[kind]
        for behind in (None, (TURN, 5)):
            query = inviting._select_undecided(series, ZURICH, TURN, behind)
            told = query.compile(db.engine, compile_kwargs={"literal_binds": True})
            plan = str(db.session.execute(text(f"{words} {escaped(str(told))}")).all())
            assert "ix_visit_process_id_ended_at" in plan
            assert "Seq Scan on visit " not in plan


def escaped(statement: str) -> str:
    """A statement whose colons are not parameters."""
    return statement.replace(":", "\\:")
