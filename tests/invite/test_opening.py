"""Open links: what a manager may make of them, and the campaign that has nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.invite.inviting import launch
from survey_app.invite.models import Invitation, OpenLink
from survey_app.invite.opening import (
    LinkPlan,
    address_of,
    make_link,
    mark_for_forms,
    open_for_links,
    read_attributes,
    revise_link,
    revoke_link,
)
from tests.factories.campaigns import NOW, make_campaign, make_contact
from tests.factories.workplaces import make_workplace

PLAN = LinkPlan(label="Door", attributes="place=door\r\n\r\n floor = 2 ")


def deeds() -> list[str]:
    return [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]


def test_a_link_has_a_key_of_its_own_that_can_be_typed(app: Flask) -> None:
    with app.app_context():
        campaign = make_campaign()
        made = [make_link(campaign, PLAN, NOW, None)[0] for _ in range(2)]
        keys = {link.key for link in made if link}
        assert len(keys) == 2
        assert all(len(key) == 12 and not set(key) & set("ilo01") for key in keys)
        assert made[0] is not None
        assert made[0].attributes == {"place": "door", "floor": "2"}
        assert address_of(made[0]).endswith(f"/p/{made[0].key}")
        assert deeds().count("open link made") == 2


def test_a_representative_brings_their_unit(app: Flask) -> None:
    with app.app_context():
        place = make_workplace()
        link, _ = make_link(make_campaign(), replace(PLAN, representative="anna"), NOW, None)
        assert link is not None
        assert (link.unit_id, link.representative_id) == (place.leasing.id, place.anna.id)


@pytest.mark.parametrize(
    ("changed", "place", "code"),
    [
        ({"label": " "}, "label", "empty"),
        ({"label": "x" * 121}, "label", "too_long"),
        ({"label": "a\nb"}, "label", "control"),
        ({"kind": "poster"}, "kind", "unknown_kind"),
        ({"unit": "nowhere"}, "unit", "unknown_unit"),
        ({"representative": "nobody"}, "representative", "unknown_representative"),
        ({"most_an_hour": 0}, "most an hour", "out_of_range"),
        ({"attributes": "a=1\na=2"}, "attributes, line 2", "twice"),
        ({"attributes": "door"}, "attributes, line 1", "no_attribute"),
        ({"attributes": "email=x"}, "attributes, line 1", "reserved"),
        ({"attributes": "a=\x00"}, "attributes, line 1", "control"),
        ({"attributes": f"a={'x' * 501}"}, "attributes, line 1", "too_long"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_stored(
    app: Flask, changed: dict[str, object], place: str, code: str
) -> None:
    with app.app_context():
        link, problems = make_link(make_campaign(), replace(PLAN, **changed), NOW, None)
        assert link is None
        assert [(one.place, one.code) for one in problems] == [(place, code)]
        db.session.flush()
        assert db.session.query(OpenLink).count() == 0


def test_who_sees_a_part_makes_links_for_that_part_only(app: Flask) -> None:
    with app.app_context():
        place = make_workplace()
        campaign, within = make_campaign(), {place.leasing.id}
        for plan, code in (
            (PLAN, "out_of_sight"),
            (replace(PLAN, unit="credit"), "unknown_unit"),
            (replace(PLAN, unit="leasing", representative="bruno"), "unknown_representative"),
        ):
            assert [one.code for one in make_link(campaign, plan, NOW, within)[1]] == [code]
        assert make_link(campaign, replace(PLAN, unit="leasing"), NOW, within)[0] is not None


def test_a_change_is_taken_if_nobody_else_changed_the_link_meanwhile(app: Flask) -> None:
    with app.app_context():
        link, _ = make_link(make_campaign(), PLAN, NOW, None)
        assert link is not None
        seen = mark_for_forms(link)
        # A robot that is turned away meanwhile is no change.
        link.turned_away = 3
        db.session.flush()
        assert revise_link(link, replace(PLAN, label="Exit"), NOW, None, seen)[0] is link
        problems = revise_link(link, replace(PLAN, label="Late"), NOW, None, seen)[1]
        assert [one.code for one in problems] == ["changed_meanwhile"]
        assert link.label == "Exit"


def test_a_withdrawn_link_stays_withdrawn_and_as_it_was(app: Flask) -> None:
    with app.app_context():
        link, _ = make_link(make_campaign(), PLAN, NOW, None)
        assert link is not None
        assert revoke_link(link, NOW)
        assert not revoke_link(link, NOW + timedelta(days=1))
        assert link.revoked_at == NOW
        assert revise_link(link, PLAN, NOW, None)[1][0].code == "revoked"
        assert deeds().count("open link withdrawn") == 1


def test_a_campaign_opened_for_links_alone_invites_nobody_now_or_later(app: Flask) -> None:
    with app.app_context():
        make_contact()
        campaign = make_campaign()
        assert open_for_links(campaign, NOW)[0] is campaign
        assert campaign.launched_at == NOW
        assert open_for_links(campaign, NOW)[1][0].code == "launched"
        assert launch(campaign, NOW)[1][0].code == "launched"
        assert db.session.query(Invitation).count() == 0


def test_a_campaign_that_is_over_is_not_opened(app: Flask) -> None:
    with app.app_context():
        campaign = make_campaign(closes_at=NOW)
        assert open_for_links(campaign, NOW)[1][0].code == "closed"
        assert campaign.launched_at is None


def test_attributes_may_hold_the_sign_that_parts_them() -> None:
    assert read_attributes("link=a=b") == ({"link": "a=b"}, [])
