"""Answers of open links in the scores: each is a person of their own."""

from __future__ import annotations

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.models import Invitation
from survey_app.invite.tokens import issue_token
from survey_app.report.jobs import score_now
from survey_app.report.models import ScoreRow
from survey_app.respond.entering import find_invitation
from survey_app.respond.submitting import store_response
from tests.factories import scorings
from tests.factories.open_links import add_open_link
from tests.factories.scorings import JULY, NOW, SCOREBOOK, add_response, make_organisation


def come_by(link_id: int, campaign_id: int) -> None:
    """Somebody answers by the link, as everybody does."""
    invitation = Invitation(
        campaign_id=campaign_id,
        open_link_id=link_id,
        questionnaire_key="feedback",
        version_number=1,
        attributes={},
        created_at=JULY,
    )
    db.session.add(invitation)
    db.session.flush()
    token = issue_token(invitation.id, JULY)
    db.session.flush()
    connection = db.session.connection()
    invited = find_invitation(connection, token, JULY)
    document = {"q1": {"value": 5}, "q9": {"value": 9}}
    assert store_response(connection, invited, document, "en", "", JULY)


def test_where_customers_are_counted_each_answer_of_an_open_link_is_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = "statistic: net_score\n"
    book = SCOREBOOK.replace(net, f"{net}    unit_of_analysis: customer\n")
    assert book != SCOREBOOK
    monkeypatch.setattr(scorings, "SCOREBOOK", book)
    with app.app_context():
        make_organisation()
        scorings.make_sources()
        # Six of the seven have an answer to q9. One customer more, who answers twice.
        for _ in range(2):
            add_response(None, 5, 9).customer = "contact-1"
        link = add_open_link(db.session.query(QuestionnaireVersion).one())
        for _ in range(3):
            come_by(link.id, link.campaign_id)
        db.session.commit()
        run = score_now("2026-07", NOW)
        rows = db.session.query(ScoreRow).filter_by(run_id=run.id, kpi_id="recommend", scope_id="")
        counted = {row.window: row.document["n"] for row in rows}
    assert counted["period"] == 6 + 1 + 3
