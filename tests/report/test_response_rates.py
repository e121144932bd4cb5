"""Response rates: who was invited in a window, wherever they belong, and has answered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.models import Campaign, Invitation, OpenLink
from survey_app.report.jobs import score_now
from survey_app.report.models import ScoreRow
from survey_app.report.response_rates import CountedInvitations, Invited
from survey_app.respond.models import Response
from tests.factories.campaigns import make_campaign, make_contact
from tests.factories.scorings import NOW, make_organisation, make_sources, unit

JULY = datetime(2026, 7, 3, 8, 0, tzinfo=UTC)


def invite(number: int, unit: str, answers: bool, moment: datetime = JULY) -> Invitation:
    """Somebody of a unit, invited to version 1 of the questionnaire; answers or does not."""
    version = db.session.query(QuestionnaireVersion).one()
    campaign = db.session.query(Campaign).first() or make_campaign(version)
    contact = make_contact(f"p{number}@example.org", f"P {number}", unit=unit)
    invitation = Invitation(
        campaign_id=campaign.id,
        contact_id=contact.id,
        questionnaire_key="feedback",
        version_number=1,
        unit_id=contact.unit_id,
        attributes={},
        created_at=moment,
        answered=answers,
    )
    db.session.add(invitation)
    db.session.flush()
    if answers:
        db.session.add(
            Response(
                source="invitation",
                source_id=str(invitation.id),
                invitation_id=invitation.id,
                questionnaire_key="feedback",
                version_number=1,
                answers={"q1": {"value": 5}, "q9": {"value": 9}},
                unit_id=contact.unit_id,
                submitted_at=moment,
                stored_at=moment,
            )
        )
        db.session.flush()
    return invitation


@pytest.fixture
def rates(app: Flask) -> dict[tuple[str, str, str], float | None]:
    """By KPI, scope and window: 20 invited in July, 10 of them answered; 5 more in March."""
    with app.app_context():
        make_organisation()
        make_sources()
        # Whoever belongs to no unit would give all units away, were one of them withheld.
        db.session.query(Response).filter(Response.unit_id.is_(None)).delete()
        for number in range(12):
            invite(number, "leasing", answers=number % 2 == 0)
        for number in range(12, 20):
            invite(number, "sales", answers=number < 16)
        for number in range(20, 25):
            invite(number, "leasing", answers=False, moment=datetime(2026, 3, 1, tzinfo=UTC))
        # Came by an open link and answered: of a denominator that nobody knows.
        campaign = db.session.query(Campaign).one()
        link = OpenLink(
            campaign_id=campaign.id,
            key="door",
            kind="public",
            label="Door",
            unit_id=unit("leasing").id,
            attributes={},
            most_an_hour=60,
            created_at=JULY,
        )
        db.session.add(link)
        db.session.flush()
        for number in range(30, 37):
            came = invite(number, "leasing", answers=True)
            came.contact_id, came.open_link_id = None, link.id
        revoked = invite(25, "leasing", answers=False)
        revoked.revoked_at = JULY
        db.session.commit()
        run = score_now("2026-07", NOW)
        rows = db.session.query(ScoreRow).filter_by(run_id=run.id)
        return {
            (row.kpi_id, row.scope_id, row.window): row.document["response_rate"] for row in rows
        }


def test_the_rate_is_of_those_invited_in_the_window(
    rates: dict[tuple[str, str, str], float | None],
) -> None:
    # Half of Leasing's 12 and half of Sales' 8.
    assert rates["mean_q1", "", "period"] == 10 / 20
    assert rates["mean_q1", "company", "period"] == 10 / 20
    assert rates["mean_q1", "leasing", "period"] == 6 / 12
    assert rates["mean_q1", "sales", "period"] == 4 / 8
    # The five of March were never answered.
    assert rates["top_q1", "", "trailing_12_months"] == 10 / 25
    assert rates["top_q1", "leasing", "trailing_12_months"] == 6 / 17


def test_what_asks_nobody_has_no_rate(rates: dict[tuple[str, str, str], float | None]) -> None:
    assert rates["sales", "", "period"] is None
    assert rates["shown", "", "period"] is None


def test_what_is_withheld_or_about_a_part_tells_no_rate() -> None:
    counted = CountedInvitations({("period", "k", "all", ""): Invited(20, 10)})
    row = {"window": "period", "kpi_id": "k", "scope_type": "all", "scope_id": ""}
    assert counted.complete({**row, "suppressed_reason": ""})["response_rate"] == 0.5
    assert counted.complete({**row, "suppressed_reason": "confidential"})["response_rate"] is None
    part = {**row, "suppressed_reason": "", "dim_region": "north"}
    assert counted.complete(part)["response_rate"] is None
