from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import Flask

from survey_app.db import db, mark_of
from survey_app.invite.campaigning import Plan, add_campaign, revise_campaign
from survey_app.invite.models import Campaign
from tests.factories.campaigns import NOW, make_campaign, make_version

PLAN = Plan("July", "visit_feedback", 1, "How was it?", "Dear {name},\r\n{link}\r\n")


def test_a_campaign_is_kept_with_its_version_and_unix_line_ends(app: Flask) -> None:
    with app.app_context():
        make_version()
        campaign, problems = add_campaign(replace(PLAN, closes_at=NOW + timedelta(days=1)), NOW)
        assert problems == []
        assert campaign is not None
        assert (campaign.questionnaire_key, campaign.version_number) == ("visit_feedback", 1)
        assert campaign.message == "Dear {name},\n{link}"
        assert campaign.launched_at is None


def test_all_that_is_wrong_is_told_at_once_and_nothing_stored(app: Flask) -> None:
    with app.app_context():
        plan = Plan(" ", "visit_feedback", 3, "", "Hello {nmae}", closes_at=NOW)
        campaign, problems = add_campaign(plan, NOW)
        assert campaign is None
        assert [problem.code for problem in problems] == [
            "empty",
            "unpublished",
            "past",
            "empty",
            "no_link",
            "unknown_placeholder",
        ]
        assert db.session.query(Campaign).count() == 0


def test_two_campaigns_cannot_share_a_name(app: Flask) -> None:
    with app.app_context():
        make_campaign(name="July")
        campaign, problems = add_campaign(PLAN, NOW)
        assert campaign is None
        assert [problem.code for problem in problems] == ["taken"]


def test_a_campaign_can_be_changed_until_it_is_sent(app: Flask) -> None:
    with app.app_context():
        campaign = make_campaign()
        revised, problems = revise_campaign(campaign, replace(PLAN, subject="Other"), NOW)
        assert problems == []
        assert revised is campaign
        assert campaign.subject == "Other"
        campaign.launched_at = NOW
        db.session.flush()
        revised, problems = revise_campaign(campaign, PLAN, NOW)
        assert revised is None
        assert [problem.code for problem in problems] == ["launched"]
        assert campaign.subject == "Other"


def test_a_change_made_on_an_older_state_is_told_and_overwrites_nothing(app: Flask) -> None:
    with app.app_context():
        campaign = make_campaign()
        seen = mark_of(campaign)
        revise_campaign(campaign, replace(PLAN, subject="Theirs"), NOW, seen)
        revised, problems = revise_campaign(campaign, replace(PLAN, name="Mine"), NOW, seen)
        assert revised is None
        assert [problem.code for problem in problems] == ["changed_meanwhile"]
        assert (campaign.subject, campaign.name) == ("Theirs", "July")
