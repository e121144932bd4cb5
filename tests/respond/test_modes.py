"""Identified, confidential, anonymous: what is kept of whom, and what leads back to the person."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.goals.dimensions import declare_dimensions
from survey_app.invite.models import (
    ANONYMOUS,
    CONFIDENTIAL,
    IDENTIFIED,
    MODES,
    Campaign,
    Invitation,
)
from survey_app.invite.tokens import hash_of
from survey_app.respond.drafting import clear_anonymous_drafts
from survey_app.respond.entering import find_invitation
from survey_app.respond.models import AnonymousDraft, Response, ResponseDraft, SealedResponse
from survey_app.respond.outcomes import CHANGE, SAVE, Moved, Received, Saved, Stored
from survey_app.respond.unsealing import unseal
from tests.factories.machines import add_machine
from tests.factories.modes import CLOSES, ask, open_link_to, start_campaign
from tests.factories.people import add_user, sign_in
from tests.factories.questionnaires import NOW, add_version, definition
from tests.factories.sending import send
from tests.factories.workplaces import let_see, make_workplace

ANSWERS = {"q1": ["4"], "q2": ["shop"], "q3": ["a", "b"], "q4": ["12"], "q5": ["Nothing."]}
COUNTS = (Response, SealedResponse, ResponseDraft, AnonymousDraft)


def flags() -> tuple[bool, bool]:
    row = db.session.execute(select(Invitation.started, Invitation.answered)).one()
    return row.started, row.answered


def counts() -> tuple[int, ...]:
    """Rows of responses, sealed ones, drafts, anonymous drafts."""
    return tuple(db.session.query(table).count() for table in COUNTS)


@pytest.mark.parametrize("mode", MODES)
def test_an_invitation_says_how_far_its_person_is(app: Flask, mode: str) -> None:
    with app.app_context():
        _, token = ask(start_campaign(mode), 1)
        assert flags() == (False, False)
        assert isinstance(send(token, {"q1": ["4"]}, action=SAVE), Saved)
        assert flags() == (True, False)
        assert isinstance(send(token, ANSWERS, revision=1), Stored)
        assert flags() == (True, True)
        assert counts() == ((0, 1, 0, 0) if mode == ANONYMOUS else (1, 0, 0, 0))
        assert isinstance(send(token, ANSWERS), Received)
        assert sum(counts()) == 1


@pytest.mark.parametrize("mode", MODES)
def test_who_sends_at_once_has_begun_and_answered(app: Flask, mode: str) -> None:
    with app.app_context():
        _, token = ask(start_campaign(mode), 1)
        send(token, {"q1": ["9"]})
        assert flags() == (False, False)
        send(token, ANSWERS)
        assert flags() == (True, True)


def test_a_confidential_response_goes_by_names_that_were_drawn(app: Flask) -> None:
    with app.app_context():
        declare_dimensions(["segment"], NOW)
        campaign = start_campaign(CONFIDENTIAL, answers_may_change=True)
        attributes = {"segment": "gold", "account": "ACC-777"}
        invitation, token = ask(campaign, 1, attributes=attributes)
        send(token, ANSWERS)
        send(token, {}, action=CHANGE)
        revision = db.session.query(ResponseDraft).one().revision
        assert isinstance(send(token, ANSWERS | {"q1": ["2"]}, revision=revision), Stored)
        first, second = db.session.query(Response).order_by(Response.revision)
        assert first.customer == second.customer
        assert first.source_id == second.source_id != str(invitation.id)
        assert len(first.source_id) == 32
        assert first.customer.startswith("person-")
        assert len(first.customer) == 23
        assert first.attributes == second.attributes == {"segment": "gold"}
        assert (second.revision, second.answers["q1"]) == (2, {"value": 2})
        # Another person has other names.
        send(ask(campaign, 2)[1], ANSWERS)
        assert len({one.customer for one in db.session.query(Response)}) == 2


def test_an_identified_response_names_its_contact(app: Flask) -> None:
    with app.app_context():
        invitation, token = ask(start_campaign(IDENTIFIED), 1, attributes={"account": "ACC"})
        send(token, ANSWERS)
        one = db.session.query(Response).one()
        assert (one.customer, one.source_id) == (
            f"contact-{invitation.contact_id}",
            str(invitation.id),
        )
        assert one.attributes == {"account": "ACC"}


def test_an_anonymous_draft_is_found_by_its_own_link_alone(app: Flask) -> None:
    with app.app_context():
        invitation, token = ask(start_campaign(ANONYMOUS), 1)
        reminder = open_link_to(invitation)
        send(token, {"q1": ["4"]}, action=SAVE)
        draft = db.session.query(AnonymousDraft).one()
        assert draft.key == sha256(f"ballot/{token}".encode()).hexdigest() != hash_of(token)
        connection = db.session.connection()
        assert find_invitation(connection, token, NOW).answers["q1"] == {"value": 4}
        assert find_invitation(connection, reminder, NOW).draft_revision is None
        assert isinstance(send(token, {"q1": ["5"]}, action=SAVE, revision=1), Saved)
        assert find_invitation(connection, token, NOW).draft_revision == 2
        # What is sent by the one link is sent by the other too.
        assert isinstance(send(reminder, ANSWERS), Stored)
        assert isinstance(send(token, ANSWERS, revision=2), Received)
        assert db.session.query(SealedResponse).count() == 1


def test_an_old_anonymous_draft_is_forgotten(app: Flask) -> None:
    with app.app_context():
        _, token = ask(start_campaign(ANONYMOUS), 1)
        send(token, {"q1": ["4"]}, action=SAVE)
        assert db.session.query(AnonymousDraft).one().touched_on == date(2026, 7, 15)
        assert clear_anonymous_drafts(NOW + timedelta(days=30)) == 0
        assert clear_anonymous_drafts(NOW + timedelta(days=31)) == 1
        assert isinstance(send(token, ANSWERS), Stored)


def test_anonymous_answers_cannot_be_changed_whatever_the_campaign_says(app: Flask) -> None:
    with app.app_context():
        _, token = ask(start_campaign(ANONYMOUS, answers_may_change=True), 1)
        send(token, ANSWERS)
        assert isinstance(send(token, {}, action=CHANGE), Received)
        assert isinstance(send(token, ANSWERS | {"q1": ["1"]}, revision=5000), Received)
        assert counts() == (0, 1, 0, 0)


@pytest.mark.parametrize("mode", MODES)
def test_of_many_posts_at_once_one_is_stored(app: Flask, mode: str) -> None:
    with app.app_context():
        invitation, token = ask(start_campaign(mode), 1)
        tokens = [token, open_link_to(invitation)]
        db.session.commit()
    gate = threading.Barrier(8)
    outcomes: list[str] = []

    def send_one(number: int) -> None:
        with app.app_context():
            gate.wait(30)
            outcome = send(tokens[number % 2], ANSWERS | {"q4": [str(number)]})
            db.session.commit()
            outcomes.append(type(outcome).__name__)

    threads = [threading.Thread(target=send_one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["Received"] * 7 + ["Stored"]
    with app.app_context():
        assert sum(counts()) == 1


def test_the_order_of_an_anonymous_page_is_not_drawn_from_the_invitation(app: Flask) -> None:
    with app.app_context():
        invitation, token = ask(start_campaign(ANONYMOUS), 1)
        reminder = open_link_to(invitation)
        connection = db.session.connection()
        seeds = {find_invitation(connection, one, NOW).seed for one in (token, reminder)}
        assert len(seeds) == 2
        assert sha256(f"order/{invitation.id}".encode()).hexdigest()[:16] not in seeds


def test_a_random_order_of_an_anonymous_response_is_not_kept(app: Flask) -> None:
    random_order = definition()
    random_order["sections"][0]["order"] = "random"
    with app.app_context():
        campaign = start_campaign(ANONYMOUS, add_version(random_order))
        send(ask(campaign, 1)[1], ANSWERS)
        # Whoever has the mail could work it out, and so find the response.
        assert db.session.query(SealedResponse).one().seed == ""


def all_rows(*tables: str) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [dict(row) for row in db.session.execute(select(table)).mappings()]
        for name, table in db.metadata.tables.items()
        if not tables or name in tables
    }


def test_nothing_in_the_tables_leads_from_an_anonymous_answer_to_its_person(app: Flask) -> None:
    with app.app_context():
        campaign = start_campaign(ANONYMOUS)
        # So that no id is one by chance.
        asked = [
            ask(campaign, number, id=770_000 + number, attributes={"account": f"ACC-{number}"})
            for number in range(1, 13)
        ]
        for place, (_invitation, token) in enumerate(asked):
            now = NOW + timedelta(minutes=place, seconds=7, microseconds=4711)
            send(token, {"q1": ["3"]}, action=SAVE, now=now)
            if place < 6:
                send(token, ANSWERS, revision=1, now=now)
        named: set[str] = set()
        for invitation, token in asked:
            contact = invitation.contact
            assert contact is not None
            named |= {
                *(str(invitation.id), token, hash_of(token), contact.email, contact.name),
                *(
                    str(contact.external_id),
                    f"contact-{contact.id}",
                    invitation.attributes["account"],
                ),
            }
        assert unseal(campaign.id, NOW + timedelta(days=2), app.config["SETTINGS"].zone) == 6
        send(asked[6][1], ANSWERS, revision=1)
        kept = all_rows("response", "sealed_response", "anonymous_draft")
        assert [len(rows) for rows in kept.values()].count(0) == 0
        text = json.dumps(kept, default=str)
        assert [name for name in named if name in text] == []
        assert "4711" not in text
        assert {one["stored_at"] for one in kept["response"]} == {NOW + timedelta(days=2)}
        assert {one["invitation_id"] for one in kept["response"]} == {None}
        # And nothing in the invitations leads there.
        theirs = {one["source_id"] for one in kept["response"]} | {
            *(one["customer"] for one in kept["response"]),
            *(one["id"] for one in kept["sealed_response"]),
            *(one["key"] for one in kept["anonymous_draft"]),
        }
        assert len(theirs) == 6 + 6 + 1 + 5
        others = json.dumps(
            {name: rows for name, rows in all_rows().items() if name not in kept}, default=str
        )
        assert [one for one in theirs if one in others] == []


@pytest.mark.parametrize("mode", [CONFIDENTIAL, ANONYMOUS])
def test_nothing_that_is_shown_or_downloaded_names_the_person(app: Flask, mode: str) -> None:
    with app.app_context():
        make_workplace()
        campaign = start_campaign(mode, closes_at=CLOSES)
        invitation, token = ask(
            campaign, 990_001, id=880_001, attributes={"account": "ACC-777"}, language="en"
        )
        contact = invitation.contact
        assert contact is not None
        # Written out before what is asked: none of this may be met.
        never = [
            *("Zelda", "person990001@asked.example", "EXT-990001", "ACC-777"),
            *(f"contact-{contact.id}", str(invitation.id), token, hash_of(token)),
        ]
        send(token, ANSWERS)
        unseal(campaign.id, CLOSES + timedelta(seconds=1), app.config["SETTINGS"].zone)
        response_id = db.session.query(Response).one().id
        add_user("manager", "manager.company@example.org")
        let_see("manager.company@example.org", "company")
        db.session.commit()
    machine = add_machine(app, role="admin", sees="company")
    manager = sign_in(app, "manager.company@example.org")
    page = "/answers/visit_feedback"
    answers = [
        machine.get("/responses"),
        machine.get(f"/responses/{response_id}"),
        manager.get("/respond/files"),
        manager.get("/answers/"),
        manager.get(page),
        manager.get(f"{page}/file"),
        manager.post(f"{page}/file", data={"named": "1", "texts": "1"}),
        manager.post(f"{page}/file", data={"named": "1", "shape": "long"}),
        app.test_client().get(f"/r/{token}"),
    ]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert answers[0].json is not None
    assert answers[0].json["items"][0]["customer"].startswith("person-")
    assert "person-" in answers[6].get_data(as_text=True)
    for place, answer in enumerate(answers):
        text = answer.get_data(as_text=True)
        assert [name for name in never if name in text] == [], (place, text)
    with app.app_context():
        kept = json.dumps(all_rows(AuditEntry.__tablename__), default=str)
        assert [name for name in never if name in kept] == []


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (IDENTIFIED, "can tell whose they are"),
        (CONFIDENTIAL, "are not shown whose they are"),
        (ANONYMOUS, "kept nowhere which answers are yours"),
    ],
)
def test_a_page_says_truly_who_learns_whose_answers_they_are(
    app: Flask, mode: str, told: str
) -> None:
    with app.app_context():
        version = add_version()
        tokens = {
            one: ask(start_campaign(one, version), number)[1] for number, one in enumerate(MODES)
        }
        db.session.commit()
    client = app.test_client()
    # All of them first: what is kept of one is not given to another.
    for token in tokens.values():
        client.get(f"/r/{token}")
    assert told in client.get(f"/r/{tokens[mode]}").text
    saved = client.post(f"/r/{tokens[mode]}", data={"_go": "save", "q1": "4", "_page": ""})
    assert ("same e-mail" in saved.text) is (mode == ANONYMOUS)
    client.post(f"/r/{tokens[mode]}", data={"q1": "4", "_page": "", "_revision": "1"})
    received = client.get(f"/r/{tokens[mode]}").text
    assert ("nobody can tell which are yours" in received) is (mode == ANONYMOUS)


def test_an_anonymous_draft_goes_on_over_pages(app: Flask) -> None:
    with app.app_context():
        campaign = start_campaign(ANONYMOUS, add_version(definition(paging="sections")))
        _, token = ask(campaign, 1)
        first = {"q1": ["4"]}
        moved = send(token, first, page="visit", action="next")
        assert isinstance(moved, Moved)
        assert moved.page == "more"
        assert isinstance(send(token, {"q4": ["3"]}, page="more", revision=1), Stored)
        kept = db.session.query(SealedResponse).one()
        assert (kept.answers["q1"], kept.answers["q4"]) == ({"value": 4}, {"value": 3})
        assert counts() == (0, 1, 0, 0)
        assert db.session.query(Campaign).one().id == kept.campaign_id
