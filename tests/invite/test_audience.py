from __future__ import annotations

from datetime import timedelta

from flask import Flask

from survey_app.db import db
from survey_app.invite.audience import AudienceCount, count_audience, draw_sample, show_some
from survey_app.invite.contact_models import Contact, rules
from survey_app.invite.inviting import launch
from survey_app.invite.models import Campaign, Invitation
from survey_app.invite.registering import opt_out
from tests.factories.campaigns import NOW, make_campaign, make_contact, make_contacts, make_version


def emails(campaign: Campaign) -> list[str]:
    return [contact.email for contact in show_some(campaign, NOW, 100)]


def test_an_audience_is_chosen_by_several_attributes_at_once(app: Flask) -> None:
    with app.app_context():
        make_contact("a@example.org", segment="private", language="de")
        make_contact("b@example.org", segment="business", language="de")
        make_contact("c@example.org", segment="public", language="de")
        make_contact("d@example.org", segment="private", language="fr")
        make_contact("e@example.org")
        wanted = {"segment": ["private", "business"], "language": ["de"]}
        campaign = make_campaign(audience_filter=wanted)
        assert emails(campaign) == ["a@example.org", "b@example.org"]
        assert count_audience(campaign, NOW).matching == 2


def test_each_who_is_left_out_is_counted_under_one_reason(app: Flask) -> None:
    with app.app_context():
        version = make_version()
        contacts = make_contacts(8)
        for contact in contacts[:6]:
            contact.consent_at = NOW
        launch(make_campaign(version, name="June", audience_filter={}, sample_size=None), NOW)
        db.session.query(Invitation).filter(Invitation.contact_id > contacts[2].id).delete(False)
        opt_out(contacts[0], NOW)
        rules().fatigue_days, rules().needs_consent = 30, True
        db.session.flush()
        later = NOW + timedelta(days=10)
        campaign = make_campaign(version, sample_size=2)
        # 1: opted out (and asked in June); 2, 3: asked in June; 4 to 6: free; 7, 8: no consent.
        counted = count_audience(campaign, later)
        assert counted == AudienceCount(8, 1, 2, 2, 1)
        assert counted.invited == 2


def test_nobody_is_asked_again_within_the_days_of_the_rule(app: Flask) -> None:
    with app.app_context():
        version = make_version()
        make_contacts(2)
        rules().fatigue_days = 30
        launch(make_campaign(version), NOW)
        august = make_campaign(version, name="August")
        assert count_audience(august, NOW + timedelta(days=29, hours=23)).invited == 0
        assert count_audience(august, NOW + timedelta(days=30)).invited == 2


def test_an_invitation_for_a_later_day_counts_already(app: Flask) -> None:
    with app.app_context():
        version = make_version()
        make_contacts(1)
        rules().fatigue_days = 30
        launch(make_campaign(version, opens_at=NOW + timedelta(days=20)), NOW)
        august = make_campaign(version, name="August")
        assert count_audience(august, NOW + timedelta(days=49)).invited == 0
        assert count_audience(august, NOW + timedelta(days=50)).invited == 1


def test_a_sample_is_drawn_by_its_seed_from_all_alike(app: Flask) -> None:
    with app.app_context():
        make_contacts(50)
        campaign = make_campaign(sample_size=10)
        drawn = draw_sample(campaign, "a", NOW)
        assert len(set(drawn)) == 10
        assert drawn == draw_sample(campaign, "a", NOW)
        assert drawn != draw_sample(campaign, "b", NOW)
        # In 200 samples of 10 out of 50 each is drawn 40 times, give or take 4 * 5.7.
        often = dict.fromkeys(db.session.scalars(db.select(Contact.id)), 0)
        for seed in range(200):
            for contact_id in draw_sample(campaign, str(seed), NOW):
                often[contact_id] += 1
        assert min(often.values()) > 17
        assert max(often.values()) < 63


def test_a_launch_invites_the_sample_and_nobody_else(app: Flask) -> None:
    with app.app_context():
        make_contacts(20)
        campaign = make_campaign(sample_size=7)
        expected = draw_sample(campaign, campaign.sample_seed, NOW)
        assert launch(campaign, NOW) == (7, [])
        invited = db.session.scalars(db.select(Invitation.contact_id).order_by(Invitation.id))
        assert list(invited) == expected
